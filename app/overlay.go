package app

import (
	"bytes"
	"maps"
	"slices"

	"weir/stream/state"
)

// overlay is one keyspace while a block is applied: the version of the last block, and the net
// writes since. Writes can be taken back to a mark, so that a transaction that fails half-way
// leaves nothing behind.
//
// Invariant: cur holds exactly the keys written since base, nil meaning deleted; undoing to mark
// 0 empties it.
type overlay struct {
	base    state.Reader
	cur     map[string][]byte
	journal []write
}

// write remembers what a key was before it was written.
type write struct {
	key     string
	before  []byte
	present bool // the key was in cur
}

func newOverlay(base state.Reader) *overlay {
	return &overlay{base: base, cur: map[string][]byte{}}
}

// get returns the value of key, nil if it is absent. The result must not be changed.
func (o *overlay) get(key []byte) []byte {
	if v, ok := o.cur[string(key)]; ok {
		return v
	}
	var out []byte
	o.base.ProbeSorted([][]byte{key}, func(_ int, v []byte) { out = bytes.Clone(v) })
	return out
}

// set writes key; a nil value deletes it. The overlay keeps value.
func (o *overlay) set(key, value []byte) {
	k := string(key)
	before, present := o.cur[k]
	o.journal = append(o.journal, write{k, before, present})
	o.cur[k] = value
}

// mark is a point to which undo can return.
func (o *overlay) mark() int { return len(o.journal) }

// undo takes back every write since the mark.
func (o *overlay) undo(mark int) {
	for i := len(o.journal) - 1; i >= mark; i-- {
		w := o.journal[i]
		if w.present {
			o.cur[w.key] = w.before
		} else {
			delete(o.cur, w.key)
		}
	}
	o.journal = o.journal[:mark]
}

// net returns the writes as one sorted batch. Deletions of keys that base does not hold, and
// writes of what base holds already, are left out, so that equal state gives an equal batch.
func (o *overlay) net() []state.Change {
	keys := slices.Sorted(maps.Keys(o.cur))
	probe := make([][]byte, len(keys))
	for i, k := range keys {
		probe[i] = []byte(k)
	}
	out := make([]state.Change, 0, len(keys))
	o.base.ProbeSorted(probe, func(i int, old []byte) {
		v := o.cur[keys[i]]
		if (v == nil) == (old == nil) && bytes.Equal(v, old) {
			return
		}
		out = append(out, state.Change{Key: probe[i], Value: v})
	})
	return out
}

// scan visits the entries with lo <= key < hi in order, as they stand with all writes so far;
// a nil hi means to the end. visit must not write.
func (o *overlay) scan(lo, hi []byte, visit func(key, value []byte) bool) {
	var over []string
	//weir:unordered the keys are sorted below
	for k := range o.cur {
		if k >= string(lo) && (hi == nil || k < string(hi)) {
			over = append(over, k)
		}
	}
	slices.Sort(over)
	i, stopped := 0, false
	emit := func(k string) bool {
		v := o.cur[k]
		return v == nil || visit([]byte(k), v)
	}
	o.base.Scan(lo, hi, func(key, value []byte) bool {
		for ; i < len(over) && over[i] < string(key); i++ {
			if stopped = !emit(over[i]); stopped {
				return false
			}
		}
		if i < len(over) && over[i] == string(key) {
			i++
			stopped = !emit(over[i-1])
		} else {
			stopped = !visit(key, value)
		}
		return !stopped
	})
	for ; !stopped && i < len(over); i++ {
		stopped = !emit(over[i])
	}
}

// Probe implements the state interfaces of app/auth and app/lane. It cannot fail.
func (o *overlay) Probe(key []byte) (value []byte, found bool, err error) {
	v := o.get(key)
	return v, v != nil, nil
}

// Set implements the state interfaces of app/auth and app/lane.
func (o *overlay) Set(key, value []byte) { o.set(key, value) }

// Delete implements the state interfaces of app/auth and app/lane.
func (o *overlay) Delete(key []byte) { o.set(key, nil) }

// keys lists the keys with a prefix, in order.
func (o *overlay) keys(prefix []byte) [][]byte {
	var out [][]byte
	o.scan(prefix, nil, func(key, _ []byte) bool {
		if !bytes.HasPrefix(key, prefix) {
			return false
		}
		out = append(out, bytes.Clone(key))
		return true
	})
	return out
}

// ProbeSorted implements state.Reader.
func (o *overlay) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	for i, k := range keys {
		visit(i, o.get(k))
	}
}

// Scan implements state.Reader.
func (o *overlay) Scan(lo, hi []byte, visit func(key, value []byte) bool) { o.scan(lo, hi, visit) }
