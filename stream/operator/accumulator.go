package operator

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/stream/agg"
	"weir/stream/row"
	"weir/stream/value"
)

// Accumulator folds the rows of a frame for Over. Rows come in the order of the partition.
type Accumulator interface {
	// Reset forgets every row.
	Reset()
	// Add takes row i of the input's columns in.
	Add(cols []*value.Vec, i int)
	// Remove takes out the row that came in first of those still in; false: it cannot, and the
	// caller starts again from Reset.
	Remove(cols []*value.Vec, i int) bool
	// Result is the value over the rows that are in.
	Result() (value.Datum, *value.Error)
}

// Keeper is an Accumulator whose state can stand beside a row, so that a running aggregate goes
// on from there. Equal multisets of rows give equal bytes.
type Keeper interface {
	Accumulator
	Append(dst []byte) []byte
	// Load replaces the state by what Append wrote at the front of b and returns the rest.
	Load(b []byte) []byte
}

// NewAccumulator returns the accumulator of an aggregate call over columns of types in: small ones
// for the plain functions, that of package agg for others.
func NewAccumulator(c Call, in []value.Type) Accumulator {
	switch c.Func {
	case agg.CountStar, agg.Count:
		return &countFold{call: c}
	case agg.Sum, agg.Avg:
		if k := in[c.Arg].Kind; k.IsInteger() || k == value.Numeric {
			return &sumFold{call: c}
		}
	case agg.Min, agg.Max:
		return &extremeFold{call: c, t: in[c.Arg]}
	}
	return agg.NewAccumulator(c.Call, in)
}

// takes reports whether a row takes part in a call: FILTER lets it in, the argument is not NULL.
func (c Call) takes(cols []*value.Vec, i int) bool {
	return (c.Filter < 0 || cols[c.Filter].Ints[i] != 0) && (c.Arg < 0 || !cols[c.Arg].IsNull(i))
}

// countFold is count.
type countFold struct {
	call Call
	n    int64
}

func (f *countFold) Reset() { f.n = 0 }

func (f *countFold) Add(cols []*value.Vec, i int) {
	if f.call.takes(cols, i) {
		f.n++
	}
}

func (f *countFold) Remove(cols []*value.Vec, i int) bool {
	if f.call.takes(cols, i) {
		f.n--
	}
	return true
}

func (f *countFold) Result() (value.Datum, *value.Error) { return value.NewInt8(f.n), nil }

func (f *countFold) Append(dst []byte) []byte { return binary.AppendUvarint(dst, uint64(f.n)) }

func (f *countFold) Load(b []byte) []byte {
	n, size := binary.Uvarint(b)
	f.n = int64(n)
	return b[size:]
}

// sumFold is sum and avg of integers and numerics: an exact total per display scale.
type sumFold struct {
	call  Call
	n     int64
	parts []scaleSum // ascending scale, none without values
}

type scaleSum struct {
	scale uint8
	n     int64
	total value.Int256
}

func (f *sumFold) Reset() { f.n, f.parts = 0, f.parts[:0] }

func (f *sumFold) Add(cols []*value.Vec, i int) { f.add(cols, i, 1) }

func (f *sumFold) Remove(cols []*value.Vec, i int) bool {
	f.add(cols, i, -1)
	return true
}

func (f *sumFold) add(cols []*value.Vec, i int, w int64) {
	if !f.call.takes(cols, i) {
		return
	}
	scale, coef := uint8(0), value.Int128{}
	if c := cols[f.call.Arg]; c.Type.Kind == value.Numeric {
		scale, coef = c.Decs[i].Scale, c.Decs[i].Coef
	} else {
		coef = value.Int128FromInt64(c.Ints[i])
	}
	k, ok := slices.BinarySearchFunc(f.parts, scale,
		func(p scaleSum, scale uint8) int { return int(p.scale) - int(scale) })
	if !ok {
		f.parts = slices.Insert(f.parts, k, scaleSum{scale: scale})
	}
	p := &f.parts[k]
	p.n += w
	p.total = p.total.AddMul(coef, w)
	f.n += w
	if p.n == 0 {
		f.parts = slices.Delete(f.parts, k, k+1)
	}
}

func (f *sumFold) Result() (value.Datum, *value.Error) {
	if f.n == 0 {
		return value.Datum{}, nil
	}
	scale := int(f.parts[len(f.parts)-1].scale)
	var total value.Int256
	for _, p := range f.parts {
		up, ok := p.total.MulPow10(scale - int(p.scale))
		if !ok {
			return value.Datum{}, value.ErrNumericRange
		}
		total = total.Add(up)
	}
	return agg.SumResult(f.call.Func, f.call.Type, f.n, total, scale)
}

