package row

import (
	"encoding/binary"

	"weir/stream/value"
)

// Shape is how the rows of a relation have grown: a column that came with a later schema version
// is not in the rows that were written before, and reads as its fill value there.
//
// An entry of version 1 is AppendEntry's. An entry of a later version says so:
//
//	0x00, version varint, weight varint, row of the columns that the version has
//
// A weight is never 0, so the two cannot be mistaken for each other.
type Shape struct {
	Types []value.Type
	since []uint32 // ascending; 0 and 1: from the start
	fill  []value.Datum
}

// NewShape makes a shape. since and fill have one entry per column: the version that added it,
// and its value in older rows as a row of this one column, empty for NULL. since is ascending.
func NewShape(types []value.Type, since []uint32, fill [][]byte) (*Shape, error) {
	s := &Shape{Types: types, since: since, fill: make([]value.Datum, len(types))}
	for i := range types {
		if i > 0 && since[i] < since[i-1] {
			return nil, ErrMalformed
		}
		if len(fill[i]) == 0 {
			continue
		}
		ds, err := DecodeRow(types[i:i+1], fill[i])
		if err != nil {
			return nil, err
		}
		s.fill[i] = ds[0]
	}
	return s, nil
}

// Width is the number of columns that rows of a version have.
func (s *Shape) Width(version uint32) int {
	n := len(s.since)
	for n > 0 && s.since[n-1] > max(version, 1) {
		n--
	}
	return n
}

// AppendEntryDatums appends the entry of a row as a version has it.
func (s *Shape) AppendEntryDatums(
	dst []byte, version uint32, weight uint64, ds []value.Datum,
) []byte {
	if version > 1 {
		dst = append(dst, 0)
		dst = binary.AppendUvarint(dst, uint64(version))
	}
	return AppendEntryDatums(dst, weight, ds[:s.Width(version)])
}

// split reads the version of an entry, 0 if it is malformed, and returns what follows.
func (s *Shape) split(b []byte) (version uint32, rest []byte) {
	if len(b) == 0 || b[0] != 0 {
		return 1, b
	}
	v, n := binary.Uvarint(b[1:])
	if n <= 0 || v < 2 || v > 1<<32-1 || n != uvarintLen(v) {
		return 0, nil
	}
	return uint32(v), b[1+n:]
}

// DecodeEntry decodes the value of an entry of any version.
func (s *Shape) DecodeEntry(b []byte) (weight uint64, ds []value.Datum, err error) {
	version, rest := s.split(b)
	if version == 0 {
		return 0, nil, ErrMalformed
	}
	n := s.Width(version)
	weight, ds, err = DecodeEntry(s.Types[:n], rest)
	if err != nil {
		return 0, nil, err
	}
	return weight, append(ds, s.fill[n:]...), nil
}

// DecodeEntryInto appends a decoded entry's row to cols, one for each column of the shape.
func (s *Shape) DecodeEntryInto(cols []*value.Vec, b []byte) (weight uint64, err error) {
	version, rest := s.split(b)
	if version == 0 {
		return 0, ErrMalformed
	}
	n := s.Width(version)
	if weight, err = DecodeEntryInto(cols[:n], rest); err != nil {
		return 0, err
	}
	for i := n; i < len(cols); i++ {
		cols[i].AppendDatum(s.fill[i])
	}
	return weight, nil
}

// Pad appends to the columns of n rows of a version those that came later.
func (s *Shape) Pad(cols []*value.Vec, n int) []*value.Vec {
	for i := len(cols); i < len(s.Types); i++ {
		v := value.NewVec(s.Types[i], n)
		for range n {
			v.AppendDatum(s.fill[i])
		}
		cols = append(cols, v)
	}
	return cols
}
