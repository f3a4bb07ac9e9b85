package access_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/access"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/index"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

func drawIndex(t *rapid.T, id uint32) *catalog.Index {
	x := &catalog.Index{ID: id, Of: 1024}
	for range rapid.IntRange(1, 3).Draw(t, "columns") {
		x.Columns = append(x.Columns, catalog.IndexColumn{
			Column: rapid.IntRange(0, 2).Draw(t, "column"),
			Desc:   rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first"),
		})
	}
	return x
}

// isNull is "column IS NULL", which no other conjunct of the test is.
func isNull(c int) expr.Expr {
	return &expr.Call{
		Fn: "is_null(k)", Args: []expr.Expr{expr.Column{Index: c, T: types[c]}},
		T: value.Of(value.Bool),
	}
}

// TestPathsAreSound: a row that passes the filters has its key within the bounds of every index,
// and of the path that is best.
func TestPathsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scan(rapid.SampledFrom([][]int{{0}, {1, 0}, nil}).Draw(t, "key")...)
		and := rapid.SliceOfN(rapid.Custom(drawConjunct), 0, 4).Draw(t, "and")
		null := rapid.IntRange(-3, 2).Draw(t, "null") // below 0: none
		pred := &expr.And{Args: slices.Clone(and)}
		if null >= 0 {
			pred.Args = append(pred.Args, isNull(null))
		}
		a := access.Of(&plan.Filter{Input: s, Pred: pred})[0]
		indexes := []*catalog.Index{drawIndex(t, 1), drawIndex(t, 2)}
		best := a.Best(indexes)
		if best != nil && !slices.Contains(indexes, best) {
			t.Fatal("an index from nowhere")
		}
		for range 20 {
			r := make([]value.Datum, 3)
			for i := range r {
				r[i] = drawDatum(t, types[i].Kind)
			}
			if !holds(&expr.And{Args: and}, r) || null >= 0 && !r[null].IsNull() {
				continue
			}
			own := r
			if len(s.Key) > 0 {
				own = nil
				for _, k := range s.Key {
					own = append(own, r[k])
				}
			}
			key := row.AppendKeyDatums(nil, own)
			for _, x := range indexes {
				p, k := a.By(x), index.AppendKeyDatums(nil, x, r, key)
				if bytes.Compare(k, p.Lo) < 0 || bytes.Compare(k, p.Hi) >= 0 {
					t.Fatalf("row %v passes, its key %x lies outside %x..%x of %+v", r, k, p.Lo, p.Hi,
						x.Columns)
				}
			}
		}
	})
}

// TestBest: equalities first, then bounds; the relation's own key before indexes, older before
// newer ones.
func TestBest(t *testing.T) {
	con := func(op string, c int, v int64) expr.Expr {
		return &expr.Call{Fn: expr.Func(op + "(int4,int4)"), Args: []expr.Expr{
			expr.Column{Index: c, T: int4}, expr.Const{D: value.NewInt4(int32(v)), T: int4},
		}, T: value.Of(value.Bool)}
	}
	on := func(id uint32, columns ...int) *catalog.Index {
		x := &catalog.Index{ID: id, Of: 1024}
		for _, c := range columns {
			x.Columns = append(x.Columns, catalog.IndexColumn{Column: c})
		}
		return x
	}
	c, ca, b := on(1, 2), on(2, 2, 0), on(3, 1)
	all := []*catalog.Index{c, ca, b}
	for name, x := range map[string]struct {
		key  []int
		and  []expr.Expr
		want *catalog.Index
	}{
		"nothing known":      {[]int{0}, []expr.Expr{con("ne", 2, 1)}, nil},
		"equality":           {[]int{0}, []expr.Expr{con("eq", 2, 1)}, c},
		"IS NULL":            {[]int{0}, []expr.Expr{isNull(1)}, b},
		"equality and bound": {[]int{0}, []expr.Expr{con("eq", 2, 1), con("gt", 0, 1)}, ca},
		"bound":              {[]int{0}, []expr.Expr{con("gt", 2, 1)}, c},
		"the key is as good": {[]int{0}, []expr.Expr{con("gt", 0, 1), con("gt", 2, 1)}, nil},
		"two bounds beat one": {
			[]int{0}, []expr.Expr{con("gt", 0, 1), con("gt", 2, 1), con("lt", 2, 9)}, c,
		},
		"the whole key":          {[]int{0}, []expr.Expr{con("eq", 0, 1), con("eq", 2, 1)}, nil},
		"half a key":             {[]int{0, 1}, []expr.Expr{con("eq", 0, 1), con("eq", 2, 1)}, ca},
		"no key, equality":       {nil, []expr.Expr{con("eq", 2, 1)}, c},
		"bound behind a missing": {[]int{0}, []expr.Expr{con("gt", 1, 1)}, nil}, // int4 with text
	} {
		a := access.Of(&plan.Filter{Input: scan(x.key...), Pred: &expr.And{Args: x.and}})[0]
		if got := a.Best(all); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}

// TestPathsOnce: a range is read once, and asked for once.
func TestPathsOnce(t *testing.T) {
	eq := &expr.Call{Fn: "eq(int4,int4)", Args: []expr.Expr{
		expr.Column{Index: 2, T: int4}, expr.Const{D: value.NewInt4(5), T: int4},
	}, T: value.Of(value.Bool)}
	narrow := func() plan.Node { return &plan.Filter{Input: scan(0), Pred: eq} }
	n := &plan.UnionAll{Inputs: []plan.Node{narrow(), scan(0), narrow(), scan(0)}}
	x := &catalog.Index{ID: 1, Of: 1024, Columns: []catalog.IndexColumn{{Column: 2}}}
	asked := 0
	paths, err := access.Paths(access.Of(n), func(a *access.Access) (*catalog.Index, error) {
		asked++
		return a.Best([]*catalog.Index{x}), nil
	})
	if err != nil || asked != 2 || len(paths) != 2 || paths[0].Index != x || !paths[1].Whole() {
		t.Errorf("%d questions, %+v, %v", asked, paths, err)
	}
}
