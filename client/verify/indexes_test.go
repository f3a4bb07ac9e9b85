package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/client/verify"
	"weir/client/verify/refusal"
	"weir/ledger/proof"
	"weir/ledger/tree"
	"weir/stream/access"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/index"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// Indexes of newIndexed: by v, by v descending, one that is being filled, and one by v of 1027.
const (
	byV, byVDown, filling, ofOther = 1040, 1041, 1042, 1043
)

func indexDef(id, of uint32, desc bool) *catalog.Index {
	return &catalog.Index{
		ID: id, Of: of, Name: fmt.Sprint("i", id), SQL: "CREATE INDEX",
		Columns: []catalog.IndexColumn{{Column: 1, Desc: desc, NullsFirst: desc}},
	}
}

// newIndexed is a world whose relations have v0 to v6 in column v, with indexes.
func newIndexed(t testing.TB, rows int64) *world {
	t.Helper()
	w := newWorld(t, 0)
	entries := map[uint32][]tree.Change{} // by unit's id
	var all []tree.Change
	for i := range rows {
		vals := []value.Datum{value.NewInt8(i), value.NewText(fmt.Sprint("v", i%7))}
		key := row.AppendKeyDatums(nil, vals[:1])
		entry := row.AppendEntryDatums(nil, uint64(1+i%2), vals)
		all = append(all, tree.Change{Key: key, Value: entry})
		for _, x := range indexDefs() {
			entries[x.ID] = append(entries[x.ID], tree.Change{
				Key: index.AppendKeyDatums(nil, x, vals, key), Value: entry,
			})
		}
	}
	for _, id := range []uint32{1024, 1025, 1027} {
		w.put(t, verify.RelationUnit(id), all)
	}
	var leaves []tree.Change
	for _, x := range indexDefs() {
		leaves = append(leaves, tree.Change{
			Key: verify.CatalogKey(x.ID, verify.LeafIndex), Value: catalog.AppendIndex(nil, x),
		})
		if x.ID == filling {
			leaves = append(leaves, tree.Change{
				Key:   verify.CatalogKey(x.ID, verify.LeafIndexFill),
				Value: catalog.AppendIndexFill(nil, all[0].Key),
			})
		}
		sortChanges(entries[x.ID])
		w.put(t, verify.IndexUnit(x.ID), entries[x.ID])
	}
	w.put(t, verify.CatalogUnit(), leaves)
	return w
}

func indexDefs() []*catalog.Index {
	return []*catalog.Index{
		indexDef(byV, 1024, false), indexDef(byVDown, 1024, true), indexDef(filling, 1024, false),
		indexDef(ofOther, 1027, false),
	}
}

// where is SELECT * FROM 1024 WHERE v = text AND v >= from, without what is empty.
func where(text, from string) []byte {
	var n plan.Node = &plan.Scan{
		Relation: 1024, Version: 1, Columns: []int{0, 1}, Key: []int{0}, Stored: true,
		Fields: []plan.Field{{Name: "k", Type: int8Type}, {Name: "v", Type: textType}},
	}
	for _, c := range [][2]string{{"eq", text}, {"ge", from}} {
		if c[1] == "" {
			continue
		}
		n = &plan.Filter{Input: n, Pred: &expr.Call{
			Fn: expr.Func(c[0] + "(text,text)"), T: value.Of(value.Bool), Args: []expr.Expr{
				expr.Column{Index: 1, T: textType}, expr.Const{D: value.NewText(c[1]), T: textType},
			},
		}}
	}
	return plan.Encode(n)
}

// through proves a plan over 1024 with every range through one index.
func (w *world) through(t testing.TB, id uint32, p []byte) *verify.Evidence {
	t.Helper()
	e := w.evidence(t, 1024, -1)
	e.Plan, e.Ranges = p, nil
	w.list(t, e, id)
	n, err := plan.Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range access.Of(n) {
		path := a.By(indexDefs()[id-byV])
		b, err := w.units[verify.IndexUnit(id)].ProveRange(path.Lo, path.Hi)
		if err != nil {
			t.Fatal(err)
		}
		e.Ranges, e.Through = append(e.Ranges, b), append(e.Through, id)
	}
	return e
}

