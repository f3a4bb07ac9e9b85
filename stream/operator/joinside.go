package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// side is one input of a join: a run of
//
//	[bucket of time ++] join key [++ time] ++ row -> weight [, matches]
//
// The time is the column of a band, if the join has one. It orders the rows of a key, so that a
// probe reads only those in reach; buckets before the key let whole ranges of time be freed at
// once. Rows with a NULL in a key or in the time match nothing and are not kept.
type side struct {
	keys    []int // join key columns, in the order of the encoding
	time    int   // column of the band, -1: none
	bucket  int64 // microseconds of a bucket, 0: none
	bare    bool  // rows are not kept, only their weights by key
	counted bool  // an entry also has the weight of what its row matches
	types   []value.Type
	rows    state.Runs
}

// keyed is a delta in the order of its join keys: entry k has the bytes of a key of the run.
type keyed struct {
	b     *batch.Batch
	e     *entries
	cuts  []uint32 // per entry: where its bucket and join key end
	order []int32  // netted entries, ascending
	apart []int32  // rows that match nothing because of a NULL
}

// group is the bucket and join key of an entry.
func (k keyed) group(at int32) []byte { return k.e.key(at)[:k.cuts[at]] }

// sort encodes a delta.
func (s *side) sort(b *batch.Batch) keyed {
	if b == nil {
		return keyed{}
	}
	k := keyed{b: b, e: newEntries(b.Len, 48), cuts: make([]uint32, 0, b.Len)}
	keys := make([]*value.Vec, len(s.keys))
	for i, c := range s.keys {
		keys[i] = b.Cols[c]
	}
	var times *value.Vec
	if s.time >= 0 {
		times = b.Cols[s.time]
	}
	for i := range b.Len {
		if anyNull(keys, i) || times != nil && times.IsNull(i) {
			k.apart = append(k.apart, int32(i))
			continue
		}
		start := len(k.e.arena)
		k.e.arena = append(k.e.arena, row.KeyTag)
		if s.bucket > 0 {
			k.e.arena = appendBucket(k.e.arena, floorDiv(times.Ints[i], s.bucket))
		}
		for _, c := range keys {
			k.e.arena = row.AppendKeyColumn(k.e.arena, c, i)
		}
		k.cuts = append(k.cuts, uint32(len(k.e.arena)-start))
		if times != nil {
			k.e.arena = row.AppendKeyColumn(k.e.arena, times, i)
		}
		if !s.bare {
			k.e.arena = row.AppendRow(k.e.arena, b.Cols, i)
		}
		k.e.close(i, b.Weight(i))
	}
	k.order = k.e.net(k.e.sorted())
	return k
}

func anyNull(cols []*value.Vec, i int) bool {
	for _, c := range cols {
		if c.IsNull(i) {
			return true
		}
	}
	return false
}

// absorb adds a delta to a side that counts no matches and returns it sorted.
func (s *side) absorb(ctx *Context, b *batch.Batch) keyed {
	k := s.sort(b)
	if len(k.order) > 0 {
		ctx.wrote(k.addTo(&s.rows))
	}
	return k
}

// keys returns the keys of the netted entries.
func (k keyed) keys() [][]byte {
	keys := make([][]byte, len(k.order))
	for i, at := range k.order {
		keys[i] = k.e.key(at)
	}
	return keys
}

// addTo adds the sorted, netted entries to a run and returns the net writes.
func (k keyed) addTo(r *state.Runs) []state.Change {
	keys := k.keys()
	writes := make([]state.Change, len(keys))
	arena := make([]byte, 0, 2*len(keys))
	r.Update(keys, func(i int, stored []byte) ([]byte, bool) {
		w := k.e.weights[k.order[i]] + weightOf(stored)
		writes[i].Key = keys[i]
		if w != 0 {
			start := len(arena)
			arena = binary.AppendVarint(arena, w)
			writes[i].Value = arena[start:len(arena):len(arena)]
		}
		return writes[i].Value, true
	})
	return writes
}

// found has the rows of a side that a probe read, in columns.
type found struct {
	ctx     *Context
	cols    []*value.Vec
	weights []int64
	keys    [][]byte // of their entries, if the side counts matches
	counts  []int64
}

func (s *side) found(ctx *Context, capacity int) *found {
	return &found{ctx: ctx, cols: batch.NewBuilder(s.types, capacity).Cols}
}

// read appends an entry; head is how much of its key stands before the row. Every row that is read
// makes a row of the output or a pair to judge.
func (s *side) read(f *found, head int, key, stored []byte) {
	f.ctx.Bound(len(f.weights) + 1)
	if err := row.DecodeRowInto(f.cols, key[head:]); err != nil {
		panic("operator: own join row does not decode: " + err.Error())
	}
	if !s.counted {
		f.weights = append(f.weights, weightOf(stored))
		return
	}
	t := decodeTally(stored)
	f.weights, f.counts = append(f.weights, t.weight), append(f.counts, t.matches)
	f.keys = append(f.keys, key)
}

// visitor is told, for an entry of a delta, which rows of what was found it meets: lo to hi-1.
// first says that it is the first entry of its group.
type visitor func(at int32, lo, hi int, first bool)

// meet reads the rows of a version of s that have the key of an entry of d, for every entry.
func (s *side) meet(f *found, d keyed, v state.Version, visit visitor) {
	cur := v.Cursor()
	var last []byte
	lo, hi := 0, 0 // rows of f with the last key
	for _, at := range d.order {
		key := d.group(at)
		first := last == nil || string(key) != string(last)
		if first {
			last, lo = key, len(f.weights)
			for cur.Seek(key); ; cur.Next() {
				k, stored, ok := cur.Under(key)
				if !ok {
					break
				}
				s.read(f, len(key), k, stored)
			}
			hi = len(f.weights)
		}
		visit(at, lo, hi, first)
	}
}

// presence compares which keys two versions of a run have; keys must not descend.
type presence struct{ before, after state.Cursor }

func newPresence(before, after state.Version) presence {
	return presence{before.Cursor(), after.Cursor()}
}

// change is +1 for a key that came, -1 for one that went, else 0.
func (p *presence) change(key []byte) int64 {
	return has(&p.after, key) - has(&p.before, key)
}

// has is 1 if an entry starts with the key, else 0.
func has(c *state.Cursor, key []byte) int64 {
	c.Seek(key)
	if _, _, ok := c.Under(key); ok {
		return 1
	}
	return 0
}

// tally is the value of an entry of a counted side: the weight of the row, and the sum of the
// weights of the rows that it matches.
type tally struct{ weight, matches int64 }

func (t tally) append(dst []byte) []byte {
	return binary.AppendVarint(binary.AppendVarint(dst, t.weight), t.matches)
}

// decodeTally decodes a tally; absent is zero.
func decodeTally(stored []byte) (t tally) {
	if stored == nil {
		return t
	}
	var n, m int
	t.weight, n = binary.Varint(stored)
	if n > 0 {
		t.matches, m = binary.Varint(stored[n:])
	}
	if n <= 0 || m <= 0 || n+m != len(stored) {
		panic("operator: malformed match count in state")
	}
	return t
}

// upTo reports whether a key lies below a bound or starts with it.
func upTo(key, bound []byte) bool {
	return bytes.Compare(key[:min(len(key), len(bound))], bound) <= 0
}
