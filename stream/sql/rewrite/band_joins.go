package rewrite

import (
	"math"
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// bandJoins finds the bound in time that the residual condition of a join implies, or a filter
// over an inner join, and notes it as the join's band: conditions such as
//
//	l.ts >= r.ts - INTERVAL '5 minutes'
//	l.ts BETWEEN r.ts AND r.ts + INTERVAL '1 hour'
//	l.ts - r.ts < INTERVAL '10 seconds'
//
// over timestamp columns of both sides, with intervals that have no months. The condition stays.
func bandJoins(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		if j, ok := n.Input.(*plan.Join); ok && j.Kind == plan.InnerJoin {
			if c := withBand(j, append(residuals(j), conjuncts(n.Pred)...)); c != j {
				return &plan.Filter{Input: c, Pred: n.Pred}
			}
		}
	case *plan.Join:
		if c := withBand(n, residuals(n)); c != n {
			return c
		}
	}
	return n
}

func residuals(j *plan.Join) []expr.Expr {
	if j.Residual == nil {
		return nil
	}
	return conjuncts(j.Residual)
}

// withBand notes the best band that conditions imply. A band that is there is only narrowed.
func withBand(j *plan.Join, conds []expr.Expr) *plan.Join {
	left := len(j.Left.Schema())
	var bands []plan.Band
	for _, c := range conds {
		if b, ok := bandOf(c, left); ok {
			bands = narrow(bands, b)
		}
	}
	if b := j.Band; b != nil {
		bands = slices.DeleteFunc(bands, func(o plan.Band) bool {
			return o.Left != b.Left || o.Right != b.Right
		})
		if len(bands) == 0 {
			return j
		}
		bands = narrow(bands, *b)
	}
	if len(bands) == 0 {
		return j
	}
	c := *j
	if c.Band = best(j, bands); c.Band == nil || j.Band != nil && *c.Band == *j.Band {
		return j
	}
	return &c
}

// best is the band that frees most, nil if none can be true.
func best(j *plan.Join, bands []plan.Band) (out *plan.Band) {
	l, r := plan.Derive(j.Left).Frozen, plan.Derive(j.Right).Frozen
	most := -1
	for i, b := range bands {
		if b.Low > b.High {
			continue
		}
		if w := worth(b, l[b.Left], r[b.Right]); w > most {
			out, most = &bands[i], w
		}
	}
	return out
}

// worth ranks bands: by whether both of their columns carry watermarks, then by their ends.
func worth(b plan.Band, leftMark, rightMark bool) int {
	w := 0
	if leftMark && rightMark {
		w += 4
	}
	if b.Low != plan.NoLow {
		w++
	}
	if b.High != plan.NoHigh {
		w++
	}
	return w
}

// narrow adds a bound to the band of its pair of columns.
func narrow(bands []plan.Band, b plan.Band) []plan.Band {
	for i := range bands {
		if o := &bands[i]; o.Left == b.Left && o.Right == b.Right {
			o.Low, o.High = max(o.Low, b.Low), min(o.High, b.High)
			return bands
		}
	}
	return append(bands, b)
}

// difference is a column minus a column, plus a constant in microseconds. -1 is no column.
type difference struct {
	plus, minus int
	micros      int64
}

// bandOf reads a comparison as a bound on a left column minus a right one.
func bandOf(cond expr.Expr, left int) (b plan.Band, ok bool) {
	c, ok := cond.(*expr.Call)
	if !ok || len(c.Args) != 2 {
		return b, false
	}
	x, ok := differenceOf(c.Args[0])
	y, also := differenceOf(c.Args[1])
	if !ok || !also {
		return b, false
	}
	// x op y is d op bound, with d the column of x minus that of y.
	d, ok := x.less(y)
	if !ok || d.micros == math.MinInt64 {
		return b, false
	}
	bound := -d.micros
	name, _, _ := strings.Cut(string(c.Fn), "(")
	if d.plus >= left && d.minus < left {
		d.plus, d.minus, bound = d.minus, d.plus, -bound
		name = map[string]string{"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}[name]
	}
	if d.plus < 0 || d.plus >= left || d.minus < left {
		return b, false
	}
	b = plan.Band{Left: d.plus, Right: d.minus - left, Low: plan.NoLow, High: plan.NoHigh}
	switch name {
	case "lt":
		b.High = bound - 1
	case "le":
		b.High = bound
	case "gt":
		b.Low = bound + 1
	case "ge":
		b.Low = bound
	case "eq":
		b.Low, b.High = bound, bound
	default:
		return b, false
	}
	return b, true
}

// maxMicros bounds the constants of bands, far beyond the range of timestamps.
const maxMicros = int64(1) << 61

// less is x - y, if at most one column is left on each side of the minus.
func (x difference) less(y difference) (difference, bool) {
	plus, ok := either(x.plus, y.minus)
	minus, also := either(x.minus, y.plus)
	micros, fits := add(x.micros, -y.micros)
	return difference{plus, minus, micros}, ok && also && fits
}

func either(a, b int) (int, bool) {
	if a < 0 {
		return b, true
	}
	return a, b < 0
}

// add adds two constants within their bound.
func add(a, b int64) (int64, bool) {
	sum := a + b
	return sum, sum > -maxMicros && sum < maxMicros
}

// differenceOf reads a timestamp column, the difference of two, an interval, or one of these moved
// by an interval.
func differenceOf(e expr.Expr) (d difference, ok bool) {
	switch e := e.(type) {
	case expr.Column:
		return difference{e.Index, -1, 0}, moment(e.T.Kind)
	case expr.Const:
		return constant(e)
	case *expr.Call:
		if len(e.Args) != 2 {
			return d, false
		}
		x, ok := differenceOf(e.Args[0])
		y, also := differenceOf(e.Args[1])
		if !ok || !also {
			return d, false
		}
		switch name, _, _ := strings.Cut(string(e.Fn), "("); name {
		case "add":
			return x.less(difference{y.minus, y.plus, -y.micros})
		case "sub":
			return x.less(y)
		}
	}
	return d, false
}

func moment(k value.Kind) bool { return k == value.Timestamp || k == value.TimestampTZ }

// constant reads an interval of days and shorter; a day has 24 hours, in UTC too.
func constant(c expr.Const) (d difference, ok bool) {
	if c.D.Kind != value.Interval || c.D.V.Months != 0 {
		return d, false
	}
	const day = 86_400_000_000
	days := int64(c.D.V.Days)
	if days > maxMicros/day || days < -maxMicros/day {
		return d, false
	}
	sum := c.D.V.Micros
	if sum <= -maxMicros || sum >= maxMicros {
		return d, false
	}
	d.plus, d.minus = -1, -1
	d.micros, ok = add(sum, days*day)
	return d, ok
}
