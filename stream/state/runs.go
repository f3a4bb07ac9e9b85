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

	// Sizes of branches, in chunks; likewise.
	branchMax  = 64
	branchGoal = 48
	branchMin  = 16
)

// Runs is an ordered keyspace in memory: the state of one operator, or one stored relation.
//
//	root ──► branch ──► branch             immutable, at most branchMax chunks
//	           │
//	           └─► chunk ──► chunk         immutable, packed, at most chunkMax entries
//	                 │
//	                 └ offsets | key bytes, value bytes, key bytes, ...
//
// A sorted batch of net writes rewrites the chunks that it touches and the branches over them, and
// shares all others, so a version is a slice of pointers: a reader keeps its version for free,
// Discard goes back to the last accepted one whatever happened in between, and the garbage
// collector sees few pointers. Cost: one copy of each touched chunk and branch, and of the root (a
// pointer for some thousands of entries) per Apply; it is made for batches.
type Runs struct {
	cur, accepted Version
}

// Version is one immutable version of a Runs. The zero value is empty.
type Version struct {
	branches []*branch
	entries  int
	bytes    int
}

// branch is a run of chunks.
type branch struct {
	low     []byte // the first key
	links   []link
	entries int
	bytes   int
}

// link is a chunk, with the sizes that sharing it needs to know.
type link struct {
	*chunk
	low            []byte // the first key: a search reads it and nothing else
	entries, bytes uint32
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
	if len(v.branches) == 0 || bytes.Compare(v.branches[0].low, bound) >= 0 {
		return 0
	}
	at := v.find(bound, place{})
	b := builder{}
	if at.branch < len(v.branches) {
		links := v.branches[at.branch].links
		c := links[at.chunk]
		b.copy(c.chunk, c.seek(bound, 0), c.len())
		for _, rest := range links[at.chunk+1:] {
			b.share(rest)
		}
		for _, rest := range v.branches[at.branch+1:] {
			b.shareBranch(rest)
		}
	}
	r.cur = b.finish()
	return v.entries - r.cur.entries
}

// place is a chunk of a version: its branch, and its number there.
type place struct{ branch, chunk int }

