package oracle

import (
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// aggregate collects the rows of each group and folds every call over them, value by value.
func (e *evaluator) aggregate(op int, n *plan.Aggregate) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	in := n.Input.Schema()
	marks := none(len(n.GroupBy) + len(n.Calls))
	for i, g := range n.GroupBy {
		marks[i] = m[g]
	}
	at := map[string]int{}
	var groups [][]Row
	var heads [][]value.Datum
	if len(n.GroupBy) == 0 {
		groups, heads = append(groups, nil), append(heads, nil)
		at[string(row.AppendKeyDatums(nil, nil))] = 0
	}
	for _, r := range rows {
		head := make([]value.Datum, len(n.GroupBy))
		for i, g := range n.GroupBy {
			head[i] = row.Canonical(in[g].Type, r.Vals[g])
		}
		k := string(row.AppendKeyDatums(nil, head))
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups, heads = append(groups, nil), append(heads, head)
		}
		groups[i] = append(groups[i], r)
	}
	var out []Row
	for i, g := range groups {
		vals, alive := e.fold(op, n, in, heads[i], Consolidate(g))
		if alive {
			out = append(out, Row{vals, 1})
		}
	}
	return out, marks
}

// fold computes the row of one group; alive is false when it has no rows or overflowed.
func (e *evaluator) fold(
	op int, n *plan.Aggregate, in []plan.Field, head []value.Datum, rows []Row,
) (vals []value.Datum, alive bool) {
	if len(rows) == 0 && len(n.GroupBy) > 0 {
		return nil, false
	}
	vals = append(vals, head...)
	for i, c := range n.Calls {
		d, err := fold(c, in, rows)
		if err != nil {
			e.fail(op, n.Names[len(head)+i], err.SQLState, Row{head, 1})
			return nil, false
		}
		vals = append(vals, d)
	}
	return vals, true
}

func fold(c plan.AggCall, in []plan.Field, rows []Row) (value.Datum, *value.Error) {
	var count int64
	var sum value.Int256 // at the greatest scale that a numeric can have here
	var best value.Datum
	scale := 0
	rows = taking(c, rows)
	for _, r := range rows {
		if c.Arg >= 0 && in[c.Arg].Type.Kind == value.Numeric {
			scale = max(scale, int(r.Vals[c.Arg].D.Scale))
		}
	}
	for _, r := range rows {
		count += r.Weight
		switch c.Func {
		case plan.Sum, plan.Avg:
			one := value.Int256{}.AddMul(coefficient(r.Vals[c.Arg]), r.Weight)
			one, ok := one.MulPow10(scale - int(r.Vals[c.Arg].D.Scale))
			if !ok {
				return value.Datum{}, value.ErrNumericRange
			}
			sum = sum.Add(one)
		case plan.Min, plan.Max:
			d := row.Canonical(in[c.Arg].Type, r.Vals[c.Arg])
			if best.IsNull() || (value.Compare(d, best) < 0) == (c.Func == plan.Min) {
				best = d
			}
		}
	}
	switch {
	case c.Func == plan.CountStar || c.Func == plan.Count:
		return value.NewInt8(count), nil
	case c.Func == plan.Min || c.Func == plan.Max:
		return best, nil
	case count == 0:
		return value.Datum{}, nil
	case c.Func == plan.Sum && c.Type.Kind == value.Int8:
		v, ok := sum.Int64()
		if !ok {
			return value.Datum{}, value.ErrInt8Range
		}
		return value.NewInt8(v), nil
	}
	d, err := sum.Decimal(scale)
	if err == nil && c.Func == plan.Avg {
		d, err = d.Div(value.DecimalFromInt64(count))
	}
	if err != nil {
		return value.Datum{}, err
	}
	return value.NewDecimal(d), nil
}

// taking returns the rows that take part in a call: FILTER lets them in, the argument is not NULL.
func taking(c plan.AggCall, rows []Row) (out []Row) {
	for _, r := range rows {
		if (c.Filter < 0 || r.Vals[c.Filter].Bool()) && (c.Arg < 0 || !r.Vals[c.Arg].IsNull()) {
			out = append(out, r)
		}
	}
	return out
}

func coefficient(d value.Datum) value.Int128 {
	if d.Kind == value.Numeric {
		return d.D.Coef
	}
	return value.Int128FromInt64(d.I)
}
