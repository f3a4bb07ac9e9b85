package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/value"
)

// over computes every function for every row by looking at its whole partition.
func (e *evaluator) over(op int, n *plan.Over) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	marks := none(len(n.Schema()))
	for _, c := range n.PartitionBy {
		marks[c] = m[c]
	}
	if c := n.LooksBack(); c >= 0 {
		marks[c] = m[c]
	}
	var out []Row
	for _, part := range partitions(rows, n.Input, n.PartitionBy, n.Keys) {
		p := newPartition(n, part)
	next:
		for i, r := range part {
			vals := slices.Clone(r)
			for k, c := range n.Calls {
				d, err := p.call(c, i)
				if err != nil {
					e.fail(op, n.Names[k], err.SQLState, Row{r, 1})
					continue next
				}
				vals = append(vals, d)
			}
			out = append(out, Row{vals, 1})
		}
	}
	return out, marks
}

// partition is one sorted partition; group numbers the peers.
type partition struct {
	n     *plan.Over
	in    []plan.Field
	rows  [][]value.Datum
	group []int
}

func newPartition(n *plan.Over, rows [][]value.Datum) *partition {
	p := &partition{n: n, in: n.Input.Schema(), rows: rows, group: make([]int, len(rows))}
	for i := 1; i < len(rows); i++ {
		p.group[i] = p.group[i-1]
		if !peers(n.Keys, rows[i-1], rows[i]) {
			p.group[i]++
		}
	}
	return p
}

func (p *partition) call(c plan.OverCall, i int) (value.Datum, *value.Error) {
	before, upTo := 0, 0 // rows before the peers of i; and with them
	for _, g := range p.group {
		if g < p.group[i] {
			before++
		}
		if g <= p.group[i] {
			upTo++
		}
	}
	switch c.Func {
	case plan.OverRowNumber:
		return value.NewInt(c.Type.Kind, int64(i)+1), nil
	case plan.OverRank:
		return value.NewInt(c.Type.Kind, int64(before)+1), nil
	case plan.OverDenseRank:
		return value.NewInt(c.Type.Kind, int64(p.group[i])+1), nil
	case plan.OverPercentRank:
		if len(p.rows) == 1 {
			return value.NewFloat(value.Float8, 0), nil
		}
		share := float64(float64(before) / float64(len(p.rows)-1))
		return value.NewFloat(value.Float8, share), nil
	case plan.OverCumeDist:
		share := float64(float64(upTo) / float64(len(p.rows)))
		return value.NewFloat(value.Float8, share), nil
	case plan.OverNtile:
		return p.ntile(c, i)
	case plan.OverLag, plan.OverLead:
		return p.shifted(c, i), nil
	}
	return p.framed(c, i)
}

// ntile deals rows into buckets, one after another, each filled to its size.
func (p *partition) ntile(c plan.OverCall, i int) (value.Datum, *value.Error) {
	first := 0 // the row that says how many buckets there are
	for first < len(p.rows) {
		if d := p.rows[first][c.Args[0]]; !d.IsNull() && d.I > 0 {
			break
		}
		first++
	}
	if i < first {
		if p.rows[i][c.Args[0]].IsNull() {
			return value.Datum{}, nil
		}
		return value.Datum{}, value.Errorf("22014", "argument of ntile must be greater than zero")
	}
	total, buckets := int64(len(p.rows)), p.rows[first][c.Args[0]].I
	at, bucket := int64(first), int64(0)
	for at <= int64(i) {
		size := total / buckets
		if bucket < total%buckets {
			size++
		}
		at += max(size, 1)
		bucket++
	}
	return value.NewInt(c.Type.Kind, bucket), nil
}

func (p *partition) shifted(c plan.OverCall, i int) value.Datum {
	by := value.NewInt8(1)
	if len(c.Args) > 1 {
		by = p.rows[i][c.Args[1]]
	}
	if by.IsNull() {
		return value.Datum{}
	}
	for k, r := range p.rows {
		if c.Func == plan.OverLag && int64(i-k) == by.I || c.Func == plan.OverLead && int64(k-i) == by.I {
			return r[c.Args[0]]
		}
	}
	if len(c.Args) > 2 {
		return p.rows[i][c.Args[2]]
	}
	return value.Datum{}
}

// framed computes a function over its frame, row by row of the partition.
func (p *partition) framed(c plan.OverCall, i int) (value.Datum, *value.Error) {
	if negativeOffset(c.Frame.Start) || negativeOffset(c.Frame.End) {
		return value.Datum{}, value.Errorf("22013", "frame offset must not be negative")
	}
	var frame []Row
	for k, r := range p.rows {
		if p.inFrame(c.Frame, i, k) {
			frame = append(frame, Row{r, 1})
		}
	}
	at := int64(1)
	switch c.Func {
	case plan.OverAggregate:
		return fold(c.Call, p.in, frame)
	case plan.OverLast:
		at = int64(len(frame))
	case plan.OverNth:
		d := p.rows[i][c.Args[1]]
		if !d.IsNull() && d.I <= 0 {
			return d, value.Errorf("22016", "argument of nth_value must be greater than zero")
		}
		at = d.I
	}
	if at < 1 || at > int64(len(frame)) {
		return value.Datum{}, nil
	}
	return frame[at-1].Vals[c.Args[0]], nil
}