// find returns the chunk that holds key or would: the last one, from on, whose first key is
// not above it, or from itself.
func (v Version) find(key []byte, from place) place {
	if from.branch >= len(v.branches) {
		return from
	}
	// Sorted batches mostly stay near: the steps from here on double until one goes too far.
	lo, hi := from.branch+1, from.branch+1
	for step := 1; hi < len(v.branches) && bytes.Compare(v.branches[hi].low, key) <= 0; step *= 2 {
		lo, hi = hi+1, hi+step
	}
	for hi = min(hi, len(v.branches)); lo < hi; {
		mid := (lo + hi) / 2
		if bytes.Compare(v.branches[mid].low, key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo-1 != from.branch {
		from = place{branch: lo - 1}
	}
	links := v.branches[from.branch].links
	lo, hi = from.chunk+1, from.chunk+1
	for step := 1; hi < len(links) && bytes.Compare(links[hi].low, key) <= 0; step *= 2 {
		lo, hi = hi+1, hi+step
	}
	for hi = min(hi, len(links)); lo < hi; {
		mid := (lo + hi) / 2
		if bytes.Compare(links[mid].low, key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	from.chunk = lo - 1
	return from
}

// at returns the chunk at a place, nil behind the last.
func (v Version) at(p place) *chunk {
	if p.branch >= len(v.branches) {
		return nil
	}
	return v.branches[p.branch].links[p.chunk].chunk
}

// next is the place behind p, which is one of a chunk.
func (v Version) next(p place) place {
	if p.chunk++; p.chunk == len(v.branches[p.branch].links) {
		p = place{branch: p.branch + 1}
	}
	return p
}

// previous is the place before p; ok is false at the first.
func (v Version) previous(p place) (_ place, ok bool) {
	if p.chunk > 0 {
		return place{p.branch, p.chunk - 1}, true
	}
	if p.branch == 0 {
		return p, false
	}
	return place{p.branch - 1, len(v.branches[p.branch-1].links) - 1}, true
}

// Len returns the number of entries.
func (v Version) Len() int { return v.entries }

// ProbeSorted implements Reader.
func (v Version) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	at, pos := place{}, 0
	for i, key := range keys {
		if len(v.branches) == 0 {
			visit(i, nil)
			continue
		}
		if next := v.find(key, at); next != at {
			at, pos = next, 0
		}
		c := v.at(at)
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
	at := v.find(lo, place{})
	c := v.at(at)
	if c == nil {
		return
	}
	for i := c.seek(lo, 0); c != nil; i = 0 {
		for ; i < c.len(); i++ {
			if hi != nil && bytes.Compare(c.key(i), hi) >= 0 || !visit(c.key(i), c.value(i)) {
				return
			}
		}
		at = v.next(at)
		c = v.at(at)
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
	if len(v.branches) == 0 {
		b.merge(&chunk{offs: []uint32{0}}, changes)
		return b.finish()
	}
	at := place{} // chunks before this one are in b
	for i := 0; i < len(changes); {
		to := v.find(changes[i].Key, at)
		b.shareUpTo(v, at, to)
		next := v.next(to)
		j := len(changes)
		if c := v.at(next); c != nil {
			bound := c.key(0)
			j = i + 1
			for j < len(changes) && bytes.Compare(changes[j].Key, bound) < 0 {
				j++
			}
		}
		b.merge(v.at(to), changes[i:j])
		at, i = next, j
	}
	b.shareUpTo(v, at, place{branch: len(v.branches)})
	return b.finish()
}

// builder makes a version from entries and shared chunks and branches in ascending order.
type builder struct {
	v     Version
	links []link // chunks that have no branch yet
	open  chunk  // entries that have no chunk yet
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

// begin makes memory for the entries of c and some more, if nothing is open.
func (b *builder) begin(c *chunk, more int) {
	if b.open.data == nil {
		b.open.data = make([]byte, 0, len(c.data)+64*more)
	}
}

// merge adds the entries of c under the changes.
func (b *builder) merge(c *chunk, changes []Change) {
	b.begin(c, min(len(changes), chunkMin))
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

// shareUpTo takes over the chunks of v from at to the one before to.
func (b *builder) shareUpTo(v Version, at, to place) {
	for at.branch < to.branch {
		br := v.branches[at.branch]
		if at.chunk == 0 {
			b.shareBranch(br)
		} else {
			for _, l := range br.links[at.chunk:] {
				b.share(l)
			}
		}
		at = place{branch: at.branch + 1}
	}
	if at.chunk < to.chunk {
		for _, l := range v.branches[at.branch].links[at.chunk:to.chunk] {
			b.share(l)
		}
	}
}

// shareBranch takes a whole branch over, or its chunks when what is open is too small to stand.
func (b *builder) shareBranch(br *branch) {
	n, m := b.open.len(), len(b.links)
	if n > 0 && n < chunkMin || m > 0 && m < branchMin {
		for _, l := range br.links {
			b.share(l)
		}
		return
	}
	b.flush(b.open.len())
	b.cut(len(b.links))
	b.grow(br)
}

// share takes a whole chunk over, or its entries when the open chunk is too small to stand.
func (b *builder) share(l link) {
	if n := b.open.len(); n > 0 && n < chunkMin {
		b.copy(l.chunk, 0, l.len())
		return
	}
	b.flush(b.open.len())
	b.push(l)
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
	b.push(link{done, done.key(0), uint32(n), cut})
}

func (b *builder) push(l link) {
	if l.entries == 0 {
		return
	}
	if b.links == nil {
		b.links = make([]link, 0, branchMax)
	}
	b.links = append(b.links, l)
	if len(b.links) == branchMax {
		b.cut(branchGoal)
	}
}

// cut closes the first n open chunks as a branch of their own.
func (b *builder) cut(n int) {
	if n == 0 {
		return
	}
	done := &branch{low: b.links[0].low, links: slices.Clone(b.links[:n])}
	for _, l := range done.links {
		done.entries += int(l.entries)
		done.bytes += int(l.bytes)
	}
	b.links = b.links[:copy(b.links, b.links[n:])]
	b.grow(done)
}

func (b *builder) grow(br *branch) {
	b.v.branches = append(b.v.branches, br)
	b.v.entries += br.entries
	b.v.bytes += br.bytes
}

func (b *builder) finish() Version {
	if len(b.open.offs) > 0 {
		b.flush(b.open.len())
	}
	b.cut(len(b.links))
	return b.v
}
