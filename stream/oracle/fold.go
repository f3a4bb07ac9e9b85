package oracle

import (
	"bytes"
	"math"
	"slices"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// given is a row as a call sees it: its arguments and how often it is there.
type given struct {
	arg, extra value.Datum
	weight     int64
}

// fold computes a call over the rows of a group, which differ and have weights above 0.
func fold(c plan.AggCall, in []plan.Field, rows []Row) (value.Datum, *value.Error) {
	list := inOrder(c, in, taking(c, rows))
	count := int64(0)
	for _, g := range list {
		count += g.weight
	}
	if c.Func == plan.CountStar || c.Func == plan.Count {
		return value.NewInt8(count), nil
	}
	if count == 0 {
		return value.Datum{}, nil
	}
	switch c.Func {
	case plan.Sum, plan.Avg:
		return foldSum(c, in[c.Arg].Type.Kind, list, count)
	case plan.Min, plan.FirstValue:
		return list[0].arg, nil
	case plan.Max, plan.LastValue:
		return list[len(list)-1].arg, nil
	case plan.BoolAnd, plan.BoolOr, plan.BitAnd, plan.BitOr, plan.BitXor:
		return foldBits(c, list), nil
	case plan.StddevPop, plan.StddevSamp, plan.VarPop, plan.VarSamp:
		return foldVariance(c, in[c.Arg].Type.Kind, list, count)
	case plan.CovarPop, plan.CovarSamp, plan.Corr:
		return foldPairs(c, list, count)
	case plan.StringAgg:
		return foldStrings(c, list)
	case plan.ArrayAgg:
		return foldArray(in[c.Arg].Type, list)
	case plan.PercentileCont, plan.PercentileDisc:
		return foldPercentile(c, list, count)
	case plan.Mode:
		return foldMode(list), nil
	case plan.SingleValue:
		if count > 1 {
			return value.Datum{}, value.Errorf("21000", "more than one row")
		}
		return list[0].arg, nil
	case plan.JSONBAgg, plan.JSONBObjectAgg:
		return foldJSON(c, list)
	}
	panic("oracle: unknown aggregate function")
}

// taking returns the rows that take part in a call: FILTER lets them in, and no argument is NULL
// that must not be.
func taking(c plan.AggCall, rows []Row) (out []Row) {
	strict := !slices.Contains([]plan.AggFunc{
		plan.CountStar, plan.ArrayAgg, plan.FirstValue, plan.LastValue, plan.SingleValue,
		plan.JSONBAgg, plan.JSONBObjectAgg,
	}, c.Func)
	both := slices.Contains([]plan.AggFunc{plan.CovarPop, plan.CovarSamp, plan.Corr}, c.Func)
	for _, r := range rows {
		switch {
		case c.Filter >= 0 && !r.Vals[c.Filter].Bool():
		case strict && r.Vals[c.Arg].IsNull():
		case both && r.Vals[c.Extra].IsNull():
		default:
			out = append(out, r)
		}
	}
	return out
}

// inOrder sorts the rows of a call as it says, then by its arguments; DISTINCT keeps one of equal
// ones.
func inOrder(c plan.AggCall, in []plan.Field, rows []Row) (out []given) {
	var cols []int
	for _, col := range []int{c.Arg, c.Extra} {
		if col >= 0 {
			cols = append(cols, col)
		}
	}
	extreme := slices.Contains([]plan.AggFunc{
		plan.Min, plan.Max, plan.FirstValue, plan.LastValue,
	}, c.Func)
	distinct := c.Distinct && len(cols) > 0 && !extreme
	sorted := slices.Clone(rows)
	if distinct && (c.Func < plan.StringAgg || c.Func > plan.JSONBObjectAgg) { // those that add up
		for i, r := range sorted {
			vals := slices.Clone(r.Vals)
			for _, col := range cols {
				vals[col] = row.Canonical(in[col].Type, vals[col])
			}
			sorted[i].Vals = vals
		}
	}
	keys := c.OrderBy
	if c.Func == plan.Min || c.Func == plan.Max {
		keys = nil
	}
	slices.SortStableFunc(sorted, func(a, b Row) int {
		if c := compareRows(keys, cols, a, b); c != 0 {
			return c
		}
		return bytes.Compare(encoded(cols, a), encoded(cols, b))
	})
	for i, r := range sorted {
		if distinct && i > 0 && compareRows(nil, cols, sorted[i-1], r) == 0 {
			continue
		}
		g := given{weight: r.Weight}
		if distinct {
			g.weight = 1
		}
		if c.Arg >= 0 {
			g.arg = r.Vals[c.Arg]
		}
		if c.Extra >= 0 {
			g.extra = r.Vals[c.Extra]
		}
		out = append(out, g)
	}
	return out
}

func compareRows(keys []plan.SortKey, cols []int, a, b Row) int {
	for _, k := range keys {
		x, y := a.Vals[k.Col], b.Vals[k.Col]
		c := value.CompareNulls(x, y, k.NullsFirst != k.Desc)
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	for _, col := range cols {
		if c := value.CompareNulls(a.Vals[col], b.Vals[col], false); c != 0 {
			return c
		}
	}
	return 0
}

func encoded(cols []int, r Row) []byte {
	var vals []value.Datum
	for _, col := range cols {
		vals = append(vals, r.Vals[col])
	}
	return row.AppendRowDatums(nil, vals)
}

// foldBits judges booleans and bits one by one.
func foldBits(c plan.AggCall, list []given) value.Datum {
	out := list[0].arg.I
	if c.Func == plan.BitXor {
		out = 0
	}
	for _, g := range list {
		switch c.Func {
		case plan.BoolAnd, plan.BitAnd:
			out &= g.arg.I
		case plan.BoolOr, plan.BitOr:
			out |= g.arg.I
		default:
			if g.weight%2 != 0 {
				out ^= g.arg.I
			}
		}
	}
	return value.NewInt(c.Type.Kind, out)
}

func foldMode(list []given) value.Datum {
	best, most := value.Datum{}, int64(0)
	for i := range list {
		n := int64(0)
		for _, g := range list {
			if value.Equal(g.arg, list[i].arg) {
				n += g.weight
			}
		}
		if n > most {
			best, most = list[i].arg, n
		}
	}
	return best
}

// foldPercentile takes the fraction of the first row.
func foldPercentile(c plan.AggCall, list []given, count int64) (value.Datum, *value.Error) {
	if list[0].extra.IsNull() {
		return value.Datum{}, nil
	}
	p := list[0].extra.F
	if !(p >= 0 && p <= 1) {
		return value.Datum{}, value.Errorf(value.StateOutOfRange, "percentile out of range")
	}
	at := func(place float64) value.Datum { // counted from 0
		n := int64(place)
		for _, g := range list {
			if n -= g.weight; n < 0 {
				return g.arg
			}
		}
		return list[len(list)-1].arg
	}
	if c.Func == plan.PercentileDisc {
		place := math.Ceil(float64(p * float64(count)))
		return at(float64(max(place, 1) - 1)), nil
	}
	place := float64(p * float64(count-1))
	lo, hi := at(math.Floor(place)), at(math.Ceil(place))
	part := float64(place - math.Floor(place))
	switch {
	case part == 0:
		return lo, nil
	case lo.Kind == value.Interval:
		way, err := hi.V.Sub(lo.V)
		if err != nil {
			return value.Datum{}, err
		}
		if way, err = way.Mul(part); err != nil {
			return value.Datum{}, err
		}
		if way, err = way.Add(lo.V); err != nil {
			return value.Datum{}, err
		}
		return value.NewInterval(way), nil
	}
	step := float64(part * float64(hi.F-lo.F))
	return value.NewFloat(c.Type.Kind, float64(lo.F+step)), nil
}
