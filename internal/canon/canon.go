package canon

import (
	"encoding/binary"
	"errors"
)

// The faults of an encoding.
var (
	ErrShort    = errors.New("encoding ends early")
	ErrTrailing = errors.New("bytes after the end of the encoding")
	ErrVarint   = errors.New("varint is not in its shortest form")
	ErrValue    = errors.New("value is out of range")
)

// AppendUvarint appends v in its shortest form, seven bits a byte, least first.
func AppendUvarint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// AppendU32 appends v in four bytes, big-endian.
func AppendU32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

// AppendVarint appends v with its sign in the lowest bit (zigzag), as an unsigned varint.
func AppendVarint(b []byte, v int64) []byte {
	return AppendUvarint(b, uint64(v)<<1^uint64(v>>63))
}

// AppendBool appends one byte, 0 or 1.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// AppendString appends the length of s and s.
func AppendString[T ~string | ~[]byte](b []byte, s T) []byte {
	b = AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Reader reads an encoding from its front.
type Reader struct {
	rest []byte
	err  error
}

// NewReader reads b, which it does not copy.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Fail makes err the reader's error unless it has one.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Len is the number of bytes left.
func (r *Reader) Len() int { return len(r.rest) }

// Close ends reading: nothing may be left.
func (r *Reader) Close() error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = ErrTrailing
	}
	return r.err
}

// Take reads n bytes, which alias the input.
func (r *Reader) Take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Fail(ErrShort)
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	b := r.Take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// Bool reads one byte that is 0 or 1.
func (r *Reader) Bool() bool {
	b := r.Byte()
	if b > 1 {
		r.Fail(ErrValue)
	}
	return b == 1
}

// U32 reads four bytes, big-endian.
func (r *Reader) U32() uint32 {
	b := r.Take(4)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// Uvarint reads an unsigned varint, which must be in its shortest form.
func (r *Reader) Uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	switch {
	case n == 0:
		r.Fail(ErrShort)
		return 0
	case n < 0 || n > 1 && r.rest[n-1] == 0:
		r.Fail(ErrVarint)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Varint reads a signed varint.
func (r *Reader) Varint() int64 {
	u := r.Uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// Int reads an unsigned varint of at most limit.
func (r *Reader) Int(limit int) int {
	v := r.Uvarint()
	if v > uint64(limit) {
		r.Fail(ErrValue)
		return 0
	}
	return int(v)
}

// Count reads the length of a list whose elements take at least one byte each, so that a list
// can never be longer than what is left to read.
func (r *Reader) Count() int { return r.Int(len(r.rest)) }

// Bytes reads a length and that many bytes, which alias the input.
func (r *Reader) Bytes() []byte { return r.Take(r.Count()) }

// String reads a length and that many bytes.
func (r *Reader) String() string { return string(r.Bytes()) }
