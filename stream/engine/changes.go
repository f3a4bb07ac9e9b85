package engine

import (
	"encoding/binary"
	"maps"
	"slices"

	"weir/stream/state"
)

// StreamID names one stream of saved entries.
type StreamID struct {
	Relation uint32
	Stream   int
}

// Streams lists the streams that Save has entries of, in its order. A stream without entries is
// not one: whether a view is empty, suspended, dropped or was never there makes no difference to
// what is stored.
func (e *Engine) Streams() []StreamID {
	var out []StreamID
	e.streams(func(s StreamID, _ state.Version) { out = append(out, s) })
	return out
}

// SaveChanges visits what turns the entries of the last Saved or Load into those of Save, in the
// order of Save: net, an entry that is equal in both is left out, and a nil value means that the
// key is gone. Slices are valid only during the call.
//
// What is stored follows Save exactly if the caller
//
//   - forgets every stored stream that Streams does not list: its entries are not visited;
//   - applies the changes of each other stream to what it has stored under that id, or to
//     nothing;
//   - calls Saved when what it stored is the state to go on from, with no step between.
//
// The comparison is with what was saved under the same id, whatever became of the view since: one
// that was suspended, resumed, refilled, or dropped and defined anew under its id differs from
// what is stored like any other.
func (e *Engine) SaveChanges(visit func(relation uint32, stream int, key, value []byte)) {
	e.streams(func(s StreamID, v state.Version) {
		v.Changes(e.saved[s], func(key, value []byte) { visit(s.Relation, s.Stream, key, value) })
	})
}

// Saved makes the accepted state the one that SaveChanges compares with.
func (e *Engine) Saved() {
	saved := make(map[StreamID]state.Version, len(e.saved))
	e.streams(func(s StreamID, v state.Version) { saved[s] = v })
	e.saved = saved
}

// streams visits the accepted version of every stream that has entries, in the order of Save.
func (e *Engine) streams(visit func(StreamID, state.Version)) {
	some := func(id uint32, stream int, v state.Version) {
		if v.Len() > 0 {
			visit(StreamID{id, stream}, v)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.rels)) {
		v := e.rels[id].view
		if v != nil && v.reason == "" {
			for i, s := range v.prog.Circuit.States() {
				some(id, i, s.Accepted())
			}
		}
		some(id, opMarks, versionOf(encodeMarks(e.marks[id])))
		if v != nil && v.fill != nil {
			some(id, opCursors, versionOf(v.fill.encode()))
		}
	}
}

// versionOf is a version of a few entries.
func versionOf(entries []state.Change) state.Version {
	var r state.Runs
	r.Apply(entries)
	return r.Version()
}

// encodeMarks are the entries of a relation's marks: one, or none.
func encodeMarks(marks []int64) []state.Change {
	if marks == nil {
		return nil
	}
	b := make([]byte, 0, 8*len(marks))
	for _, w := range marks {
		b = binary.BigEndian.AppendUint64(b, uint64(w))
	}
	return []state.Change{{Key: []byte{0}, Value: b}}
}

// encode are the entries of a backfill: one that says that there is one, then its cursors.
func (f *fill) encode() []state.Change {
	out := []state.Change{{Key: []byte{0}, Value: []byte{0}}}
	for _, in := range slices.Sorted(maps.Keys(f.at)) {
		out = append(out, state.Change{
			Key: binary.BigEndian.AppendUint32([]byte{1}, in), Value: f.at[in].append(nil),
		})
	}
	return out
}
