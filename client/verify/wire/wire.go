package wire

import (
	"encoding/binary"

	"weir/client/verify/refusal"
)

// Reader reads fields from the front of a byte string.
type Reader struct {
	rest  []byte
	fault error
}

// NewReader returns a reader of b, which must not change while the results are in use.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Fail records a fault, unless there is one already.
func (r *Reader) Fail(code refusal.Code, format string, args ...any) {
	if r.fault == nil {
		r.fault = refusal.New(code, format, args...)
		r.rest = nil
	}
}

// Err returns the first fault.
func (r *Reader) Err() error { return r.fault }

// Len returns the number of bytes left.
func (r *Reader) Len() int { return len(r.rest) }

// Done returns the first fault; bytes left over are one.
func (r *Reader) Done() error {
	if len(r.rest) > 0 {
		r.Fail(refusal.Malformed, "%d bytes follow the end", len(r.rest))
	}
	return r.fault
}

// Take returns the next n bytes, or nil after a fault.
func (r *Reader) Take(n int) []byte {
	if r.fault == nil && (n < 0 || n > len(r.rest)) {
		r.Fail(refusal.Malformed, "the encoding ends early")
	}
	if r.fault != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// U8 reads one byte.
func (r *Reader) U8() uint8 {
	if b := r.Take(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 reads a big-endian integer of 2 bytes.
func (r *Reader) U16() uint16 {
	if b := r.Take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U32 reads a big-endian integer of 4 bytes.
func (r *Reader) U32() uint32 {
	if b := r.Take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// U64 reads a big-endian integer of 8 bytes.
func (r *Reader) U64() uint64 {
	if b := r.Take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// I64 reads a two's complement integer of 8 bytes.
func (r *Reader) I64() int64 { return int64(r.U64()) }

// Blob reads a u32 length and that many bytes; what names them in refusals.
func (r *Reader) Blob(limit int, what string) []byte {
	n := r.U32()
	if uint64(n) > uint64(limit) {
		r.Fail(refusal.TooLarge, "%s has %d bytes, the limit is %d", what, n, limit)
	}
	return r.Take(int(n))
}

// Short reads a u8 length and that many bytes.
func (r *Reader) Short(limit int, what string) []byte {
	n := int(r.U8())
	if n > limit {
		r.Fail(refusal.TooLarge, "%s has %d bytes, the limit is %d", what, n, limit)
	}
	return r.Take(n)
}

// Count reads a u16 number of items of at least size bytes each, so that a slice of that many
// items is proportional to the input.
func (r *Reader) Count(limit, size int, what string) int {
	n := int(r.U16())
	if n > limit {
		r.Fail(refusal.TooLarge, "there are %d %s, the limit is %d", n, what, limit)
	}
	if n*size > len(r.rest) {
		r.Fail(refusal.Malformed, "the encoding ends early")
	}
	if r.fault != nil {
		return 0
	}
	return n
}

// AppendBlob appends a u32 length and b.
func AppendBlob(dst, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(b))), b...)
}

// AppendShort appends a u8 length and b, which has at most 255 bytes.
func AppendShort(dst, b []byte) []byte { return append(append(dst, byte(len(b))), b...) }
