package operator

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// asofSide is one input of an as-of join. The value of an entry is the weight of the row and
// where in the key the time ends and the row begins.
type asofSide struct {
	keys  []int
	time  int
	ties  []int
	back  bool // later times come first
	types []value.Type
	rows  state.Runs
}

// asofDelta is a delta in the order of a side's run.
type asofDelta struct {
	b       *batch.Batch
	e       *entries
	cuts    []uint32 // per entry: where its join key ends
	moments []uint32 // where its time ends
	begins  []uint32 // where its row begins
	order   []int32
	apart   []int32 // rows with a NULL in a key or the time
}

// moment is the join key ++ time of an entry.
func (d asofDelta) moment(at int32) []byte { return d.e.key(at)[:d.moments[at]] }

// absorb adds a delta to the side and returns it sorted.
func (s *asofSide) absorb(ctx *Context, b *batch.Batch) asofDelta {
	if b == nil {
		return asofDelta{}
	}
	d := asofDelta{b: b, e: newEntries(b.Len, 64)}
	keys, ties := pickVecs(b.Cols, s.keys), pickVecs(b.Cols, s.ties)
	for i := range b.Len {
		if anyNull(keys, i) || b.Cols[s.time].IsNull(i) {
			d.apart = append(d.apart, int32(i))
			continue
		}
		start := len(d.e.arena)
		d.e.arena = row.AppendKey(d.e.arena, keys, i)
		d.cuts = append(d.cuts, uint32(len(d.e.arena)-start))
		d.e.arena = s.appendTime(d.e.arena, b.Cols[s.time].Datum(i))
		d.moments = append(d.moments, uint32(len(d.e.arena)-start))
		for _, c := range ties {
			d.e.arena = row.AppendKeyColumn(d.e.arena, c, i)
		}
		d.begins = append(d.begins, uint32(len(d.e.arena)-start))
		d.e.arena = row.AppendRow(d.e.arena, b.Cols, i)
		d.e.close(i, b.Weight(i))
	}
	d.order = d.e.net(d.e.sorted())
	writes := d.writes(s.rows.Version())
	s.rows.Apply(writes)
	ctx.wrote(writes)
	return d
}

func pickVecs(cols []*value.Vec, at []int) []*value.Vec {
	out := make([]*value.Vec, len(at))
	for i, c := range at {
		out[i] = cols[c]
	}
	return out
}

// appendTime encodes a time in the direction of the run.
func (s *asofSide) appendTime(dst []byte, t value.Datum) []byte {
	start := len(dst)
	dst = row.AppendKeyDatum(dst, t)
	for i := start; s.back && i < len(dst); i++ {
		dst[i] = ^dst[i]
	}
	return dst
}

func (d asofDelta) writes(v state.Version) []state.Change {
	keys := make([][]byte, len(d.order))
	for i, at := range d.order {
		keys[i] = d.e.key(at)
	}
	writes := make([]state.Change, len(keys))
	arena := make([]byte, 0, 4*len(keys))
	v.ProbeSorted(keys, func(i int, stored []byte) {
		at := d.order[i]
		e := asofEntry{moment: d.moments[at], row: d.begins[at], weight: d.e.weights[at]}
		if stored != nil {
			e.weight += decodeAsof(stored).weight
		}
		writes[i].Key = keys[i]
		if e.weight != 0 {
			start := len(arena)
			arena = e.append(arena)
			writes[i].Value = arena[start:len(arena):len(arena)]
		}
	})
	return writes
}

// asofEntry is the value of an entry.
type asofEntry struct {
	weight      int64
	moment, row uint32 // where in the key the time ends, and the row begins
}

func (e asofEntry) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, e.weight)
	dst = binary.AppendUvarint(dst, uint64(e.moment))
	return binary.AppendUvarint(dst, uint64(e.row))
}

func decodeAsof(stored []byte) asofEntry {
	w, n := binary.Varint(stored)
	m, k := binary.Uvarint(stored[max(n, 0):])
	r, l := binary.Uvarint(stored[max(n, 0)+max(k, 0):])
	if n <= 0 || k <= 0 || l <= 0 {
		panic("operator: malformed as-of entry in state")
	}
	return asofEntry{w, uint32(m), uint32(r)}
}

