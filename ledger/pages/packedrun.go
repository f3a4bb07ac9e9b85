package pages

import (
	"bytes"

	"weir/internal/invariant"
)

// Change is one net write: a nil Value deletes Key.
type Change = struct{ Key, Value []byte }

// spillCost is what a run of entries may cost before its front is cut into pages: it bounds what
// an Apply holds at once.
const spillCost = 64 * cutCost

// leafRun is the new content of neighbouring leaves before it is cut: encoded entries.
type leafRun struct {
	data []byte
	ends []uint32 // of each entry in data
	cost uint64
}

func (r *leafRun) len() int { return len(r.ends) }

func (r *leafRun) reset() { r.data, r.ends, r.cost = r.data[:0], r.ends[:0], 0 }

// add encodes an entry.
func (r *leafRun) add(key, value []byte) {
	start := len(r.data)
	r.data = appendField(appendField(r.data, key), value)
	r.ends = append(r.ends, uint32(len(r.data)))
	r.cost += costOf(len(r.data) - start)
}

// take adds the entries from..to-1 of a leaf: their bytes at once.
func (r *leafRun) take(l *leaf, from, to int) {
	if from >= to {
		return
	}
	start := l.spans[from].start
	shift := uint32(len(r.data)) - start
	r.data = append(r.data, l.b[start:l.spans[to-1].end]...)
	for i := from; i < to; i++ {
		s := &l.spans[i]
		r.ends = append(r.ends, s.end+shift)
		r.cost += costOf(int(s.end - s.start))
	}
}

// start is where entry i begins.
func (r *leafRun) start(i int) uint32 {
	if i == 0 {
		return 0
	}
	return r.ends[i-1]
}

// merge adds the entries of a leaf under the changes, and reports whether they differ from the
// leaf's.
func (w *packer) merge(l *leaf, changes []Change) (changed bool) {
	at, n := 0, len(l.spans)
	for i := range changes {
		c := &changes[i]
		next, found := l.find(c.Key, at)
		w.run.take(l, at, next)
		at = next
		if found == (c.Value != nil) && (!found || bytes.Equal(l.value(at), c.Value)) {
			continue // no change: it must not decide where a spill cuts either
		}
		changed = true
		if c.Value != nil {
			w.run.add(c.Key, c.Value)
		}
		if found {
			at++
		}
		if w.run.cost >= spillCost {
			w.spill()
		}
	}
	w.run.take(l, at, n)
	return changed
}

// find returns the first entry, from on, whose key is not below key, and whether it has it.
func (l *leaf) find(key []byte, from int) (int, bool) {
	lo, hi := from, len(l.spans)
	if lo < hi { // dense changes stay where they are
		if c := bytes.Compare(l.key(lo), key); c >= 0 {
			return lo, c == 0
		}
		lo++
	}
	for step := 1; lo+step < hi; step *= 2 { // others do not go far
		if bytes.Compare(l.key(lo+step), key) >= 0 {
			hi = lo + step
			break
		}
		lo += step + 1
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if bytes.Compare(l.key(mid), key) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(l.spans) && bytes.Equal(l.key(lo), key)
}

// spill cuts pages off the front of a long run, half of it.
func (w *packer) spill() {
	from, cost := 0, w.run.cost
	for cost > spillCost/2 {
		to, part := w.run.part(from, cutCost)
		w.page(from, to, part)
		from, cost = to, cost-part
	}
	r := &w.run
	cut := r.start(from)
	r.data = r.data[:copy(r.data, r.data[cut:])]
	n := copy(r.ends, r.ends[from:])
	r.ends, r.cost = r.ends[:n], cost
	for i := range r.ends {
		r.ends[i] -= cut
	}
}

// part returns where a page that starts at entry from and may cost goal ends, and its cost. A
// page has at least one entry.
func (r *leafRun) part(from int, goal uint64) (to int, cost uint64) {
	for to = from; to < len(r.ends); to++ {
		c := costOf(int(r.ends[to] - r.start(to)))
		if to > from && cost+c > goal {
			break
		}
		cost += c
	}
	return to, cost
}

// cut makes leaves of the run: one if it fits, else parts that cost about the same.
func (w *packer) cut() {
	from, cost := 0, w.run.cost
	for w.run.len()-from > 1 && cost > pageCost {
		to, part := w.run.part(from, evenly(cost))
		w.page(from, to, part)
		from, cost = to, cost-part
	}
	if from < w.run.len() {
		w.page(from, w.run.len(), cost)
	}
	w.run.reset()
}

// evenly is the cost of the first of as few even parts as cutCost allows.
func evenly(cost uint64) uint64 {
	parts := (cost + cutCost - 1) / cutCost
	return (cost + parts - 1) / parts
}

// page makes a leaf of the entries from..to-1 of the run.
func (w *packer) page(from, to int, cost uint64) {
	invariant.Check(to > from && to-from <= StatePageLen, "a leaf of %d entries", to-from)
	var body []byte
	if n := len(w.free); n > 0 {
		body, w.free = w.free[n-1], w.free[:n-1]
	}
	body = appendHead(body[:0], 0, to-from)
	body = append(body, w.run.data[w.run.start(from):w.run.ends[to-1]]...)
	key, _, err := stateField(body[packedHead:], StateKeyMax)
	invariant.Check(err == nil, "an entry that was just written does not read: %v", err)
	w.push(ref{
		key: bytes.Clone(key), entries: uint64(to - from), cost: cost, fresh: true, body: body,
	})
}