// Append writes the number of scales, then each: scale, values, 32 bytes of their total.
func (f *sumFold) Append(dst []byte) []byte {
	dst = append(dst, byte(len(f.parts)))
	for _, p := range f.parts {
		dst = binary.AppendUvarint(append(dst, p.scale), uint64(p.n))
		for _, w := range p.total {
			dst = binary.LittleEndian.AppendUint64(dst, w)
		}
	}
	return dst
}

func (f *sumFold) Load(b []byte) []byte {
	f.Reset()
	count := int(b[0])
	b = b[1:]
	for range count {
		p := scaleSum{scale: b[0]}
		n, size := binary.Uvarint(b[1:])
		p.n = int64(n)
		b = b[1+size:]
		for k := range p.total {
			p.total[k] = binary.LittleEndian.Uint64(b[8*k:])
		}
		b = b[32:]
		f.n += p.n
		f.parts = append(f.parts, p)
	}
	return b
}

// extremeFold is min and max. Of equal values with different representations it takes the one whose
// encoding is the first for min, the last for max, as groups do.
type extremeFold struct {
	call Call
	t    value.Type
	best value.Datum // NULL: none yet
}

func (f *extremeFold) Reset() { f.best = value.Datum{} }

func (f *extremeFold) Add(cols []*value.Vec, i int) {
	if !f.call.takes(cols, i) {
		return
	}
	d := cols[f.call.Arg].Datum(i)
	if f.best.IsNull() || (f.compare(d) < 0) == (f.call.Func == agg.Min) {
		f.best = d
	}
}

func (f *extremeFold) compare(d value.Datum) int {
	c := value.Compare(d, f.best)
	if c != 0 || !variable(f.t) {
		return c
	}
	return bytes.Compare(row.AppendRowDatums(nil, []value.Datum{d}),
		row.AppendRowDatums(nil, []value.Datum{f.best}))
}

// Remove can take out what is not the extremum.
func (f *extremeFold) Remove(cols []*value.Vec, i int) bool {
	return !f.call.takes(cols, i) || value.Compare(cols[f.call.Arg].Datum(i), f.best) != 0
}

func (f *extremeFold) Result() (value.Datum, *value.Error) { return f.best, nil }

func (f *extremeFold) Append(dst []byte) []byte { return appendOne(dst, f.best) }

func (f *extremeFold) Load(b []byte) (rest []byte) {
	f.best, rest = cutOne(b, f.t)
	return rest
}

// appendOne writes a value with its length.
func appendOne(dst []byte, d value.Datum) []byte {
	var buf [64]byte
	b := row.AppendRowDatums(buf[:0], []value.Datum{d})
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func cutOne(b []byte, t value.Type) (value.Datum, []byte) {
	n, size := binary.Uvarint(b)
	end := size + int(n)
	d, err := row.DecodeRow([]value.Type{t}, b[size:end])
	if err != nil {
		panic("operator: own running state does not decode: " + err.Error())
	}
	return d[0], b[end:]
}

// firstFold and lastFold are first_value and last_value of a frame that only grows.
type firstFold struct {
	arg int
	t   value.Type
	has bool
	d   value.Datum
}

func (f *firstFold) Reset() { f.has, f.d = false, value.Datum{} }

func (f *firstFold) Add(cols []*value.Vec, i int) {
	if !f.has {
		f.has, f.d = true, cols[f.arg].Datum(i)
	}
}

func (f *firstFold) Remove([]*value.Vec, int) bool { return false }

func (f *firstFold) Result() (value.Datum, *value.Error) { return f.d, nil }

func (f *firstFold) Append(dst []byte) []byte { return appendOne(dst, f.d) }

// Load is called with the state after a row, so there is a first one.
func (f *firstFold) Load(b []byte) (rest []byte) {
	f.has = true
	f.d, rest = cutOne(b, f.t)
	return rest
}

type lastFold struct {
	arg int
	d   value.Datum
}

func (f *lastFold) Reset() { f.d = value.Datum{} }

func (f *lastFold) Add(cols []*value.Vec, i int) { f.d = cols[f.arg].Datum(i) }

func (f *lastFold) Remove([]*value.Vec, int) bool { return false }

func (f *lastFold) Result() (value.Datum, *value.Error) { return f.d, nil }

// Append writes nothing: the row that a frame ends with is always taken in anew.
func (f *lastFold) Append(dst []byte) []byte { return dst }

// Load implements Keeper.
func (f *lastFold) Load(b []byte) []byte { return b }