func decodeOwn(cols []*value.Vec, enc []byte) {
	if err := row.DecodeRowInto(cols, enc); err != nil {
		panic("operator: own row does not decode: " + err.Error())
	}
}

// matched has right rows that were read; row 0 is all NULLs.
type matched struct {
	cols []*value.Vec
	n    int32
	last []byte // key of the row read last
}

func newMatched(types []value.Type) *matched {
	return &matched{cols: nulls(types, 1), n: 1}
}

// read returns the number of an entry's row; none is row 0.
func (m *matched) read(key, stored []byte) int32 {
	switch {
	case key == nil:
		return 0
	case m.last == nil || !bytes.Equal(key, m.last):
		decodeOwn(m.cols, key[decodeAsof(stored).row:])
		m.last = key
		m.n++
	}
	return m.n - 1
}

// expect notes at which times keys are to be looked at again.
func (j *Asof) expect(ctx *Context, a, b asofDelta) {
	n := len(a.order) + len(b.order)
	if n == 0 {
		return
	}
	e := newEntries(n, 32)
	note := func(s *asofSide, d asofDelta) {
		for _, at := range d.order {
			e.arena = append(e.arena, row.KeyTag)
			e.arena = row.AppendKeyColumn(e.arena, d.b.Cols[s.time], int(d.e.rows[at]))
			e.arena = append(e.arena, d.e.key(at)[:d.cuts[at]]...)
			e.close(0, 1)
		}
	}
	if !j.spec.Future {
		note(&j.left, a)
	}
	note(&j.right, b)
	order := e.net(e.sorted())
	writes := make([]state.Change, len(order))
	for i, at := range order {
		writes[i] = state.Change{Key: e.key(at), Value: present}
	}
	j.expiry.Apply(writes)
	ctx.wrote(writes)
}

// free drops what no change at or above w can touch.
func (j *Asof) free(w int64) {
	kind := j.left.types[j.left.time].Kind
	bound := markKey(kind, w)
	var groups [][]byte
	j.expiry.Version().Scan(nil, bound, func(key, _ []byte) bool {
		groups = append(groups, key[len(bound):])
		return true
	})
	if len(groups) == 0 {
		return
	}
	j.expiry.FreeBelow(bound)
	slices.SortFunc(groups, bytes.Compare)
	groups = slices.CompactFunc(groups, bytes.Equal)
	f := freeing{spec: j.spec, left: j.left.rows.Version(), right: j.right.rows.Version()}
	for _, g := range groups {
		f.moment = j.left.appendTime(append(f.moment[:0], g...), value.NewInt(kind, w))
		if j.spec.Future {
			f.future(g)
		} else {
			f.past(g)
		}
	}
	j.left.rows.Apply(f.leftGone)
	j.right.rows.Apply(f.rightGone)
}

// freeing collects the entries that go.
type freeing struct {
	spec                AsofSpec
	left, right         state.Version
	moment              []byte // join key ++ the mark
	leftGone, rightGone []state.Change
}

// past: the rows of a key below the mark lie behind it. Left ones go, and right ones but for the
// first, which is the match of what lies at the mark.
func (f *freeing) past(group []byte) {
	from, to := state.Successor(f.moment), state.Successor(group)
	f.leftGone = gone(f.leftGone, f.left, from, to, 0)
	f.rightGone = gone(f.rightGone, f.right, from, to, 1)
}

// future: the rows of a key below the mark lie before it. Right ones go, and left ones that have
// a match among them.
func (f *freeing) future(group []byte) {
	cur := f.right.Cursor()
	cur.Seek(f.moment)
	key, stored := cur.Previous()
	if !bytes.HasPrefix(key, group) {
		return
	}
	last := key[:decodeAsof(stored).moment]
	if !f.spec.Strict {
		last = state.Successor(last)
	}
	f.leftGone = gone(f.leftGone, f.left, group, last, 0)
	f.rightGone = gone(f.rightGone, f.right, group, f.moment, 0)
}

// gone lists deletions of the entries from from to to, but for the first keep.
func gone(out []state.Change, v state.Version, from, to []byte, keep int) []state.Change {
	v.Scan(from, to, func(key, _ []byte) bool {
		if keep--; keep < 0 {
			out = append(out, state.Change{Key: key})
		}
		return true
	})
	return out
}
