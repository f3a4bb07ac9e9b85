package streamtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/compile"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// joinHistories draws histories over one view that pairs two inputs.
func joinHistories() *rapid.Generator[history] {
	return rapid.Custom(func(t *rapid.T) history {
		p := planner{t: t, joins: maxJoins - 1}
		n := p.pairing(rapid.IntRange(1, 3).Draw(t, "depth"))
		return history{views: []view{newView(0, n)}, steps: drawSteps(t)}
	})
}

// TestJoinsEqualOracle is TestIncrementalEqualsOracle with a join, an as-of join or a set
// operation at the root of every plan.
func TestJoinsEqualOracle(t *testing.T) {
	check(t, 20, func(t *rapid.T) {
		h := joinHistories().Draw(t, "history")
		if err := plan.Check(h.views[0].plan); err != nil {
			t.Fatalf("drawn plan is malformed: %v", err)
		}
		if err := run(h); err != nil {
			t.Fatal(err)
		}
	})
}

// contract checks what an operator promises with its marks: it never moves one back, and never
// puts out a row below one that it gave before.
type contract struct {
	operator.Operator
	last *[]int64
	bad  *error
}

// Step implements operator.Operator.
func (c contract) Step(ctx *operator.Context, in []operator.Delta) operator.Delta {
	out := c.Operator.Step(ctx, in)
	for k, w := range *c.last {
		if out.Marks != nil && out.Marks[k] < w {
			*c.bad = fmt.Errorf("%s moves mark %d back", c.Name(), k)
		}
		for i := 0; w != window.None && i < out.Len(); i++ {
			if v := out.Rows.Cols[k]; !v.IsNull(i) && v.Ints[i] < w {
				*c.bad = fmt.Errorf("%s changes a row below mark %d, %d < %d", c.Name(), k,
					v.Ints[i], w)
			}
		}
	}
	if out.Marks != nil {
		*c.last = out.Marks
	}
	return out
}

func unaltered(n plan.Node) plan.Node { return n }

