package operator

import (
	"encoding/binary"
	"slices"

	"weir/stream/batch"
	"weir/stream/value"
)

// sum is the linear state of one call: how many values it has seen, and their exact sum for
// each display scale that occurs, so that a retraction also takes back the scale it brought.
type sum struct {
	count int64
	parts []part // ascending scale, no empty part
}

type part struct {
	scale uint8
	count int64
	total value.Int256
}

func (s *sum) add(p part) {
	at, ok := slices.BinarySearchFunc(s.parts, p.scale,
		func(q part, scale uint8) int { return int(q.scale) - int(scale) })
	if !ok {
		s.parts = slices.Insert(s.parts, at, part{scale: p.scale})
	}
	q := &s.parts[at]
	q.count += p.count
	q.total = q.total.Add(p.total)
	if q.count == 0 && q.total.Sign() == 0 {
		s.parts = slices.Delete(s.parts, at, at+1)
	}
}

// groupState is the decoded entry of one group.
type groupState struct {
	rows int64
	sums []sum // per call; those of min and max stay empty
}

func newGroupState(calls int) *groupState { return &groupState{sums: make([]sum, calls)} }

func (g *groupState) copyFrom(o *groupState) {
	g.rows = o.rows
	for i := range g.sums {
		g.sums[i].count = o.sums[i].count
		g.sums[i].parts = append(g.sums[i].parts[:0], o.sums[i].parts...)
	}
}

// append encodes the state: varints of the row count, and per call of the count, the number of
// parts, and per part scale, count and the total as 32 bytes, cut to its significant ones.
func (g *groupState) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, g.rows)
	for _, s := range g.sums {
		dst = binary.AppendVarint(dst, s.count)
		dst = append(dst, byte(len(s.parts)))
		for _, p := range s.parts {
			dst = append(dst, p.scale)
			dst = binary.AppendVarint(dst, p.count)
			dst = appendInt256(dst, p.total)
		}
	}
	return dst
}

func (g *groupState) decode(b []byte) {
	g.rows = 0
	for i := range g.sums {
		g.sums[i].count, g.sums[i].parts = 0, g.sums[i].parts[:0]
	}
	if b == nil {
		return
	}
	varint := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	g.rows = varint()
	for i := range g.sums {
		g.sums[i].count = varint()
		n := int(b[0])
		b = b[1:]
		for range n {
			p := part{scale: b[0]}
			b = b[1:]
			p.count = varint()
			p.total, b = cutInt256(b)
			g.sums[i].parts = append(g.sums[i].parts, p)
		}
	}
}

// appendInt256 writes the number of bytes, then that many of the two's complement, big endian,
// as few as keep the sign.
func appendInt256(dst []byte, v value.Int256) []byte {
	var raw [32]byte
	for i, w := range v {
		binary.BigEndian.PutUint64(raw[24-8*i:], w)
	}
	skip := 0
	for skip < 31 && (raw[skip] == 0 && raw[skip+1] < 0x80 ||
		raw[skip] == 0xFF && raw[skip+1] >= 0x80) {
		skip++
	}
	return append(append(dst, byte(32-skip)), raw[skip:]...)
}

func cutInt256(b []byte) (value.Int256, []byte) {
	n := int(b[0])
	var raw [32]byte
	if b[1] >= 0x80 {
		for i := range raw {
			raw[i] = 0xFF
		}
	}
	copy(raw[32-n:], b[1:1+n])
	var v value.Int256
	for i := range v {
		v[i] = binary.BigEndian.Uint64(raw[24-8*i:])
	}
	return v, b[1+n:]
}

// result computes a linear call.
func (g *groupState) result(c int, call Call) (value.Datum, *value.Error) {
	s := &g.sums[c]
	switch {
	case call.Func == CountStar && call.Filter < 0:
		return value.NewInt8(g.rows), nil
	case call.Func == CountStar || call.Func == Count:
		return value.NewInt8(s.count), nil
	case s.count == 0:
		return value.Datum{}, nil
	}
	total, scale := s.total()
	if call.Func == Sum && call.Type.Kind == value.Int8 {
		v, ok := total.Int64()
		if !ok {
			return value.Datum{}, value.ErrInt8Range
		}
		return value.NewInt8(v), nil
	}
	d, err := total.Decimal(scale)
	if err == nil && call.Func == Avg {
		d, err = d.Div(value.DecimalFromInt64(s.count))
	}
	if err != nil {
		return value.Datum{}, err
	}
	return value.NewDecimal(d), nil
}

