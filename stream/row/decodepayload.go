package row

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"weir/stream/value"
)

// PayloadError is the rejection of a payload that no encoder makes for the given types. It
// matches ErrMalformed.
type PayloadError struct {
	Column int    // from 0; -1 when the fault lies before the columns or after them
	Why    string // one clause
}

// Error implements error.
func (e *PayloadError) Error() string {
	if e.Column < 0 {
		return "payload: " + e.Why
	}
	return fmt.Sprintf("payload: column %d: %s", e.Column+1, e.Why)
}

// Unwrap returns ErrMalformed.
func (e *PayloadError) Unwrap() error { return ErrMalformed }

// SQLState returns 22P03, invalid_binary_representation.
func (e *PayloadError) SQLState() string { return value.StateBadBinary }

// DecodePayload decodes what EncodePayload makes of columns of the given types, and nothing else:
// ranges, typmods, text and canonical form are all checked. Errors are *PayloadError, or
// *value.Error with SQLSTATE 54000 for more than maxRows rows. The columns share no storage with
// b. They take at most 200 bytes of memory for a byte of b (a NULL numeric: 24 for a bit).
//
// The caller judges the size of rows: CheckRowSize.
func DecodePayload(types []value.Type, b []byte, maxRows int) (
	cols []*value.Vec, rows int, err error,
) {
	r := payloadReader{reader: reader{b: b}, column: -1}
	rows, err = r.start(payloadRows, maxRows)
	if err != nil {
		return nil, 0, err
	}
	cols, err = r.columns(types, rows)
	if err != nil {
		return nil, 0, err
	}
	return cols, rows, nil
}

// DecodeChanges decodes what EncodeChanges makes, as DecodePayload.
func DecodeChanges(types []value.Type, b []byte, maxRows int) (
	ops []Op, cols []*value.Vec, rows int, err error,
) {
	r := payloadReader{reader: reader{b: b}, column: -1}
	rows, err = r.start(payloadChanges, maxRows)
	if err != nil {
		return nil, nil, 0, err
	}
	ops = r.ops(rows)
	cols, err = r.columns(types, rows)
	if err != nil {
		return nil, nil, 0, err
	}
	return ops, cols, rows, nil
}

// payloadReader is a reader that knows where and why it failed first.
type payloadReader struct {
	reader
	column int
	why    string
}

const cutShort = "the bytes end early, or a number is not in its shortest form"

// must records a fault unless ok; it reports whether there is none so far.
func (r *payloadReader) must(ok bool, why string) bool {
	switch {
	case r.why != "":
	case r.bad:
		r.why = cutShort
	case !ok:
		r.bad, r.why = true, why
	}
	return !r.bad
}

func (r *payloadReader) err() error {
	if !r.must(true, "") {
		return &PayloadError{Column: r.column, Why: r.why}
	}
	return nil
}

func (r *payloadReader) start(format byte, maxRows int) (rows int, err error) {
	r.must(r.byte() == format, "the first byte names another format")
	n := r.uvarint()
	if err := r.err(); err != nil {
		return 0, err
	}
	if n > uint64(max(maxRows, 0)) {
		return 0, value.Errorf(value.StateTooLarge, "payload: %d rows are more than %d", n, maxRows)
	}
	// A row takes at least a bit in every column. This also keeps all later sizes from overflow.
	r.must(n <= 8*uint64(len(r.b)), "there are more rows than the bytes can hold")
	return int(n), r.err()
}

func (r *payloadReader) ops(n int) []Op {
	r.must(r.byte() == codecOps, "the ops have an unknown codec")
	b := r.take((n + 3) / 4)
	if r.bad {
		return nil
	}
	ops := make([]Op, n)
	ok := n&3 == 0 || b[len(b)-1]>>(n&3*2) == 0
	for i := range ops {
		ops[i] = Op(b[i/4] >> (i & 3 * 2) & 3)
		ok = ok && ops[i] != 0
	}
	r.must(ok, "an op is not one of 1, 2, 3")
	return ops
}

func (r *payloadReader) columns(types []value.Type, n int) ([]*value.Vec, error) {
	count := r.uvarint()
	r.must(count > 0 && count <= MaxColumns && count == uint64(len(types)),
		"the number of columns is another")
	if err := r.err(); err != nil {
		return nil, err
	}
	cols := make([]*value.Vec, len(types))
	for j, t := range types {
		r.column = j
		cols[j] = r.col(t, n)
		if err := r.err(); err != nil {
			return nil, err
		}
	}
	r.column = -1
	r.must(len(r.b) == 0, "bytes follow the last column")
	if err := r.err(); err != nil {
		return nil, err
	}
	return cols, nil
}

// col reads a column of n rows. Storage is made only after the bytes that fill it are seen.
func (r *payloadReader) col(t value.Type, n int) *value.Vec {
	if !r.must(t.Kind.Valid() && r.byte() == codecOf(t.Kind), "the codec is not one of its type") {
		return nil
	}
	nulls, k := r.nullBits(n)
	if r.bad {
		return nil
	}
	var v *value.Vec
	switch codecOf(t.Kind) {
	case codecFrame:
		v = r.ints(t, n, k)
	case codecBits:
		v = r.bools(t, n, k)
	case codecDecimal:
		v = r.decimals(t, n, k)
	case codecFloat:
		v = r.floats(t, n, k)
	case codecBytes, codecFixed:
		return r.byteValues(t, n, k, nulls)
	default:
		v = r.intervals(t, n, k)
	}
	if r.bad {
		return nil
	}
	v.Nulls = nulls
	spread(v.Ints, k, nulls)
	spread(v.Decs, k, nulls)
	spread(v.Floats, k, nulls)
	spread(v.Ivs, k, nulls)
	return v
}

// nullBits reads the NULLs of n rows and returns how many are not.
func (r *payloadReader) nullBits(n int) (nulls value.Bitmap, k int) {
	switch r.byte() {
	case 0:
		return nil, n
	case 1:
	default:
		r.must(false, "the NULL bits are malformed")
	}
	b := r.take((n + 7) / 8)
	if !r.must(len(b) > 0, "the NULL bits are malformed") {
		return nil, 0
	}
	r.must(n&7 == 0 || b[len(b)-1]>>(n&7) == 0, "a NULL bit lies beyond the last row")
	nulls = make(value.Bitmap, (n+63)/64)
	set := 0
	for i := range nulls {
		nulls[i] = word(b[8*i:])
		set += bits.OnesCount64(nulls[i])
	}
	r.must(set > 0, "NULL bits are present and none is set")
	return nulls, n - set
}

// word reads up to 8 bytes of b, least first.
func word(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var w uint64
	for i, c := range b {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// spread moves the first k values of vs, in order, to the slots that are not NULL, and zeroes the
// others.
func spread[T any](vs []T, k int, nulls value.Bitmap) {
	if nulls == nil {
		return
	}
	var zero T
	for i := len(vs) - 1; i >= 0; i-- {
		if nulls.Get(i) {
			vs[i] = zero
		} else {
			k--
			vs[i] = vs[k]
		}
	}
}
