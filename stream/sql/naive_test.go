package sql_test

import (
	"math/rand/v2"
	"slices"
	"strings"

	"weir/stream/agg"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// naive evaluates plans over given rows in the plainest way there is.
type naive struct {
	rows   map[uint32][][]value.Datum // by relation, over its row space
	now    int64                      // block time
	failed int                        // rows and groups that an error took away
	state  string                     // of the last error
	self   [][]value.Datum            // what Self reads
}

func (v *naive) eval(n plan.Node) [][]value.Datum {
	var in [][]value.Datum
	if c := n.Children(); len(c) > 0 {
		in = v.eval(c[0])
	}
	var out [][]value.Datum
	switch n := n.(type) {
	case *plan.Scan:
		for _, r := range v.rows[n.Relation] {
			out = append(out, pick(r, n.Columns))
		}
	case *plan.Filter:
		for _, r := range in {
			if d, ok := v.scalar(n.Pred, r); ok && d.Bool() {
				out = append(out, r)
			}
		}
	case *plan.Project:
		for _, r := range in {
			if p, ok := v.project(n.Exprs, r); ok {
				out = append(out, p)
			}
		}
	case *plan.Window:
		for _, r := range in {
			out = append(out, windows(n, r)...)
		}
	case *plan.Aggregate:
		return v.aggregate(n, in)
	case *plan.EmitOnClose:
		return in
	case *plan.Join:
		return v.joinKind(n, in, v.eval(n.Right))
	case *plan.SetOp:
		return v.setOp(n, in, v.eval(n.Right))
	case *plan.TopN:
		return v.topN(n, in)
	case *plan.Flatten:
		return v.flatten(n, in)
	case *plan.Recursive:
		return v.recursive(n)
	case *plan.Self:
		return v.self
	case *plan.Asof:
		return v.asof(n, in, v.eval(n.Right))
	case *plan.UnionAll:
		out = in
		for _, c := range n.Inputs[1:] {
			out = append(slices.Clip(out), v.eval(c)...)
		}
	case *plan.Values:
		return n.Rows
	case *plan.Sort:
		return sorted(n, in)
	case *plan.Over:
		return v.over(n, in)
	case *plan.Session:
		return sessions(n, in)
	case *plan.TemporalFilter:
		return v.validNow(n, in)
	case *plan.Lateness:
		return append(slices.Clip(in), v.eval(n.Late)...)
	}
	return out
}

func pick(r []value.Datum, cols []int) []value.Datum {
	out := make([]value.Datum, len(cols))
	for i, c := range cols {
		out[i] = r[c]
	}
	return out
}

func (v *naive) scalar(e expr.Expr, r []value.Datum) (value.Datum, bool) {
	d, err := expr.EvalRow(e, r, expr.Env{Now: v.now})
	if err != nil {
		v.failed++
		v.state = err.SQLState
	}
	return d, err == nil
}

func (v *naive) project(es []expr.Expr, r []value.Datum) ([]value.Datum, bool) {
	out := make([]value.Datum, len(es))
	for i, e := range es {
		d, ok := v.scalar(e, r)
		if !ok {
			return nil, false
		}
		out[i] = d
	}
	return out, true
}

// windows tries every start around the row's time.
func windows(n *plan.Window, r []value.Datum) [][]value.Datum {
	at := r[n.TimeCol]
	if at.IsNull() {
		return nil
	}
	var out [][]value.Datum
	first := at.I - 2*n.SizeMicros
	first -= ((first-n.OffsetMicros)%n.SlideMicros + n.SlideMicros) % n.SlideMicros
	for s := first; s <= at.I; s += n.SlideMicros {
		aligned := ((s-n.OffsetMicros)%n.SizeMicros+n.SizeMicros)%n.SizeMicros == 0
		for e := s + n.SlideMicros; e <= s+n.SizeMicros; e += n.SlideMicros {
			whole := e == s+n.SizeMicros
			if at.I >= e || n.Kind == plan.Cumulate && !aligned || n.Kind != plan.Cumulate && !whole {
				continue
			}
			start, end := value.NewInt(at.Kind, s), value.NewInt(at.Kind, e)
			out = append(out, append(slices.Clone(r), start, end))
		}
	}
	return out
}

func (v *naive) aggregate(n *plan.Aggregate, in [][]value.Datum) [][]value.Datum {
	groups := map[string][][]value.Datum{}
	var order []string
	if len(n.GroupBy) == 0 {
		groups[""], order = nil, []string{""}
	}
	for _, r := range in {
		key := ""
		if len(n.GroupBy) > 0 {
			key = string(row.AppendRowDatums(nil, pick(r, n.GroupBy)))
		}
		if _, ok := groups[key]; !ok {
			order = append(order, key)
		}
		groups[key] = append(groups[key], r)
	}
	types := plan.Types(n.Input.Schema())
	var out [][]value.Datum
	for _, key := range order {
		rows := groups[key]
		var r []value.Datum
		if len(n.GroupBy) > 0 {
			r = pick(rows[0], n.GroupBy)
		}
		ok := true
		for _, c := range n.Calls {
			d, fine := v.call(c, rows, types)
			r, ok = append(r, d), ok && fine
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

func (v *naive) call(
	c plan.AggCall, rows [][]value.Datum, types []value.Type,
) (value.Datum, bool) {
	call := agg.Call{
		Func: agg.Func(c.Func), Arg: c.Arg, Extra: c.Extra, Filter: c.Filter, Distinct: c.Distinct,
		Type: c.Type,
	}
	for _, k := range c.OrderBy {
		call.OrderBy = append(call.OrderBy, agg.Key(k))
	}
	a := agg.NewAccumulator(call, types)
	for _, r := range rows {
		cols := make([]*value.Vec, len(types))
		for i, t := range types {
			cols[i] = value.FromDatums(t, r[i])
		}
		a.Add(cols, 0)
	}
	d, err := a.Result()
	if err != nil {
		v.failed++
		v.state = err.SQLState
	}
	return d, err == nil
}

func (v *naive) join(n *plan.Join, left, right [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	for _, l := range left {
		for _, r := range right {
			match := true
			for i, k := range n.LeftKeys {
				a, b := l[k], r[n.RightKeys[i]]
				match = match && !a.IsNull() && !b.IsNull() && value.Compare(a, b) == 0
			}
			if !match {
				continue
			}
			both := append(slices.Clone(l), r...)
			if n.Residual != nil {
				if d, ok := v.scalar(n.Residual, both); !ok || !d.Bool() {
					continue
				}
			}
			out = append(out, both)
		}
	}
	return out
}

func sorted(n *plan.Sort, in [][]value.Datum) [][]value.Datum {
	out := slices.Clone(in)
	visible := plan.Visible(n.Input.Schema())
	slices.SortFunc(out, func(a, b []value.Datum) int {
		for _, k := range n.Keys {
			x, y := a[k.Col], b[k.Col]
			c := 0
			switch {
			case x.IsNull() && y.IsNull():
			case x.IsNull() || y.IsNull():
				if c = 1; x.IsNull() == k.NullsFirst {
					c = -1
				}
			default:
				if c = value.Compare(x, y); k.Desc {
					c = -c
				}
			}
			if c != 0 {
				return c
			}
		}
		return strings.Compare(text(pick(a, visible)), text(pick(b, visible)))
	})
	out = out[min(n.Offset, int64(len(out))):]
	if n.Limit >= 0 {
		out = out[:min(n.Limit, int64(len(out)))]
	}
	return out
}

func text(r []value.Datum) string { return string(row.AppendRowDatums(nil, r)) }

// randomRows fills every relation of a catalog with a few rows from small domains.
func randomRows(cat *catalog.Catalog, rnd *rand.Rand) map[uint32][][]value.Datum {
	out := map[uint32][][]value.Datum{}
	for _, r := range cat.All() {
		for range rnd.IntN(8) {
			var d []value.Datum
			for _, c := range r.RowSpace() {
				d = append(d, randomDatum(c.Type, rnd))
			}
			out[r.ID] = append(out[r.ID], d)
		}
	}
	return out
}

func randomDatum(t value.Type, rnd *rand.Rand) value.Datum {
	if rnd.IntN(8) == 0 {
		return value.NullDatum
	}
	v := int64(rnd.IntN(5)) - 1
	switch t.Kind.Class() {
	case value.ClassDecimal:
		return value.NewDecimal(value.DecimalFromInt64(v))
	case value.ClassBytes:
		return value.NewBytes(t.Kind, []byte(string(rune('a'+v+1))))
	}
	if t.Kind == value.Timestamp || t.Kind == value.TimestampTZ {
		v *= 1_300_000 + int64(rnd.IntN(3))*1_000_000_000
	}
	return value.NewInt(t.Kind, v)
}
