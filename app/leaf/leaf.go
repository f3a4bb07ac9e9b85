package leaf

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// Versions of leaves, the first byte: VersionSeveral for streams with several watermarks.
const (
	Version        = 1
	VersionSeveral = 2
)

// NoWatermark stands for "no watermark yet".
const NoWatermark = math.MinInt64

// Limits of what a leaf holds; the transaction's limits are the same or lower.
const (
	MaxNameBytes = 64
	MaxRows      = 8192
	MaxMarks     = 8 // watermarks of a stream
)

// Leaf is one Append as it was applied.
type Leaf struct {
	Relation     uint32
	Schema       uint32 // schema version that the payload is encoded under
	Role, Writer string
	Height       int64
	Tx           uint32 // transaction in the block
	Op           uint8  // operation in the transaction
	TimeMicros   int64  // block time, microseconds since 1970 UTC
	FirstOffset  uint64
	Rows         uint32
	// StreamMark and ProducerMark are the watermarks before the transaction, uncapped, in the
	// unit of the event-time column (microseconds); NoWatermark if there was none.
	StreamMark, ProducerMark int64
	// More are those of the stream's further watermarks, in the order of its definition.
	More           []Marks
	Late, Rejected Bitmap
	HeaderHash     [32]byte
	Signature      [64]byte
	PayloadHash    [32]byte
}

// Marks are the watermarks on one column before the transaction.
type Marks struct{ Stream, Producer int64 }

// Mark returns the marks of the stream's watermark i.
func (l *Leaf) Mark(i int) Marks {
	if i == 0 {
		return Marks{l.StreamMark, l.ProducerMark}
	}
	return l.More[i-1]
}

// SetMark sets the marks of watermark i; they are set in order.
func (l *Leaf) SetMark(i int, m Marks) {
	if i == 0 {
		l.StreamMark, l.ProducerMark = m.Stream, m.Producer
		return
	}
	l.More = append(l.More[:i-1], m)
}

// Bitmap has one bit per row of the Append, row 0 in the lowest bit of byte 0. It is nil when no
// bit is set.
type Bitmap []byte

// Get reports bit i.
func (b Bitmap) Get(i int) bool { return i>>3 < len(b) && b[i>>3]&(1<<(i&7)) != 0 }

// Count returns the number of set bits.
func (b Bitmap) Count() int {
	n := 0
	for _, x := range b {
		for ; x != 0; x &= x - 1 {
			n++
		}
	}
	return n
}

// NewBitmap makes a bitmap of rows bits from a predicate.
func NewBitmap(rows int, set func(i int) bool) Bitmap {
	var b Bitmap
	for i := range rows {
		if !set(i) {
			continue
		}
		if b == nil {
			b = make(Bitmap, (rows+7)/8)
		}
		b[i>>3] |= 1 << (i & 7)
	}
	return b
}

// ErrMalformed is returned for bytes that Append never makes.
var ErrMalformed = errors.New("leaf: malformed log leaf")

// Append appends the canonical encoding of l.
func (l *Leaf) Append(b []byte) []byte {
	version := byte(Version)
	if len(l.More) > 0 {
		version = VersionSeveral
	}
	b = append(b, version)
	b = binary.BigEndian.AppendUint32(b, l.Relation)
	b = binary.BigEndian.AppendUint32(b, l.Schema)
	b = appendName(b, l.Role)
	b = appendName(b, l.Writer)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Height))
	b = binary.BigEndian.AppendUint32(b, l.Tx)
	b = append(b, l.Op)
	b = binary.BigEndian.AppendUint64(b, uint64(l.TimeMicros))
	b = binary.BigEndian.AppendUint64(b, l.FirstOffset)
	b = binary.BigEndian.AppendUint32(b, l.Rows)
	b = binary.BigEndian.AppendUint64(b, uint64(l.StreamMark))
	b = binary.BigEndian.AppendUint64(b, uint64(l.ProducerMark))
	if version == VersionSeveral {
		b = append(b, byte(len(l.More)))
		for _, m := range l.More {
			b = binary.BigEndian.AppendUint64(b, uint64(m.Stream))
			b = binary.BigEndian.AppendUint64(b, uint64(m.Producer))
		}
	}
	b = appendBitmap(b, l.Late)
	b = appendBitmap(b, l.Rejected)
	b = append(b, l.HeaderHash[:]...)
	b = append(b, l.Signature[:]...)
	return append(b, l.PayloadHash[:]...)
}

func appendName(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }

func appendBitmap(b []byte, m Bitmap) []byte {
	if m == nil {
		return append(b, 0)
	}
	return append(append(b, 1), m...)
}

// Decode is the inverse of Append. The result keeps no reference to b.
func Decode(b []byte) (*Leaf, error) {
	d := decoder{b: b}
	version := d.byte()
	if version != Version && version != VersionSeveral {
		return nil, ErrMalformed
	}
	l := &Leaf{Relation: d.u32(), Schema: d.u32(), Role: d.name(), Writer: d.name()}
	l.Height, l.Tx, l.Op, l.TimeMicros = int64(d.u64()), d.u32(), d.byte(), int64(d.u64())
	l.FirstOffset, l.Rows = d.u64(), d.u32()
	l.StreamMark, l.ProducerMark = int64(d.u64()), int64(d.u64())
	if version == VersionSeveral {
		n := int(d.byte())
		if n == 0 || n >= MaxMarks {
			return nil, ErrMalformed
		}
		for range n {
			l.More = append(l.More, Marks{int64(d.u64()), int64(d.u64())})
		}
	}
	if l.Rows > MaxRows {
		return nil, ErrMalformed
	}
	l.Late, l.Rejected = d.bitmap(int(l.Rows)), d.bitmap(int(l.Rows))
	copy(l.HeaderHash[:], d.take(len(l.HeaderHash)))
	copy(l.Signature[:], d.take(len(l.Signature)))
	copy(l.PayloadHash[:], d.take(len(l.PayloadHash)))
	if d.bad || len(d.b) != 0 {
		return nil, ErrMalformed
	}
	return l, nil
}

// decoder reads from the front of b; after the first fault every read gives zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || len(d.b) < n {
		d.bad = true
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte {
	if t := d.take(1); t != nil {
		return t[0]
	}
	return 0
}

func (d *decoder) u32() uint32 {
	if t := d.take(4); t != nil {
		return binary.BigEndian.Uint32(t)
	}
	return 0
}

func (d *decoder) u64() uint64 {
	if t := d.take(8); t != nil {
		return binary.BigEndian.Uint64(t)
	}
	return 0
}

func (d *decoder) name() string {
	n := int(d.byte())
	s := string(d.take(n))
	if n > MaxNameBytes || !utf8.ValidString(s) {
		d.bad = true
	}
	return s
}

func (d *decoder) bitmap(rows int) Bitmap {
	switch d.byte() {
	case 0:
		return nil
	case 1:
		m := append(Bitmap(nil), d.take((rows+7)/8)...)
		if m.Count() == 0 || rows%8 != 0 && m[len(m)-1]>>(rows%8) != 0 {
			d.bad = true
		}
		return m
	default:
		d.bad = true
		return nil
	}
}
