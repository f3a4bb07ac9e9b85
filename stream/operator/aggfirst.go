package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/value"
)

// firstSlot is the state of an extreme call over an input that only appends: one row per group.
type firstSlot struct {
	order agg.Order
	last  bool
	best  []int32 // per local group: the row of the delta that is beyond all others, -1: none
	set   bool    // there is one in hand
	key   []byte  // of the one in hand
	rest  []byte
	buf   []byte
}

func newFirstSlot(c agg.Call, in []value.Type) *firstSlot {
	return &firstSlot{order: agg.OrderOf(c, in), last: c.Func.Last()}
}

// step finds the best row of each local group.
func (f *firstSlot) step(b *batch.Batch, of []int32, groups int) {
	for _, w := range b.Weights {
		if w < 0 {
			panic(Conflict{"a retraction from an input that only appends"})
		}
	}
	f.best = resize(f.best, groups)
	for g := range f.best {
		f.best[g] = -1
	}
	ints := b.Cols[f.order.Args[0]].Ints
	if len(f.order.Keys) > 0 {
		ints = nil
	}
	for i, g := range of {
		if !f.order.Takes(b.Cols, i) {
			continue
		}
		best := f.best[g]
		switch {
		case best < 0:
		case ints != nil && !f.order.Nulls:
			if ints[i] == ints[best] || ints[i] > ints[best] != f.last {
				continue
			}
		default:
			c := f.order.Compare(b.Cols, i, int(best))
			if c == 0 || (c > 0) != f.last {
				continue
			}
		}
		f.best[g] = int32(i)
	}
}

// load takes the stored row of a group in hand.
func (f *firstSlot) load(b []byte) []byte {
	f.set = false
	if b == nil {
		return nil
	}
	n, b := cutLength(b)
	if n == 0 {
		return b
	}
	f.set = true
	f.key, b = append(f.key[:0], b[:n-1]...), b[n-1:]
	f.rest = f.rest[:0]
	if f.order.Carry {
		n, b = cutLength(b)
		f.rest, b = append(f.rest, b[:n]...), b[n:]
	}
	return b
}

func cutLength(b []byte) (int, []byte) {
	v, n := binary.Uvarint(b)
	return int(v), b[n:]
}

// merge replaces the row in hand by the local group's if that is beyond it.
func (f *firstSlot) merge(b *batch.Batch, g int32) {
	i := f.best[g]
	if i < 0 {
		return
	}
	f.buf = f.order.AppendKey(f.buf[:0], b.Cols, int(i))
	if f.set && (bytes.Compare(f.buf, f.key) > 0) != f.last {
		return
	}
	f.set = true
	f.key = append(f.key[:0], f.buf...)
	f.rest = f.order.AppendRest(f.rest[:0], b.Cols, int(i))
}

// append encodes the row in hand: length of its key plus 1, key, and the rest with its length; 0
// for none.
func (f *firstSlot) append(dst []byte) []byte {
	if !f.set {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.key)+1))
	dst = append(dst, f.key...)
	if f.order.Carry {
		dst = binary.AppendUvarint(dst, uint64(len(f.rest)))
		dst = append(dst, f.rest...)
	}
	return dst
}