// list proves the units and the definitions of indexes.
func (w *world) list(t testing.TB, e *verify.Evidence, ids ...uint32) {
	t.Helper()
	e.Indexes = nil
	units := []proof.Unit{verify.CatalogUnit(), verify.RelationUnit(1024)}
	for _, id := range ids {
		lo, hi := verify.IndexRange(id)
		b, err := w.units[verify.CatalogUnit()].ProveRange(lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		e.Indexes = append(e.Indexes, verify.Index{ID: id, Catalog: b})
		units = append(units, verify.IndexUnit(id))
	}
	var err error
	if e.Units, err = w.top.ProveUnits(units...); err != nil {
		t.Fatal(err)
	}
}

func TestThroughIndex(t *testing.T) {
	w := newIndexed(t, 210)
	for _, c := range []struct {
		id         uint32
		text, from string
		rows       int
	}{
		{byV, "v3", "", 45},
		{byVDown, "v3", "", 45},
		{byV, "", "v5", 90},
		{byVDown, "", "v5", 90},
		{byV, "none", "", 0},
		{byVDown, "", "", 315},
	} {
		file := build(t, w.through(t, c.id, where(c.text, c.from)))
		rep, err := verify.Verify(file, w.root, opts)
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Answer.Rows) != c.rows || len(rep.Indexes) != 1 || rep.Indexes[0].ID != c.id {
			t.Errorf("%+v: %d rows through %v", c, len(rep.Answer.Rows), rep.Indexes)
		}
		e, err := verify.Decode(file)
		if err != nil || !bytes.Equal(build(t, e), file) {
			t.Errorf("codec: %v", err)
		}
	}
}

// A range through an index and one of the relation overlap: a row counts once.
func TestIndexBesideRows(t *testing.T) {
	w := newIndexed(t, 70)
	side := func(p []byte) plan.Node {
		n, err := plan.Decode(p)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	two := plan.Encode(&plan.UnionAll{Inputs: []plan.Node{
		side(where("v3", "")), side(where("", "")), side(where("v3", "")),
	}})
	e := w.through(t, byV, where("v3", ""))
	whole := w.evidence(t, 1024, -1).Ranges[0]
	e.Plan, e.Ranges, e.Through = two, append(e.Ranges, whole), append(e.Through, 0)
	rep, err := verify.Verify(build(t, e), w.root, opts)
	if err != nil || len(rep.Answer.Rows) != 105+2*15 {
		t.Errorf("%v, %v", rep, err)
	}
}

// attacksOnIndexes are lies about the rows with v = 'v3', which byV proves.
func attacksOnIndexes() map[string]attack {
	return map[string]attack{
		"index of another relation": {func(t testing.TB, w *world, e *evidence) {
			*e = *w.through(t, ofOther, where("v3", ""))
		}, refusal.Catalog},
		"index that is being filled": {func(t testing.TB, w *world, e *evidence) {
			*e = *w.through(t, filling, where("v3", ""))
		}, refusal.State},
		"fill left out": {func(t testing.TB, w *world, e *evidence) {
			*e = *w.through(t, filling, where("v3", ""))
			lo := verify.CatalogKey(filling, verify.LeafIndex)
			b, err := w.units[verify.CatalogUnit()].ProveRange(lo, append(bytes.Clone(lo), 0))
			if err != nil {
				t.Fatal(err)
			}
			e.Indexes[0].Catalog = b
		}, refusal.Catalog},
		"entries of another index": {func(t testing.TB, w *world, e *evidence) {
			e.Ranges = w.through(t, byVDown, where("v3", "")).Ranges
		}, refusal.Incomplete},
		"rows of the relation as an index": {func(t testing.TB, w *world, e *evidence) {
			e.Ranges = w.evidence(t, 1024, -1).Ranges
		}, refusal.Incomplete},
		"definition of another index": {func(t testing.TB, w *world, e *evidence) {
			e.Indexes[0].Catalog = w.through(t, byVDown, where("v3", "")).Indexes[0].Catalog
		}, refusal.Catalog},
		"index that is not listed": {func(_ testing.TB, _ *world, e *evidence) {
			e.Through[0] = byVDown
		}, refusal.Catalog},
		"index that is not needed": {func(t testing.TB, w *world, e *evidence) {
			w.list(t, e, byV, byVDown)
		}, refusal.Malformed},
		"index without a root": {func(t testing.TB, w *world, e *evidence) {
			e.Units = w.evidence(t, 1024, 5).Units
		}, refusal.Proof},
		"dropped index": {func(t testing.TB, w *world, e *evidence) {
			w.put(t, verify.CatalogUnit(), []tree.Change{{Key: verify.CatalogKey(byV, 5)}})
			*e = *w.through(t, byV, where("v3", ""))
		}, refusal.Catalog},
	}
}

// attacksOnEntries are more of them, about what an index has.
func attacksOnEntries() map[string]attack {
	return map[string]attack{
		"missing row": {func(t testing.TB, w *world, e *evidence) {
			x := w.units[verify.IndexUnit(byV)]
			lo, hi := index.Bounds(indexDef(byV, 1024, false), [][]byte{
				row.AppendKeyDatum(nil, value.NewText("v3")),
			}, nil, nil)
			var first []byte
			x.Scan(lo, hi, func(k, _ []byte) bool { first = bytes.Clone(k); return false })
			less, err := x.Apply([]tree.Change{{Key: first}})
			if err != nil {
				t.Fatal(err)
			}
			less.Root()
			if e.Ranges[0], err = less.ProveRange(lo, hi); err != nil {
				t.Fatal(err)
			}
		}, refusal.Incomplete},
		"narrower range": {func(t testing.TB, w *world, e *evidence) {
			e.Plan = where("", "v3")
		}, refusal.Incomplete},
		"range of another value": {func(t testing.TB, w *world, e *evidence) {
			e.Plan = where("v4", "")
		}, refusal.Incomplete},
		"stale index": {func(t testing.TB, w *world, e *evidence) {
			extra := []value.Datum{value.NewInt8(1000), value.NewText("v3")}
			key := row.AppendKeyDatums(nil, extra[:1])
			w.put(t, verify.IndexUnit(byV), []tree.Change{{
				Key:   index.AppendKeyDatums(nil, indexDef(byV, 1024, false), extra, key),
				Value: row.AppendEntryDatums(nil, 1, extra),
			}})
			e.Chain.Final = w.header(101, 4) // the state went on, the proofs did not
			old := e.Ranges
			*e = *w.through(t, byV, where("v3", ""))
			e.Ranges = old
		}, refusal.Incomplete},
		"stale height": {func(t testing.TB, w *world, e *evidence) {
			w.put(t, verify.IndexUnit(byV), []tree.Change{{Key: []byte{0x10, 1}, Value: []byte{1}}})
			e.Chain.Final = w.header(101, 4)
		}, refusal.Proof},
		"row at another's place": {func(t testing.TB, w *world, e *evidence) {
			x, vals := indexDef(byV, 1024, false), []value.Datum{value.NewInt8(3), value.NewText("v3")}
			w.put(t, verify.IndexUnit(byV), []tree.Change{{
				Key:   index.AppendKeyDatums(nil, x, vals, row.AppendKeyDatums(nil, vals[:1])),
				Value: row.AppendEntryDatums(nil, 1, []value.Datum{vals[0], value.NewText("v4")}),
			}})
			*e = *w.through(t, byV, where("v3", ""))
		}, refusal.Row},
		"extra range": {func(_ testing.TB, _ *world, e *evidence) {
			e.Ranges, e.Through = append(e.Ranges, e.Ranges[0]), append(e.Through, byV)
		}, refusal.Malformed},
		"no range": {func(_ testing.TB, _ *world, e *evidence) {
			e.Ranges, e.Through = nil, nil
		}, refusal.Incomplete},
	}
}

func TestAttacksOnIndexes(t *testing.T) {
	all := attacksOnIndexes()
	maps.Copy(all, attacksOnEntries())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			w := newIndexed(t, 70)
			e := w.through(t, byV, where("v3", ""))
			c.forge(t, w, e)
			_, err := verify.Verify(build(t, e), w.root, opts)
			wantCode(t, err, c.want)
		})
	}
}

