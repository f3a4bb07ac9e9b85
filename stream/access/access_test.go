package access_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/access"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

var (
	int4  = value.Type{Kind: value.Int4}
	text  = value.Type{Kind: value.Text}
	types = []value.Type{int4, text, int4}
)

func scan(key ...int) *plan.Scan {
	return &plan.Scan{
		Relation: 1024, Columns: []int{0, 1, 2}, Key: key, Stored: true,
		Fields: []plan.Field{
			{Name: "a", Type: int4}, {Name: "b", Type: text}, {Name: "c", Type: int4},
		},
	}
}

func drawDatum(t *rapid.T, k value.Kind) value.Datum {
	switch {
	case rapid.IntRange(0, 9).Draw(t, "null") == 0:
		return value.Datum{}
	case k == value.Text:
		s := rapid.SampledFrom([]string{"", "a", "a\xC3\xBF", "b"}).Draw(t, "s")
		return value.Datum{Kind: k, S: s}
	}
	return value.Datum{Kind: k, I: rapid.Int64Range(-2, 2).Draw(t, "i")}
}

var ops = []string{"eq", "lt", "le", "gt", "ge", "ne"}

// drawConjunct compares a column with a constant, either way round.
func drawConjunct(t *rapid.T) expr.Expr {
	c := rapid.IntRange(0, 2).Draw(t, "column")
	args := []expr.Expr{
		expr.Column{Index: c, T: types[c]},
		expr.Const{D: drawDatum(t, types[c].Kind), T: types[c]},
	}
	if rapid.Bool().Draw(t, "swap") {
		args[0], args[1] = args[1], args[0]
	}
	op := rapid.SampledFrom(ops).Draw(t, "op")
	return &expr.Call{Fn: expr.Func(op + "(k,k)"), Args: args, T: value.Type{Kind: value.Bool}}
}

// holds is a naive reading of such a conjunct.
func holds(e expr.Expr, r []value.Datum) bool {
	if and, ok := e.(*expr.And); ok {
		for _, a := range and.Args {
			if !holds(a, r) {
				return false
			}
		}
		return true
	}
	c := e.(*expr.Call)
	var d [2]value.Datum
	for i, a := range c.Args {
		if col, ok := a.(expr.Column); ok {
			d[i] = r[col.Index]
		} else {
			d[i] = a.(expr.Const).D
		}
		if d[i].IsNull() {
			return false
		}
	}
	cmp := value.Compare(d[0], d[1])
	switch string(c.Fn[:2]) {
	case "eq":
		return cmp == 0
	case "ne":
		return cmp != 0
	case "lt":
		return cmp < 0
	case "le":
		return cmp <= 0
	case "gt":
		return cmp > 0
	}
	return cmp >= 0
}

// TestSound: every row that passes the filters lies in the range; a point range holds no other.
func TestSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scan(rapid.SampledFrom([][]int{{0}, {0, 1}, {1, 0}, {2, 1, 0}, nil}).Draw(t, "key")...)
		pred := &expr.And{Args: rapid.SliceOfN(rapid.Custom(drawConjunct), 1, 5).Draw(t, "and")}
		all := access.Of(&plan.Filter{Input: s, Pred: pred})
		if len(all) != 1 || all[0].Scan != s {
			t.Fatal("one scan expected")
		}
		a := all[0]
		if bytes.Compare(a.Lo, a.Hi) > 0 || a.Lo[0] != row.KeyTag ||
			bytes.Compare(a.Hi, []byte{0x11}) > 0 {
			t.Fatalf("range %x..%x", a.Lo, a.Hi)
		}
		for range 20 {
			r := make([]value.Datum, 3)
			for i := range r {
				r[i] = drawDatum(t, types[i].Kind)
			}
			var key []value.Datum
			for _, k := range s.Key {
				key = append(key, r[k])
			}
			k := row.AppendKeyDatums(nil, key)
			inside := bytes.Compare(a.Lo, k) <= 0 && bytes.Compare(k, a.Hi) < 0
			if holds(pred, r) && !inside {
				t.Fatalf("row %v passes but lies outside %x..%x", r, a.Lo, a.Hi)
			}
		}
	})
}