// TestMarksHold runs random plans with every operator's marks watched, and compares them with
// what the planner says of the root.
func TestMarksHold(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		h := joinHistories().Draw(t, "history")
		var bad error
		err := runCircuits(h, bug{plant: func(op operator.Operator) operator.Operator {
			last := new([]int64)
			return contract{op, last, &bad}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if bad != nil {
			t.Fatal(bad)
		}
		p, err := compile.Compile(h.views[0].plan)
		must(err)
		out, _ := p.Circuit.Step(&operator.Context{Errors: operator.NewErrors()},
			func(id uint32) operator.Delta {
				return baseDeltas(newWorld(nil), step{mark: second})[id]
			})
		root := out.Marks
		emits := false // of what it holds back, only the window end carries a mark
		plan.Walk(h.views[0].plan, func(n plan.Node) {
			_, ok := n.(*plan.EmitOnClose)
			emits = emits || ok
		})
		for c, frozen := range plan.Derive(h.views[0].plan).Frozen {
			got := root != nil && root[c] != window.None
			if got && !frozen || frozen && !got && !emits {
				t.Fatalf("column %d: mark %v, frozen %v\n%s", c, got, frozen, plan.Print(h.views[0].plan))
			}
		}
	})
}

// selfJoin joins events with themselves on k, within a band of ten seconds.
func selfJoin(kind plan.JoinKind, keys bool) *plan.Join {
	n := &plan.Join{
		Left: scan(events), Right: scan(events), Kind: kind,
		Band: &plan.Band{Left: 0, Right: 0, Low: -4 * second, High: 6 * second},
	}
	if keys {
		n.LeftKeys, n.RightKeys = []int{1}, []int{1}
	}
	return n
}

// TestStateStaysFlat runs streams without an end: every join with a bound in time keeps only
// what its bound needs.
func TestStateStaysFlat(t *testing.T) {
	plans := map[string]plan.Node{
		"equal times": &plan.Join{
			Left: scan(events), Right: scan(events), Kind: plan.FullJoin,
			LeftKeys: []int{0, 1}, RightKeys: []int{0, 1},
		},
		"half": &plan.Join{
			Left: scan(events), Right: scan(events), Kind: plan.AntiJoin,
			LeftKeys: []int{1, 0}, RightKeys: []int{1, 0},
		},
		"except": &plan.SetOp{Left: scan(events), Right: scan(events), Except: true},
	}
	for kind := plan.InnerJoin; kind <= plan.AntiJoin; kind++ {
		plans[fmt.Sprint("band ", kind)] = selfJoin(kind, true)
		plans[fmt.Sprint("band without keys ", kind)] = selfJoin(kind, false)
	}
	for op := plan.AsofGE; op <= plan.AsofLT; op++ {
		plans[fmt.Sprint("asof ", op)] = &plan.Asof{
			Left: scan(events), Right: scan(events), LeftKeys: []int{1}, RightKeys: []int{1},
			Op: op, Outer: true,
		}
	}
	for name, n := range plans {
		t.Run(name, func(t *testing.T) {
			p, err := compile.Compile(n)
			must(err)
			most, early := 0, 0
			for i := range int64(400) {
				w := newWorld(nil)
				s := step{mark: (i - 2) * second, txs: []transaction{{events, nil}}}
				for _, k := range []string{"a", "b", "c"} {
					for v := range int64(2) {
						s.txs[0].rows = append(s.txs[0].rows, event(2*i+v, i, k, v))
					}
				}
				deltas := baseDeltas(w, s)
				ctx := &operator.Context{Errors: operator.NewErrors()}
				p.Circuit.Step(ctx, func(id uint32) operator.Delta { return deltas[id] })
				p.Circuit.Accept()
				entries := 0
				for _, st := range p.Circuit.States() {
					n, _ := st.Size()
					entries += n
				}
				if most = max(most, entries); i == 100 {
					early = most
				}
			}
			if most > early || early == 0 {
				t.Errorf("state grows from %d entries to %d", early, most)
			}
		})
	}
}

// loses plants a bug in the counts of matches: of two it makes one.
type loses struct{ operator.Operator }

// Step implements operator.Operator.
func (l loses) Step(ctx *operator.Context, in []operator.Delta) operator.Delta {
	out := l.Operator.Step(ctx, in)
	run := l.States()[0].(*state.Runs)
	var changes []state.Change
	run.Version().Scan(nil, nil, func(key, val []byte) bool {
		w, n := binary.Varint(val)
		if m, _ := binary.Varint(val[n:]); m == 2 {
			v := binary.AppendVarint(binary.AppendVarint(nil, w), 1)
			changes = append(changes, state.Change{Key: key, Value: v})
		}
		return true
	})
	run.Apply(changes)
	return out
}

// keepsNulls drops retractions of rows that end in NULL.
func keepsNulls(d operator.Delta) operator.Delta {
	if d.Rows == nil {
		return d
	}
	last := d.Rows.Cols[len(d.Rows.Cols)-1]
	var sel []int32
	for i := range d.Rows.Len {
		if d.Rows.Weight(i) > 0 || !last.IsNull(i) {
			sel = append(sel, int32(i))
		}
	}
	if d.Rows = d.Rows.Select(sel); d.Rows.Len == 0 {
		d.Rows = nil
	}
	return d
}

// moveBands changes the bands of a plan.
func moveBands(low, high int64) func(plan.Node) plan.Node {
	var move func(n plan.Node) plan.Node
	move = func(n plan.Node) plan.Node {
		var kids []plan.Node
		for _, c := range n.Children() {
			kids = append(kids, move(c))
		}
		if len(kids) > 0 {
			n = n.With(kids)
		}
		if j, ok := n.(*plan.Join); ok && j.Band != nil {
			b := *j.Band
			if b.Low != plan.NoLow {
				b.Low += low
			}
			if b.High != plan.NoHigh {
				b.High += high
			}
			c := *j
			c.Band = &b
			return &c
		}
		return n
	}
	return move
}

// TestJoinMutantsAreCaught plants bugs that joins could have.
func TestJoinMutantsAreCaught(t *testing.T) {
	honest := func(op operator.Operator) operator.Operator { return op }
	on := func(kinds []string, wrap func(operator.Operator) operator.Operator,
	) func(operator.Operator) operator.Operator {
		return func(op operator.Operator) operator.Operator {
			for _, k := range kinds {
				if op.Name() == k {
					return wrap(op)
				}
			}
			return op
		}
	}
	changed := func(m mutant) func(operator.Operator) operator.Operator {
		return func(op operator.Operator) operator.Operator {
			m.Operator = op
			return m
		}
	}
	never := func(kind string) func(operator.Operator) operator.Operator {
		return on([]string{kind}, changed(mutant{out: positive}))
	}
	early := mutant{in: func(in []operator.Delta) []operator.Delta {
		out := append([]operator.Delta(nil), in...)
		for i := range out {
			out[i].Marks = shift(out[i].Marks, 60*second)
		}
		return out
	}}
	mutants := map[string]struct {
		alter func(plan.Node) plan.Node
		plant func(operator.Operator) operator.Operator
	}{
		"a NULL row is not retracted": {
			unaltered, on([]string{"outer_join", "judged_join"}, changed(mutant{out: keepsNulls})),
		},
		"a count of matches is off by one": {unaltered, on([]string{"judged_join"},
			func(op operator.Operator) operator.Operator { return loses{op} })},
		"a band is too narrow below":         {moveBands(1, 0), honest},
		"a band is too narrow above":         {moveBands(0, -1), honest},
		"half joins never retract":           {unaltered, never("half_join")},
		"set operations never retract":       {unaltered, never("set_operation")},
		"as-of joins never retract":          {unaltered, never("asof_join")},
		"as-of joins free a minute early":    {unaltered, on([]string{"asof_join"}, changed(early))},
		"outer joins free a minute early":    {unaltered, on([]string{"outer_join"}, changed(early))},
		"half joins free a minute early":     {unaltered, on([]string{"half_join"}, changed(early))},
		"judged joins free a minute early":   {unaltered, on([]string{"judged_join"}, changed(early))},
		"set operations free a minute early": {unaltered, on([]string{"set_operation"}, changed(early))},
	}
	gen := joinHistories()
	for name, m := range mutants {
		t.Run(name, func(t *testing.T) {
			for seed := range maxSeeds {
				h := gen.Example(seed)
				if runAltered(h, m.alter, m.plant) == nil {
					continue
				}
				if err := runCircuits(h, bug{plant: honest}); err != nil {
					t.Fatalf("seed %d fails without a bug: %v", seed, err)
				}
				t.Logf("caught by seed %d", seed)
				return
			}
			t.Errorf("survives %d histories", maxSeeds)
		})
	}
}

// TestNullsOfOuterJoins walks a LEFT and a FULL join through first and last matches.
func TestNullsOfOuterJoins(t *testing.T) {
	values := &plan.Values{
		Fields: []plan.Field{{Name: "k", Type: tText}, {Name: "v", Type: tInt}},
		Rows: [][]value.Datum{
			{value.NewText("a"), value.NewInt8(1)},
			{value.NewText("a"), value.NewInt8(0)},
			{value.Datum{}, value.NewInt8(3)},
		},
	}
	for kind := plan.LeftJoin; kind <= plan.AntiJoin; kind++ {
		for _, residual := range []bool{false, true} {
			n := &plan.Join{
				Left: values, Right: scan(names), Kind: kind, LeftKeys: []int{0}, RightKeys: []int{0},
			}
			if residual {
				all := &plan.Join{Left: values, Right: scan(names)}
				n.Residual = fn(">", fn("/", lit(value.NewInt8(10)), col(all, 1)),
					lit(value.NewInt8(2)))
			}
			counts := tableSteps(t, n,
				[]oracle.Row{label("a", "x", 1), label("b", "x", 1)},
				[]oracle.Row{label("a", "x", -1), label("a", "y", 1)},
				[]oracle.Row{label("a", "y", -1)},
				[]oracle.Row{label("b", "x", -1)},
			)
			if want := []int64{1, 1, 0, 0}; residual {
				equal(t, "errors", counts, want)
			}
		}
	}
}

// TestFullJoinOfNullGroups joins two groupings that both have a group NULL: neither of the two
// matches, and both rows stand alone.
func TestFullJoinOfNullGroups(t *testing.T) {
	nulls := func(v int64) plan.Node {
		return agg(&plan.UnionAll{Inputs: []plan.Node{
			&plan.Project{
				Input: scan(names), Names: []string{"k"},
				Exprs: []expr.Expr{expr.Const{T: tText}},
			},
			&plan.Values{
				Fields: []plan.Field{{Name: "k", Type: tText}},
				Rows:   [][]value.Datum{{value.NewText(fmt.Sprint(v))}},
			},
		}}, 0)
	}
	n := &plan.Join{
		Left: nulls(1), Right: nulls(2), Kind: plan.FullJoin,
		LeftKeys: []int{0}, RightKeys: []int{0},
	}
	if plan.Derive(n).Key != nil {
		t.Fatal("a FULL join has a key")
	}
	tableSteps(t, n, []oracle.Row{label("a", "x", 1)}, []oracle.Row{label("b", "x", 1)},
		[]oracle.Row{label("a", "x", -1)})
}

// TestPairLimit judges as many pairs as are allowed, and one more.
func TestPairLimit(t *testing.T) {
	w := newWorld(nil)
	_, err := w.step(step{mark: 0, txs: []transaction{{events, []oracle.Row{
		event(0, 1, "a", 1), event(1, 2, "b", 2), event(2, 3, "c", 3),
	}}}})
	must(err)
	all := &plan.Join{Left: scan(events), Right: scan(events)}
	none := fn("<", col(all, 0), col(all, 0))
	for kind := plan.InnerJoin; kind <= plan.AntiJoin; kind++ {
		n := &plan.Join{Left: all.Left, Right: all.Right, Kind: kind, Residual: none}
		env := w.env()
		for limit, want := range map[int64]error{9: nil, 8: engine.ErrTooManyRows} {
			env.MaxRows = limit
			if _, err := w.eng.Query(n, env); !errors.Is(err, want) {
				t.Errorf("kind %d, limit %d: %v", kind, limit, err)
			}
		}
	}
}

// TestCutsChangeNoJoin is TestCutsChangeNothing for views that pair two inputs.
func TestCutsChangeNoJoin(t *testing.T) {
	check(t, 5, func(t *rapid.T) {
		p := planner{t: t, joins: maxJoins - 1}
		views := []view{newView(0, p.pairing(rapid.IntRange(1, 3).Draw(t, "depth")))}
		ups := drawUploads(t)
		var stored []string
		for i := range 2 {
			w := newWorld(views)
			for _, s := range cutInto(t, fmt.Sprint("cut", i), ups) {
				_, err := w.step(s)
				must(err)
			}
			stored = append(stored, w.bytes(views[0].id)+w.bytes(views[0].errors()))
		}
		if stored[0] != stored[1] {
			t.Fatalf("cuts differ:\n%s\n%s", stored[0], stored[1])
		}
	})
}
