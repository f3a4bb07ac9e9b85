package state

import (
	"bytes"
	"slices"

	"weir/internal/invariant"
)

// Chunk sizes of Runs, in entries. They shape memory only and are never hashed.
const (
	chunkMax  = 128 // a chunk above this is cut
	chunkGoal = 96  // size that cuts aim at
	chunkMin  = 32  // a rewritten chunk below this takes its right neighbour in
)

// Runs is an ordered keyspace in memory: the state of one operator, or one stored relation.
//
//	index ──► chunk ──► chunk ──► chunk      immutable, packed, at most chunkMax entries
//	            │
//	            └ offsets | key bytes, value bytes, key bytes, ...
//
// A sorted batch of net writes rewrites the chunks that it touches and shares all others, so a
// version is a slice of pointers: a reader keeps its version for free, Discard goes back to the
// last accepted one whatever happened in between, and the garbage collector sees few pointers.
// Cost: one copy of a touched chunk and of the index per Apply; it is made for batches.
type Runs struct {
	cur, accepted Version
}

// Version is one immutable version of a Runs. The zero value is empty.
type Version struct {
	chunks  []*chunk
	entries int
	bytes   int
}

type chunk struct {
	offs []uint32 // 2n+1 offsets: key i is data[offs[2i]:offs[2i+1]], its value ends at offs[2i+2]
	data []byte
}

func (c *chunk) len() int         { return len(c.offs) / 2 }
func (c *chunk) key(i int) []byte { return c.data[c.offs[2*i]:c.offs[2*i+1]:c.offs[2*i+1]] }
func (c *chunk) value(i int) []byte {
	return c.data[c.offs[2*i+1]:c.offs[2*i+2]:c.offs[2*i+2]]
}

