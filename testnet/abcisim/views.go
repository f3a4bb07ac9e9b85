package abcisim

import (
	"fmt"
	"slices"

	"weir/app"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// checkViews compares every live view of the first node with the oracle's recomputation from the
// base relations.
func (s *sim) checkViews() error {
	snap := s.nodes[0].app.Snapshot()
	in := oracle.Input{
		Rows: map[uint32][]oracle.Row{}, Marks: map[uint32][]int64{},
		Env: expr.Env{Now: snap.TimeMicros},
	}
	all, _ := snap.Catalog.InOrder()
	for _, def := range all {
		if def.Kind == catalog.Errors {
			continue
		}
		got, err := contents(snap, def)
		if err != nil {
			return fmt.Errorf("reading %s: %w", def.Name, err)
		}
		if in.Rows[def.ID] = got; def.Log() {
			if in.Rows[def.ID], err = s.remember(snap, def, got); err != nil {
				return err
			}
		}
		if marks := snap.Watermarks(def.ID); len(marks) > 0 {
			in.Marks[def.ID] = oracle.StreamMarks(def, marks...)
		}
		if def.Kind == catalog.History {
			in.Marks[def.ID] = oracle.StreamMarks(def, snap.TimeMicros)
		}
		st, _ := snap.Status(def.ID)
		if def.Kind != catalog.View || st.State != catalog.Live {
			continue
		}
		s.report.Checks++
		n, err := plan.Decode(def.Plan)
		if err != nil {
			return fmt.Errorf("the plan of %s: %w", def.Name, err)
		}
		read := asKnown(n, snap.Catalog, s.complete(def, st, in))
		holed := s.holed(st)
		want := oracle.EvalView(n, def.Key, read)
		in.Marks[def.ID] = want.Marks
		if diff := difference(visible(got), visible(want.Rows)); diff != "" && !holed {
			return fmt.Errorf("view %s differs from the oracle: %s", def.Name, diff)
		}
	}
	return nil
}

// asKnown cuts the rows of each input to the columns of the schema version that a plan knows.
func asKnown(p plan.Node, cat *catalog.Catalog, in oracle.Input) oracle.Input {
	rows := map[uint32][]oracle.Row{}
	plan.Walk(p, func(n plan.Node) {
		scan, ok := n.(*plan.Scan)
		if !ok {
			return
		}
		var keep []int
		for i, c := range cat.ByID(scan.Relation).RowSpace() {
			if c.Since <= scan.Version {
				keep = append(keep, i)
			}
		}
		out := make([]oracle.Row, len(in.Rows[scan.Relation]))
		for i, r := range in.Rows[scan.Relation] {
			out[i].Weight = r.Weight
			for _, c := range keep {
				out[i].Vals = append(out[i].Vals, r.Vals[c])
			}
		}
		rows[scan.Relation] = out
	})
	in.Rows = rows
	return in
}

// contents are the rows of a relation in its row space.
func contents(snap *app.Snapshot, def *catalog.Relation) ([]oracle.Row, error) {
	scan := &plan.Scan{
		Relation: def.ID, Name: def.Name, Version: def.Version, Key: def.Key,
		AppendOnly: def.AppendOnly, Stored: def.Stored(),
	}
	for i, c := range def.RowSpace() {
		scan.Columns = append(scan.Columns, i)
		scan.Fields = append(scan.Fields, plan.Field{Name: c.Name, Type: c.Type})
	}
	res, err := snap.Query(scan)
	if err != nil {
		return nil, err
	}
	var out []oracle.Row
	for _, r := range res.Rows {
		out = append(out, oracle.Row{Vals: slices.Clone(r), Weight: 1})
	}
	return out, nil
}

// visible writes rows so that they can be compared.
func visible(rows []oracle.Row) []string {
	var out []string
	for _, r := range oracle.Consolidate(rows) {
		out = append(out, fmt.Sprintf("%d x %s", r.Weight, printRow(r.Vals)))
	}
	slices.Sort(out)
	return out
}

func printRow(vals []value.Datum) string {
	canonical := row.AppendKeyDatums(nil, vals)
	var text string
	for _, d := range vals {
		if d.IsNull() {
			text += "NULL "
		} else {
			text += string(value.AppendText(nil, d)) + " "
		}
	}
	return fmt.Sprintf("%s[%x]", text, canonical)
}

// difference names the first row that only one side has, "" if there is none.
func difference(got, want []string) string {
	for i := 0; i < len(got) || i < len(want); i++ {
		switch {
		case i >= len(got):
			return "missing " + want[i]
		case i >= len(want):
			return "extra " + got[i]
		case got[i] != want[i]:
			return fmt.Sprintf("has %s, should have %s", got[i], want[i])
		}
	}
	return ""
}

// recut executes the same transactions, each at its block time, cut into other blocks, and
// compares the rows of every view.
func (s *sim) recut() error {
	n := newNode()
	if err := s.open(n); err != nil {
		return err
	}
	height := int64(0)
	run := func(b decided) error {
		height++
		_, _, err := n.execute(height, b)
		return err
	}
	for i := 0; i < len(s.history); i++ {
		b := decided{time: s.history[i].time, txs: slices.Clone(s.history[i].txs)}
		for i+1 < len(s.history) && s.history[i+1].time.Equal(b.time) { // join equal times
			i++
			b.txs = append(b.txs, s.history[i].txs...)
		}
		for len(b.txs) > 1 && s.rng.IntN(2) == 0 { // cut off a front part
			k := 1 + s.rng.IntN(len(b.txs)-1)
			if err := run(decided{time: b.time, txs: b.txs[:k]}); err != nil {
				return fmt.Errorf("cut into other blocks: %w", err)
			}
			b.txs = b.txs[k:]
		}
		if err := run(b); err != nil {
			return fmt.Errorf("cut into other blocks: %w", err)
		}
	}
	return s.sameRows(n.app.Snapshot())
}

// live reports whether a relation answers in both snapshots; a view that one of them is still
// filling, as heights have it, has other rows.
func live(def *catalog.Relation, snaps ...*app.Snapshot) bool {
	id := def.ID
	if def.Kind == catalog.Errors {
		id = def.Of
	}
	for _, s := range snaps {
		if st, ok := s.Status(id); !ok || st.State != catalog.Live {
			return false
		}
	}
	return true
}

// equallyComplete reports whether both snapshots have made a view from the same rows: which of
// them a block has forgotten is a matter of heights. One that is not took what it reads with it.
func equallyComplete(def *catalog.Relation, a, b *app.Snapshot) bool {
	id := sourceOf(def)
	x, _ := a.Status(id)
	y, _ := b.Status(id)
	if !slices.Equal(x.CompleteFrom, y.CompleteFrom) {
		return false
	}
	for _, in := range a.Catalog.ByID(id).Inputs {
		if of := a.Catalog.ByID(in); of.Stored() && !equallyComplete(of, a, b) {
			return false
		}
	}
	return true
}

// sameRows compares every relation that is live with the first node's.
func (s *sim) sameRows(other *app.Snapshot) error {
	snap := s.nodes[0].app.Snapshot()
	for _, def := range snap.Catalog.All() {
		if !def.Stored() {
			continue
		}
		if st, _ := snap.Status(sourceOf(def)); s.holed(st) ||
			!live(def, snap, other) || !equallyComplete(def, snap, other) {
			continue
		}
		a, err := contents(snap, def)
		if err != nil {
			return err
		}
		b, err := contents(other, def)
		if err != nil {
			return err
		}
		if diff := difference(visible(b), visible(a)); diff != "" {
			return fmt.Errorf("%s, cut into other blocks: %s", def.Name, diff)
		}
	}
	return nil
}
