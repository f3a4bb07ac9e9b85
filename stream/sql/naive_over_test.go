package sql_test

import (
	"slices"
	"strconv"

	"weir/stream/plan"
	"weir/stream/value"
)

// over computes window functions by looking at the whole partition for every row.
func (v *naive) over(n *plan.Over, in [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	done := map[string]bool{}
	for _, first := range in {
		key := text(pick(first, n.PartitionBy))
		if done[key] {
			continue
		}
		done[key] = true
		var part [][]value.Datum
		for _, r := range in {
			if text(pick(r, n.PartitionBy)) == key {
				part = append(part, r)
			}
		}
		part = sorted(&plan.Sort{Input: n.Input, Keys: n.Keys, Limit: -1}, part)
		p := &naivePartition{v: v, n: n, rows: part}
		for i, r := range part {
			full, ok := slices.Clone(r), true
			for _, c := range n.Calls {
				d, fine := p.call(c, i)
				full, ok = append(full, d), ok && fine
			}
			if ok {
				out = append(out, full)
			}
		}
	}
	return out
}

// naivePartition is a sorted partition.
type naivePartition struct {
	v    *naive
	n    *plan.Over
	rows [][]value.Datum
}

// group numbers the peers of a row from 0.
func (p *naivePartition) group(i int) int {
	g := 0
	for k := 1; k <= i; k++ {
		if p.order(k) != p.order(k-1) {
			g++
		}
	}
	return g
}

func (p *naivePartition) order(i int) string {
	var cols []int
	for _, k := range p.n.Keys {
		cols = append(cols, k.Col)
	}
	return text(pick(p.rows[i], cols))
}

func (p *naivePartition) call(c plan.OverCall, i int) (value.Datum, bool) {
	before, upTo, total := 0, 0, len(p.rows)
	for k := range p.rows {
		if p.group(k) < p.group(i) {
			before++
		}
		if p.group(k) <= p.group(i) {
			upTo++
		}
	}
	switch c.Func {
	case plan.OverRowNumber:
		return value.NewInt8(int64(i) + 1), true
	case plan.OverRank:
		return value.NewInt8(int64(before) + 1), true
	case plan.OverDenseRank:
		return value.NewInt8(int64(p.group(i)) + 1), true
	case plan.OverPercentRank:
		return value.NewFloat(value.Float8, float64(before)/float64(max(1, total-1))), true
	case plan.OverCumeDist:
		return value.NewFloat(value.Float8, float64(upTo)/float64(total)), true
	case plan.OverNtile:
		return p.ntile(p.rows[i][c.Args[0]], i)
	case plan.OverLag, plan.OverLead:
		return p.shifted(c, i), true
	}
	var frame [][]value.Datum
	for k, r := range p.rows {
		if p.sees(c.Frame, i, k) {
			frame = append(frame, r)
		}
	}
	at := int64(1)
	switch c.Func {
	case plan.OverAggregate:
		return p.v.call(c.Call, frame, plan.Types(p.n.Input.Schema()))
	case plan.OverLast:
		at = int64(len(frame))
	case plan.OverNth:
		if at = p.rows[i][c.Args[1]].I; at < 1 && !p.rows[i][c.Args[1]].IsNull() {
			return value.NullDatum, p.v.refuse()
		}
	}
	if at < 1 || at > int64(len(frame)) {
		return value.NullDatum, true
	}
	return frame[at-1][c.Args[0]], true
}

func (v *naive) refuse() bool {
	v.failed++
	return false
}

func (p *naivePartition) ntile(buckets value.Datum, i int) (value.Datum, bool) {
	if buckets.IsNull() || buckets.I < 1 {
		return value.NullDatum, buckets.IsNull() || p.v.refuse()
	}
	total, n := int64(len(p.rows)), buckets.I
	size, larger := total/n, total%n
	at := int64(i)
	if at < larger*(size+1) {
		return value.NewInt4(int32(at/(size+1) + 1)), true
	}
	return value.NewInt4(int32(larger + (at-larger*(size+1))/size + 1)), true
}

func (p *naivePartition) shifted(c plan.OverCall, i int) value.Datum {
	by := int64(1)
	if len(c.Args) > 1 {
		if p.rows[i][c.Args[1]].IsNull() {
			return value.NullDatum
		}
		by = p.rows[i][c.Args[1]].I
	}
	if c.Func == plan.OverLag {
		by = -by
	}
	if at := int64(i) + by; at >= 0 && at < int64(len(p.rows)) {
		return p.rows[at][c.Args[0]]
	}
	if len(c.Args) > 2 {
		return p.rows[i][c.Args[2]]
	}
	return value.NullDatum
}

// sees reports whether row k is in the frame of row i.
func (p *naivePartition) sees(f plan.Frame, i, k int) bool {
	peer := p.group(i) == p.group(k)
	switch {
	case f.Exclude == plan.ExcludeRow && i == k, f.Exclude == plan.ExcludeGroup && peer,
		f.Exclude == plan.ExcludeTies && peer && i != k:
		return false
	}
	return p.within(f.Mode, f.Start, i, k, 1) && p.within(f.Mode, f.End, i, k, -1)
}

// within reports whether row k is not before a start (side 1), or not after an end (side -1).
func (p *naivePartition) within(mode plan.FrameMode, b plan.Bound, i, k, side int) bool {
	switch b.Kind {
	case plan.UnboundedPreceding, plan.UnboundedFollowing:
		return true
	case plan.CurrentRow:
		if mode == plan.FrameRows {
			return (k-i)*side >= 0
		}
		return (p.group(k)-p.group(i))*side >= 0
	}
	sign := 1.0
	if b.Kind == plan.Preceding {
		sign = -1
	}
	by := sign * measure(b.Offset)
	distance := float64(k - i)
	switch mode {
	case plan.FrameGroups:
		distance = float64(p.group(k) - p.group(i))
	case plan.FrameRange:
		key := p.n.Keys[0]
		x, y := p.rows[i][key.Col], p.rows[k][key.Col]
		if x.IsNull() || y.IsNull() {
			return x.IsNull() && y.IsNull() || (p.group(k)-p.group(i))*side > 0
		}
		if distance = measure(y) - measure(x); key.Desc {
			distance = -distance
		}
	}
	return (distance-by)*float64(side) >= 0
}

// measure is a value as a number: times in microseconds.
func measure(d value.Datum) float64 {
	switch d.Kind {
	case value.Interval:
		micros, _ := d.V.Span().Int64()
		return float64(micros)
	case value.Date:
		return float64(d.I) * 86_400_000_000
	case value.Numeric, value.Float4, value.Float8:
		f, _ := strconv.ParseFloat(string(value.AppendText(nil, d)), 64)
		return f
	}
	return float64(d.I)
}