// seek returns the first entry of c, from on, whose key is not below key.
func (c *chunk) seek(key []byte, from int) int {
	lo, hi := from, c.len()
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(c.key(mid), key) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Version returns the current version, writes that are not accepted included.
func (r *Runs) Version() Version { return r.cur }

// Accepted implements Operator: the version of the last Accept.
func (r *Runs) Accepted() Version { return r.accepted }

// Accept implements Operator.
func (r *Runs) Accept() { r.accepted = r.cur }

// Discard implements Operator.
func (r *Runs) Discard() { r.cur = r.accepted }

// Size implements Operator: of the accepted version; bytes are those of keys and values.
func (r *Runs) Size() (entries, bytes int) { return r.accepted.entries, r.accepted.bytes }

// Save implements Operator.
func (r *Runs) Save(visit func(key, value []byte)) {
	r.accepted.Each(visit)
}

// Load implements Operator. Keys must come in strictly ascending order.
func (r *Runs) Load(next func() (key, value []byte, ok bool)) error {
	var b builder
	var last []byte
	for n := 0; ; n++ {
		key, value, ok := next()
		if !ok {
			break
		}
		if n > 0 && bytes.Compare(last, key) >= 0 || value == nil {
			return ErrOrder
		}
		last = append(last[:0], key...)
		b.add(key, value)
	}
	r.cur = b.finish()
	r.accepted = r.cur
	return nil
}

// Apply makes a new current version with the net writes, whose keys are strictly ascending; a
// nil value deletes, and deleting what is absent does nothing. The slices are copied.
func (r *Runs) Apply(changes []Change) {
	if len(changes) > 0 {
		r.cur = r.cur.apply(changes)
	}
}

// FreeBelow drops every entry whose key is below bound and returns how many there were.
func (r *Runs) FreeBelow(bound []byte) int {
	v := r.cur
	if len(v.chunks) == 0 || bytes.Compare(v.chunks[0].key(0), bound) >= 0 {
		return 0
	}
	at := v.find(bound, 0)
	b := builder{}
	if at < len(v.chunks) {
		c := v.chunks[at]
		for i := c.seek(bound, 0); i < c.len(); i++ {
			b.add(c.key(i), c.value(i))
		}
		for _, rest := range v.chunks[at+1:] {
			b.share(rest)
		}
	}
	r.cur = b.finish()
	return v.entries - r.cur.entries
}

// find returns the chunk that holds key or would: the last one, from on, whose first key is
// not above it, or from itself.
func (v Version) find(key []byte, from int) int {
	lo, hi := from, len(v.chunks)
	if from+1 < hi && bytes.Compare(v.chunks[from+1].key(0), key) > 0 {
		return from // sorted batches mostly stay where they are
	}
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(v.chunks[mid].key(0), key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return max(lo-1, from)
}

// Len returns the number of entries.
func (v Version) Len() int { return v.entries }

// ProbeSorted implements Reader.
func (v Version) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	at, pos := 0, 0
	for i, key := range keys {
		if len(v.chunks) == 0 {
			visit(i, nil)
			continue
		}
		if next := v.find(key, at); next != at {
			at, pos = next, 0
		}
		c := v.chunks[at]
		pos = c.seek(key, pos)
		if pos < c.len() && bytes.Equal(c.key(pos), key) {
			visit(i, c.value(pos))
		} else {
			visit(i, nil)
		}
	}
}

// Scan implements Reader.
func (v Version) Scan(lo, hi []byte, visit func(key, value []byte) bool) {
	if len(v.chunks) == 0 {
		return
	}
	at := v.find(lo, 0)
	for i := v.chunks[at].seek(lo, 0); at < len(v.chunks); at, i = at+1, 0 {
		for c := v.chunks[at]; i < c.len(); i++ {
			if hi != nil && bytes.Compare(c.key(i), hi) >= 0 || !visit(c.key(i), c.value(i)) {
				return
			}
		}
	}
}

// Each visits all entries in order.
func (v Version) Each(visit func(key, value []byte)) {
	v.Scan(nil, nil, func(key, value []byte) bool {
		visit(key, value)
		return true
	})
}

// ScanPrefix visits the entries whose key starts with prefix, in order.
func (v Version) ScanPrefix(prefix []byte, visit func(key, value []byte) bool) {
	v.Scan(prefix, nil, func(key, value []byte) bool {
		return bytes.HasPrefix(key, prefix) && visit(key, value)
	})
}

func (v Version) apply(changes []Change) Version {
	var b builder
	if len(v.chunks) == 0 {
		b.merge(&chunk{offs: []uint32{0}}, changes)
		return b.finish()
	}
	done := 0 // chunks before this one are in b
	for i := 0; i < len(changes); {
		at := v.find(changes[i].Key, done)
		for ; done < at; done++ {
			b.share(v.chunks[done])
		}
		j := len(changes)
		if at+1 < len(v.chunks) {
			bound := v.chunks[at+1].key(0)
			j = i + 1
			for j < len(changes) && bytes.Compare(changes[j].Key, bound) < 0 {
				j++
			}
		}
		b.merge(v.chunks[at], changes[i:j])
		done, i = at+1, j
	}
	for ; done < len(v.chunks); done++ {
		b.share(v.chunks[done])
	}
	return b.finish()
}

// builder makes a version from entries and shared chunks in ascending order.
type builder struct {
	v    Version
	open chunk
}

func (b *builder) add(key, value []byte) {
	if len(b.open.offs) == 0 {
		b.open.offs = make([]uint32, 1, 2*chunkGoal+1)
	}
	b.open.data = append(b.open.data, key...)
	b.open.offs = append(b.open.offs, uint32(len(b.open.data)))
	b.open.data = append(b.open.data, value...)
	b.open.offs = append(b.open.offs, uint32(len(b.open.data)))
	if b.open.len() >= chunkMax {
		b.flush(chunkGoal)
	}
}

// merge adds the entries of c under the changes.
func (b *builder) merge(c *chunk, changes []Change) {
	if b.open.data == nil {
		b.open.data = make([]byte, 0, len(c.data)+64*len(changes[:min(len(changes), 32)]))
	}
	i := 0
	for n, ch := range changes {
		invariant.Check(n == 0 || bytes.Compare(changes[n-1].Key, ch.Key) < 0,
			"state: a batch of writes is not in strictly ascending order")
		to := c.seek(ch.Key, i)
		b.copy(c, i, to)
		i = to
		if i < c.len() && bytes.Equal(c.key(i), ch.Key) {
			i++
		}
		if ch.Value != nil {
			b.add(ch.Key, ch.Value)
		}
	}
	b.copy(c, i, c.len())
}

// copy adds entries from..to-1 of c: their bytes at once, as they lie next to each other.
func (b *builder) copy(c *chunk, from, to int) {
	for from < to {
		if len(b.open.offs) == 0 {
			b.open.offs = make([]uint32, 1, 2*chunkGoal+1)
		}
		end := min(to, from+chunkMax-b.open.len())
		offs := c.offs[2*from : 2*end+1]
		shift := uint32(len(b.open.data)) - offs[0]
		b.open.data = append(b.open.data, c.data[offs[0]:offs[len(offs)-1]]...)
		for _, o := range offs[1:] {
			b.open.offs = append(b.open.offs, o+shift)
		}
		if b.open.len() >= chunkMax {
			b.flush(chunkGoal)
		}
		from = end
	}
}

// share takes a whole chunk over, or its entries when the open chunk is too small to stand.
func (b *builder) share(c *chunk) {
	if n := b.open.len(); n > 0 && n < chunkMin {
		b.copy(c, 0, c.len())
		return
	}
	b.flush(b.open.len())
	b.push(c)
}

// flush closes the first n entries of the open chunk as a chunk of their own.
func (b *builder) flush(n int) {
	if n == 0 {
		return
	}
	cut := b.open.offs[2*n]
	done := &chunk{
		offs: slices.Clone(b.open.offs[:2*n+1]),
		data: append(make([]byte, 0, cut), b.open.data[:cut]...), // never nil, nor is a value
	}
	rest := b.open.offs[2*n:]
	for i, o := range rest {
		b.open.offs[i] = o - cut
	}
	b.open.offs = b.open.offs[:len(rest)]
	b.open.data = b.open.data[:copy(b.open.data, b.open.data[cut:])]
	b.push(done)
}

func (b *builder) push(c *chunk) {
	if c.len() == 0 {
		return
	}
	b.v.chunks = append(b.v.chunks, c)
	b.v.entries += c.len()
	b.v.bytes += len(c.data)
}

func (b *builder) finish() Version {
	if len(b.open.offs) > 0 {
		b.flush(b.open.len())
	}
	return b.v
}