// TestRanges shows exact ranges of typical plans.
func TestRanges(t *testing.T) {
	con := func(i int64) expr.Expr {
		return expr.Const{D: value.Datum{Kind: value.Int4, I: i}, T: int4}
	}
	cmp := func(op string, c int, v int64) expr.Expr {
		return &expr.Call{Fn: expr.Func(op + "(int4,int4)"), Args: []expr.Expr{
			expr.Column{Index: c, T: int4}, con(v),
		}, T: value.Type{Kind: value.Bool}}
	}
	fails := &expr.Call{Fn: "div(int4,int4)", Args: []expr.Expr{con(1), con(0)}, T: int4}
	failing := &expr.Call{Fn: "eq(int4,int4)", Args: []expr.Expr{fails, con(1)}}
	key := func(v ...int64) []byte {
		var ds []value.Datum
		for _, i := range v {
			ds = append(ds, value.Datum{Kind: value.Int4, I: i})
		}
		return row.AppendKeyDatums(nil, ds)
	}
	whole := [2][]byte{{0x10}, {0x11}}
	and := func(args ...expr.Expr) expr.Expr { return &expr.And{Args: args} }
	for name, c := range map[string]struct {
		pred expr.Expr
		key  []int
		want [2][]byte
	}{
		"point":  {cmp("eq", 0, 5), []int{0}, [2][]byte{key(5), key(6)}},
		"prefix": {cmp("eq", 0, 5), []int{0, 2}, [2][]byte{key(5), key(6)}},
		"prefix, range": {
			and(cmp("eq", 0, 5), cmp("ge", 2, 1), cmp("lt", 2, 9)),
			[]int{0, 2},
			[2][]byte{key(5, 1), key(5, 9)},
		},
		"contradiction": {and(cmp("gt", 0, 9), cmp("lt", 0, 1)), []int{0}, [2][]byte{key(10), key(10)}},
		"not a prefix":  {cmp("eq", 2, 5), []int{0, 2}, whole},
		"no key":        {cmp("eq", 0, 5), nil, whole},
		"after failing": {and(failing, cmp("eq", 0, 5)), []int{0}, whole},
		"failing after": {and(cmp("eq", 0, 5), failing), []int{0}, [2][]byte{key(5), key(6)}},
		"or":            {&expr.Or{Args: []expr.Expr{cmp("eq", 0, 5), cmp("eq", 0, 6)}}, []int{0}, whole},
	} {
		a := access.Of(&plan.Filter{Input: scan(c.key...), Pred: c.pred})[0]
		if !bytes.Equal(a.Lo, c.want[0]) || !bytes.Equal(a.Hi, c.want[1]) {
			t.Errorf("%s: %x..%x, want %x..%x", name, a.Lo, a.Hi, c.want[0], c.want[1])
		}
	}
	// Through a projection, and not through an aggregate; both sides of a join.
	p := &plan.Project{
		Input: scan(0), Exprs: []expr.Expr{con(1), expr.Column{Index: 0, T: int4}},
		Names: []string{"x", "a"},
	}
	f := &plan.Filter{Input: p, Pred: cmp("eq", 1, 5)}
	g := &plan.Filter{
		Input: &plan.Aggregate{Input: scan(0), GroupBy: []int{0}, Names: []string{"a"}},
		Pred:  cmp("eq", 0, 5),
	}
	list := access.Of(&plan.Join{Left: f, Right: g, LeftKeys: []int{1}, RightKeys: []int{0}})
	if len(list) != 2 || !bytes.Equal(list[0].Lo, key(5)) || !bytes.Equal(list[1].Lo, whole[0]) {
		t.Errorf("join: %d accesses", len(list))
	}
	if log := (&plan.Scan{}); len(access.Of(log)) != 0 {
		t.Error("a log has an access")
	}
}
