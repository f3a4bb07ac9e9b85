package index

import (
	"bytes"

	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// MaxColumnBytes is how much of the columns a key holds: what they encode to beyond it is cut off,
// and rows that are equal up to there stand in the order of their own keys. So no row is too long
// for an index, and no index can fail.
const MaxColumnBytes = 1 << 10

// AppendKey appends the key of row i of cols in x; rowKey is the key of the row in its relation.
//
//	row.KeyTag, every column of x in its order, cut to MaxColumnBytes, rowKey without its tag
//
// Byte order of keys is the order of x, then that of the relation. Different rows have different
// keys.
func AppendKey(
	dst []byte, x *catalog.Index, cols []*value.Vec, i int, rowKey []byte,
) []byte {
	dst = append(dst, row.KeyTag)
	start := len(dst)
	for _, c := range x.Columns {
		at := len(dst)
		dst = row.AppendKeyColumn(dst, cols[c.Column], i)
		orient(dst[at:], c)
		if len(dst)-start >= MaxColumnBytes {
			dst = dst[:start+MaxColumnBytes]
			break
		}
	}
	return append(dst, rowKey[1:]...)
}

// AppendKeyDatums appends the same key from single values.
func AppendKeyDatums(
	dst []byte, x *catalog.Index, vals []value.Datum, rowKey []byte,
) []byte {
	return append(appendColumns(dst, x, vals), rowKey[1:]...)
}

// appendColumns appends the part of a key that the columns make, with its tag.
func appendColumns(dst []byte, x *catalog.Index, vals []value.Datum) []byte {
	dst = append(dst, row.KeyTag)
	start := len(dst)
	for _, c := range x.Columns {
		at := len(dst)
		dst = row.AppendKeyDatum(dst, vals[c.Column])
		orient(dst[at:], c)
		if len(dst)-start >= MaxColumnBytes {
			return dst[:start+MaxColumnBytes]
		}
	}
	return dst
}

// Part turns the key part of a value, NULL too, to the order of a column.
func Part(part []byte, c catalog.IndexColumn) []byte {
	out := bytes.Clone(part)
	orient(out, c)
	return out
}

// nullFirst and nullLast are the parts of NULL: below and above those of all values, which begin
// with 20, or df if they descend.
const (
	nullFirst = 0x0F
	nullLast  = 0xF0
)

// Null is the ascending key part of NULL.
func Null() []byte { return []byte{nullLast} }

// orient turns a part from ascending, NULLs last, to the order of a column: complemented bytes
// sort the other way round, since no part is the beginning of another.
func orient(part []byte, c catalog.IndexColumn) {
	switch {
	case part[0] == nullLast:
		if c.NullsFirst {
			part[0] = nullFirst
		}
	case c.Desc:
		for i := range part {
			part[i] = ^part[i]
		}
	}
}
