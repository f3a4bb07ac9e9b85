package canon

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, i := rapid.Uint64().Draw(t, "u"), rapid.Int64().Draw(t, "i")
		s, w := rapid.String().Draw(t, "s"), rapid.Uint32().Draw(t, "w")
		var b []byte
		b = AppendUvarint(b, u)
		b = AppendVarint(b, i)
		b = AppendString(b, s)
		b = AppendU32(b, w)
		b = AppendBool(b, true)
		r := NewReader(b)
		if r.Uvarint() != u || r.Varint() != i || r.String() != s || r.U32() != w || !r.Bool() {
			t.Fatal("another value came back")
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []byte
		read func(*Reader)
		want error
	}{
		{"padded varint", []byte{0x80, 0x00}, func(r *Reader) { r.Uvarint() }, ErrVarint},
		{
			"varint beyond 64 bits",
			[]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 2},
			func(r *Reader) { r.Uvarint() }, ErrVarint,
		},
		{"short varint", []byte{0x80}, func(r *Reader) { r.Uvarint() }, ErrShort},
		{"bool", []byte{2}, func(r *Reader) { r.Bool() }, ErrValue},
		{"string beyond the input", []byte{9, 'a'}, func(r *Reader) { _ = r.String() }, ErrValue},
		{"trailing", []byte{1, 1}, func(r *Reader) { r.Byte() }, ErrTrailing},
		{"short u32", []byte{1, 1}, func(r *Reader) { r.U32() }, ErrShort},
	} {
		r := NewReader(c.in)
		c.read(r)
		if err := r.Close(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