// total is the whole sum at the greatest scale that occurs.
func (s *sum) total() (total value.Int256, scale int) {
	if len(s.parts) == 0 {
		return total, 0
	}
	scale = int(s.parts[len(s.parts)-1].scale)
	for _, p := range s.parts {
		up, ok := p.total.MulPow10(scale - int(p.scale))
		if !ok {
			return value.Int256{0, 0, 0, 1 << 62}, 0 // beyond every numeric: reported as overflow
		}
		total = total.Add(up)
	}
	return total, scale
}

// localSums are the linear calls of one step, per local group, as arrays.
type localSums struct {
	calls  []Call
	in     []value.Type
	rows   []int64
	counts [][]int64
	totals [][]value.Int256 // of scale 0 for integers, of the type's scale for numeric(p,s)
	small  [][]int64        // integer calls: 64-bit totals that have not overflowed yet
	mixed  [][]sum          // numeric without modifier
}

func newLocalSums(calls []Call, in []value.Type, groups int) *localSums {
	l := &localSums{calls: calls, in: in, rows: make([]int64, groups)}
	n := len(calls)
	l.counts, l.totals = make([][]int64, n), make([][]value.Int256, n)
	l.small, l.mixed = make([][]int64, n), make([][]sum, n)
	for c, call := range calls {
		switch call.Func {
		case CountStar, Count:
			l.counts[c] = make([]int64, groups)
		case Sum, Avg:
			l.counts[c] = make([]int64, groups)
			switch t := in[call.Arg]; {
			case t.Kind == value.Numeric && t.Precision == 0:
				l.mixed[c] = make([]sum, groups)
			default:
				l.totals[c] = make([]value.Int256, groups)
				l.small[c] = make([]int64, groups)
			}
		}
	}
	return l
}

// add folds a batch in; of is the local group of each row.
func (l *localSums) add(b *batch.Batch, of []int32) {
	for i, g := range of {
		l.rows[g] += b.Weight(i)
	}
	for c, call := range l.calls {
		switch {
		case l.counts[c] == nil || call.Func == CountStar && call.Filter < 0:
		case call.Func == CountStar || call.Func == Count:
			for i, g := range of {
				if passes(b, call.Filter, i) && (call.Arg < 0 || !b.Cols[call.Arg].IsNull(i)) {
					l.counts[c][g] += b.Weight(i)
				}
			}
		default:
			l.addValues(c, b, of)
		}
	}
}

func (l *localSums) addValues(c int, b *batch.Batch, of []int32) {
	call, col := l.calls[c], b.Cols[l.calls[c].Arg]
	decimal := l.in[call.Arg].Kind == value.Numeric
	for i, g := range of {
		if col.IsNull(i) || !passes(b, call.Filter, i) {
			continue
		}
		w := b.Weight(i)
		l.counts[c][g] += w
		switch {
		case l.mixed[c] != nil:
			d := col.Decs[i]
			l.mixed[c][g].add(part{d.Scale, w, value.Int256{}.AddMul(d.Coef, w)})
		case decimal:
			l.addWide(c, int(g), col.Decs[i].Coef, w)
		default:
			l.addInt(c, int(g), col.Ints[i], w)
		}
	}
}

// addInt adds x*w, in 64 bits while that is exact.
func (l *localSums) addInt(c, g int, x, w int64) {
	s := &l.small[c][g]
	if w == 1 || w == -1 {
		y := x * w
		if z := *s + y; (x != -x || x == 0) && (z > *s) == (y > 0) {
			*s = z
			return
		}
	}
	l.totals[c][g] = l.totals[c][g].AddMul(value.Int128FromInt64(x), w)
}

func (l *localSums) addWide(c, g int, x value.Int128, w int64) {
	if v, ok := x.Int64(); ok {
		l.addInt(c, g, v, w)
		return
	}
	l.totals[c][g] = l.totals[c][g].AddMul(x, w)
}

// addTo adds what local group g has to the state of the group.
func (l *localSums) addTo(s *groupState, g int) {
	s.rows += l.rows[g]
	for c, call := range l.calls {
		if l.counts[c] == nil {
			continue
		}
		s.sums[c].count += l.counts[c][g]
		if l.mixed[c] != nil {
			for _, p := range l.mixed[c][g].parts {
				s.sums[c].add(p)
			}
			continue
		}
		if l.totals[c] == nil {
			continue
		}
		total := l.totals[c][g].AddMul(value.Int128FromInt64(l.small[c][g]), 1)
		scale := uint8(0)
		if t := l.in[call.Arg]; t.Kind == value.Numeric {
			scale = t.Scale
		}
		s.sums[c].add(part{scale, l.counts[c][g], total})
	}
}
