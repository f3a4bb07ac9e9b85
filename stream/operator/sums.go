package operator

import (
	"encoding/binary"
	"math/bits"
	"slices"

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
	rows   int64
	sums   []sum    // per call; those of min and max stay empty
	best   [][]byte // per call: the part of a key that the extremum makes, empty: none yet
	scalar []bool   // per call: whether it is an extremum that is kept here
}

func newGroupState(calls []Call, appendOnly bool) *groupState {
	g := &groupState{
		sums: make([]sum, len(calls)), best: make([][]byte, len(calls)),
		scalar: make([]bool, len(calls)),
	}
	for i, c := range calls {
		g.scalar[i] = appendOnly && c.extreme()
	}
	return g
}

func (g *groupState) copyFrom(o *groupState) {
	g.rows = o.rows
	for i := range g.sums {
		g.sums[i].count = o.sums[i].count
		g.sums[i].parts = append(g.sums[i].parts[:0], o.sums[i].parts...)
		g.best[i] = append(g.best[i][:0], o.best[i]...)
	}
}

// append encodes the state: varint of the row count, then per call, if it is an extremum that is
// kept here, length and bytes of its part of a key; else varint of the count, number of parts,
// and per part scale, count, and the significant ones of the total's 32 bytes.
func (g *groupState) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, g.rows)
	for i := range g.sums {
		if g.scalar[i] {
			dst = binary.AppendUvarint(dst, uint64(len(g.best[i])))
			dst = append(dst, g.best[i]...)
			continue
		}
		s := &g.sums[i]
		dst = binary.AppendVarint(dst, s.count)
		dst = append(dst, byte(len(s.parts)))
		for k := range s.parts {
			p := &s.parts[k]
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
		g.best[i] = g.best[i][:0]
	}
	if b == nil {
		return
	}
	g.rows, b = cutVarint(b)
	for i := range g.sums {
		if g.scalar[i] {
			size, n := binary.Uvarint(b)
			end := n + int(size)
			g.best[i] = append(g.best[i], b[n:end]...)
			b = b[end:]
			continue
		}
		s := &g.sums[i]
		s.count, b = cutVarint(b)
		parts := int(b[0])
		b = b[1:]
		for range parts {
			p := part{scale: b[0]}
			p.count, b = cutVarint(b[1:])
			p.total, b = cutInt256(b)
			s.parts = append(s.parts, p)
		}
	}
}

func cutVarint(b []byte) (int64, []byte) {
	v, n := binary.Varint(b)
	return v, b[n:]
}

// appendInt256 writes the number of bytes, then that many of the two's complement, big endian,
// as few as keep the sign.
func appendInt256(dst []byte, v value.Int256) []byte {
	var raw [32]byte
	if x, ok := v.Int64(); ok { // nearly all sums
		skip := (bits.LeadingZeros64(uint64(x^x>>63)) - 1) / 8
		dst = append(dst, byte(8-skip))
		binary.BigEndian.PutUint64(raw[:], uint64(x))
		return append(dst, raw[skip:8]...)
	}
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
	if n <= 8 {
		x := int64(int8(b[1]))
		for _, c := range b[2 : 1+n] {
			x = x<<8 | int64(c)
		}
		sign := uint64(x >> 63)
		return value.Int256{uint64(x), sign, sign, sign}, b[1+n:]
	}
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
	switch len(s.parts) {
	case 0:
		return total, 0
	case 1:
		return s.parts[0].total, int(s.parts[0].scale)
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