func negativeOffset(b plan.Bound) bool {
	d := b.Offset
	return d.I < 0 || d.F < 0 || d.D.Sign() < 0 || d.V.Span().Sign() < 0
}

// inFrame reports whether row i sees row k.
func (p *partition) inFrame(f plan.Frame, i, k int) bool {
	peer := p.group[i] == p.group[k]
	switch {
	case f.Exclude == plan.ExcludeRow && k == i,
		f.Exclude == plan.ExcludeGroup && peer,
		f.Exclude == plan.ExcludeTies && peer && k != i:
		return false
	}
	return p.side(f, f.Start, i, k) >= 0 && p.side(f, f.End, i, k) <= 0
}

// side says where row k lies against a bound of the frame of row i: before, at or behind it.
func (p *partition) side(f plan.Frame, b plan.Bound, i, k int) int {
	switch {
	case b.Kind == plan.UnboundedPreceding:
		return 1
	case b.Kind == plan.UnboundedFollowing:
		return -1
	case f.Mode == plan.FrameRows:
		return distance(int64(k-i), b)
	case f.Mode == plan.FrameGroups || b.Kind == plan.CurrentRow:
		return distance(int64(p.group[k]-p.group[i]), b)
	}
	return p.rangeSide(b, p.rows[i], p.rows[k])
}

// distance compares how many rows or groups away something is with a bound.
func distance(d int64, b plan.Bound) int {
	at := b.Offset.I
	if b.Kind == plan.Preceding {
		at = -at
	}
	switch {
	case d < at:
		return -1
	case d > at:
		return 1
	}
	return 0
}

// rangeSide compares the value of a row with the current row's moved by the offset.
func (p *partition) rangeSide(b plan.Bound, current, r []value.Datum) int {
	k := p.n.Keys[0]
	base, v := current[k.Col], r[k.Col]
	if base.IsNull() || v.IsNull() {
		return value.CompareNulls(v, base, k.NullsFirst)
	}
	plus := (b.Kind == plan.Following) != k.Desc
	c := 0
	if bound, beyond := shiftedValue(base, b.Offset, plus); beyond {
		c = map[bool]int{true: -1, false: 1}[plus]
	} else if p.in[k.Col].Type.Kind == value.Date {
		c = value.Compare(value.NewTimestamp(v.I*value.MicrosPerDay), bound)
	} else {
		c = compareWide(v, bound)
	}
	if k.Desc {
		return -c
	}
	return c
}

// compareWide compares numbers that need not be of one kind.
func compareWide(v, bound value.Datum) int {
	if v.Kind.IsInteger() && bound.Kind == value.Numeric {
		return value.DecimalFromInt64(v.I).Cmp(bound.D)
	}
	bound.Kind = v.Kind
	return value.Compare(v, bound)
}

// shiftedValue is base plus or minus an offset; beyond: it has left the range of its type.
func shiftedValue(base, off value.Datum, plus bool) (d value.Datum, beyond bool) {
	var err *value.Error
	switch {
	case base.Kind.IsInteger():
		x, y := value.DecimalFromInt64(base.I), value.DecimalFromInt64(off.I)
		d.D, err = x.Add(signed(y, plus))
		d.Kind = value.Numeric
	case base.Kind == value.Numeric:
		d.D, err = base.D.Add(signed(off.D, plus))
		d.Kind = value.Numeric
	case base.Kind == value.Float4 || base.Kind == value.Float8:
		by := off.F
		if !plus {
			by = -by
		}
		return value.NewFloat(value.Float8, float64(base.F+by)), false
	case base.Kind == value.Interval:
		d.Kind = value.Interval
		if d.V, err = base.V.Sub(off.V); plus {
			d.V, err = base.V.Add(off.V)
		}
	case base.Kind == value.Time:
		by := off.V.Micros
		if !plus {
			by = -by
		}
		d = value.NewInt(value.Time, base.I+by)
	default:
		at := base.I
		if base.Kind == value.Date {
			at *= value.MicrosPerDay
		}
		d.Kind = value.Timestamp
		if d.I, err = value.SubInterval(at, off.V); plus {
			d.I, err = value.AddInterval(at, off.V)
		}
	}
	return d, err != nil
}

func signed(d value.Decimal, plus bool) value.Decimal {
	if plus {
		return d
	}
	return d.Neg()
}
