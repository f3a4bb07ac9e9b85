package row

import (
	"bytes"
	"testing"

	"weir/stream/value"
)

// grown has one column of version 1 and, from version 3 on, two more; the eighth and ninth column
// lie on both sides of a byte of the bitmap of NULLs.
func grown(t testing.TB) *Shape {
	t.Helper()
	types, since := []value.Type{}, []uint32{}
	fill := make([][]byte, 10)
	for i := range 10 {
		types = append(types, value.Of(value.Int4))
		since = append(since, 0)
		if i >= 8 {
			types[i], since[i] = value.Of(value.Text), 3
		}
	}
	fill[8] = AppendRowDatums(nil, []value.Datum{value.NewText("old")})
	s, err := NewShape(types, since, fill)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestShape(t *testing.T) {
	s := grown(t)
	row := make([]value.Datum, 10)
	for i := range 8 {
		row[i] = value.NewInt4(int32(i))
	}
	row[8], row[9] = value.NewText("a"), value.NewText("b")
	if s.Width(1) != 8 || s.Width(2) != 8 || s.Width(3) != 10 || s.Width(9) != 10 {
		t.Fatal("widths")
	}
	for _, c := range []struct {
		version uint32
		want    string
	}{{1, "old"}, {2, "old"}, {3, "a"}, {7, "a"}} {
		b := s.AppendEntryDatums(nil, c.version, 1, row)
		if (c.version == 1) != bytes.Equal(b, AppendEntryDatums(nil, 1, row[:8])) {
			t.Errorf("version %d is written as %x", c.version, b)
		}
		w, ds, err := s.DecodeEntry(b)
		if err != nil || w != 1 || len(ds) != 10 || ds[8].S != c.want || ds[7].I != 7 ||
			ds[9].IsNull() != (c.version < 3) {
			t.Errorf("version %d: %v %v %v", c.version, w, ds, err)
		}
		cols := make([]*value.Vec, 10)
		for i, ty := range s.Types {
			cols[i] = value.NewVec(ty, 0)
		}
		if w, err := s.DecodeEntryInto(cols, b); err != nil || w != 1 || cols[9].Len() != 1 ||
			string(cols[8].Text(0)) != c.want {
			t.Errorf("version %d into columns: %v %v", c.version, w, err)
		}
	}
	if _, err := NewShape(s.Types[:2], []uint32{2, 0}, make([][]byte, 2)); err == nil {
		t.Error("versions that go back were accepted")
	}
}

// FuzzShape: an entry that decodes is the only encoding of its version and row.
func FuzzShape(f *testing.F) {
	s := grown(f)
	row := make([]value.Datum, 10)
	for v := uint32(1); v < 5; v++ {
		f.Add(s.AppendEntryDatums(nil, v, 1, row))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w, ds, err := s.DecodeEntry(b)
		if err != nil {
			return
		}
		v, _ := s.split(b)
		if got := s.AppendEntryDatums(nil, v, w, ds); !bytes.Equal(got, b) {
			t.Fatalf("%x decodes and encodes to %x", b, got)
		}
	})
}