// TestIndexMutations flips every byte of a file that goes through an index.
func TestIndexMutations(t *testing.T) {
	w := newIndexed(t, 35)
	file := build(t, w.through(t, byV, where("v3", "")))
	honest, err := verify.Verify(file, w.root, opts)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(13, 0))
	for i := range file {
		m := bytes.Clone(file)
		m[i] ^= 1 << rng.IntN(8)
		rep, err := verify.Verify(m, w.root, opts)
		if refusal.CodeOf(err) == refusal.Panic || err == nil && answer(rep) != answer(honest) {
			t.Errorf("byte %d: %v", i, err)
		}
		if e, err := verify.Decode(m); err == nil && !bytes.Equal(build(t, e), m) {
			t.Errorf("byte %d: a second encoding decodes", i)
		}
	}
}

// TestIndexFormat: a file without indexes has format 0, and says of each range where it lies.
func TestIndexFormat(t *testing.T) {
	w := newIndexed(t, 7)
	e := w.through(t, byV, where("v3", ""))
	e.Through = nil
	_, err := verify.Build(e)
	wantCode(t, err, refusal.Malformed)
	file := build(t, w.evidence(t, 1024, 5))
	if file[8] != verify.FormatVersion {
		t.Errorf("format %d", file[8])
	}
	// The same file as one with no index among its indexes.
	plain := w.evidence(t, 1024, 5).Ranges[0]
	at := bytes.Index(file, plain) - 4 - 2
	none := slices.Concat(file[:at], []byte{0, 0}, file[at:at+2], []byte{0, 0, 0, 0}, file[at+2:])
	none[8] = verify.FormatIndexes
	_, err = verify.Decode(none)
	wantCode(t, err, refusal.Malformed)
	file[8] = verify.FormatIndexes + 1
	_, err = verify.Decode(file)
	wantCode(t, err, refusal.Version)
	for over := range 2 {
		e := w.evidence(t, 1024, 5)
		e.Through = []uint32{0}
		for i := range verify.MaxIndexes + over {
			e.Indexes = append(e.Indexes, verify.Index{ID: uint32(i)})
		}
		_, err := verify.Build(e)
		wantCode(t, err, map[int]refusal.Code{1: refusal.TooLarge}[over])
	}
}
