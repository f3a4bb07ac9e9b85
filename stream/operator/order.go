package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/value"
)

// OrderKey is one column of ORDER BY.
type OrderKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// Order says how the rows of partitions lie in a run, so that a walk meets each partition in its
// order:
//
//	key    10 | partition columns | ORDER BY columns | columns that break ties | row
//	value  varint weight | uvarint bytes of row | uvarint bytes of the tie columns | more
//
// Partition and tie columns are encoded as in keys: ascending, NULLs last. Rows that agree in all
// of these are the same to SQL and go by their encoding.
type Order struct {
	Types     []value.Type
	Partition []int // the column that carries a mark comes first
	Keys      []OrderKey
	Visible   []int // columns that break ties
}

// Tags of NULL in an ORDER BY column, around that of values.
const (
	orderNullFirst = 0x10
	orderNullLast  = 0xF0
)

// ties are the visible columns that are not equal already where ties are broken.
func (o *Order) ties() []int {
	known := make([]bool, len(o.Types))
	for _, c := range o.Partition {
		known[c] = true
	}
	for _, k := range o.Keys {
		known[k.Col] = true
	}
	var out []int
	for _, c := range o.Visible {
		if !known[c] {
			out = append(out, c)
		}
	}
	return out
}

// appendOrderColumn appends an ORDER BY column: as in keys, with the bytes of a value inverted
// when it descends. No value's bytes begin another's, so inverting turns the order around.
func appendOrderColumn(dst []byte, c *value.Vec, i int, k OrderKey) []byte {
	start := len(dst)
	dst = row.AppendKeyColumn(dst, c, i)
	switch {
	case c.IsNull(i) && k.NullsFirst:
		dst[start] = orderNullFirst
	case c.IsNull(i):
		dst[start] = orderNullLast
	case k.Desc:
		for j := start + 1; j < len(dst); j++ {
			dst[j] ^= 0xFF
		}
	}
	return dst
}

// cut says where the parts of a key end.
type cut struct{ part, order, row uint32 }

// laid is a delta in the order of a run, each key once with the sum of its weights.
type laid struct {
	b     *batch.Batch
	e     *entries
	cuts  []cut // per entry
	order []int32
}

// lay encodes a delta.
func (o *Order) lay(b *batch.Batch) *laid {
	l := &laid{b: b, e: newEntries(b.Len, 64), cuts: make([]cut, 0, b.Len)}
	ties := o.ties()
	for i := range b.Len {
		start := uint32(len(l.e.arena))
		a := append(l.e.arena, row.KeyTag)
		for _, c := range o.Partition {
			a = row.AppendKeyColumn(a, b.Cols[c], i)
		}
		at := cut{part: uint32(len(a)) - start}
		for _, k := range o.Keys {
			a = appendOrderColumn(a, b.Cols[k.Col], i, k)
		}
		at.order = uint32(len(a)) - start
		for _, c := range ties {
			a = row.AppendKeyColumn(a, b.Cols[c], i)
		}
		at.row = uint32(len(a)) - start
		l.e.arena = row.AppendRow(a, b.Cols, i)
		l.e.close(i, b.Weight(i))
		l.cuts = append(l.cuts, at)
	}
	l.order = l.e.net(l.e.sorted())
	return l
}

func (l *laid) key(i int) []byte   { return l.e.key(l.order[i]) }
func (l *laid) cut(i int) cut      { return l.cuts[l.order[i]] }
func (l *laid) weight(i int) int64 { return l.e.weights[l.order[i]] }
func (l *laid) row(i int) int32    { return l.e.rows[l.order[i]] }

// partition is the prefix of entry i's key that its partition has in common.
func (l *laid) partition(i int) []byte { return l.key(i)[:l.cut(i).part] }

// partitionEnd returns the first entry behind the partition of entry i.
func (l *laid) partitionEnd(i int) int {
	prefix := l.partition(i)
	j := i + 1
	for j < len(l.order) && bytes.HasPrefix(l.key(j), prefix) {
		j++
	}
	return j
}

// appendPlaced appends the value of an entry without what an operator adds to it.
func appendPlaced(dst []byte, weight int64, key []byte, at cut) []byte {
	dst = binary.AppendVarint(dst, weight)
	dst = binary.AppendUvarint(dst, uint64(uint32(len(key))-at.row))
	return binary.AppendUvarint(dst, uint64(at.row-at.order))
}

// placed reads the value of an entry; more is what the operator added.
func placed(key, val []byte, part int) (weight int64, at cut, more []byte) {
	weight, n := binary.Varint(val)
	rowLen, m := binary.Uvarint(val[n:])
	tieLen, k := binary.Uvarint(val[n+m:])
	at = cut{part: uint32(part), row: uint32(len(key)) - uint32(rowLen)}
	at.order = at.row - uint32(tieLen)
	return weight, at, val[n+m+k:]
}

// decodeRow appends the row of a stored key to columns.
func decodeRow(cols []*value.Vec, key []byte, at cut) {
	if err := row.DecodeRowInto(cols, key[at.row:]); err != nil {
		panic("operator: own row does not decode: " + err.Error())
	}
}
