package engine

import (
	"encoding/binary"
	"errors"

	"weir/stream/state"
)

// Numbers of streams that are not operator states; operator states count from 0.
const (
	opCursors = 0xFFFF // per input: the cursor of a backfill
	opMarks   = 0xFFFE // one entry: the marks of the relation's columns
)

// ErrState is returned by Load for entries that no Save makes.
var ErrState = errors.New("engine: malformed saved state")

// Save visits every entry of the accepted state: relations by id, within each the streams by
// number, within each the entries in ascending key order. Equal logical state gives equal bytes.
// Slices are valid only during the call.
func (e *Engine) Save(visit func(relation uint32, stream int, key, value []byte)) {
	e.streams(func(s StreamID, v state.Version) {
		v.Each(func(key, value []byte) { visit(s.Relation, s.Stream, key, value) })
	})
}

// Entry is one entry of a Save.
type Entry struct {
	Relation   uint32
	Stream     int
	Key, Value []byte
}

// Load replaces the state of all defined views by the entries of a Save, which come in its
// order. Definitions and suspensions are made before. What was loaded is what is saved: see
// SaveChanges. On an error the engine must be thrown away.
func (e *Engine) Load(next func() (Entry, bool)) error {
	if e.busy {
		return ErrOpen
	}
	cur, ok := next()
	for ok {
		r := e.rels[cur.Relation]
		if r == nil {
			return ErrState
		}
		id, stream := cur.Relation, cur.Stream
		take := func() (key, value []byte, more bool) {
			if !ok || cur.Relation != id || cur.Stream != stream {
				return nil, nil, false
			}
			key, value = cur.Key, cur.Value
			cur, ok = next()
			return key, value, true
		}
		if err := e.loadStream(r, stream, take); err != nil {
			return err
		}
		if ok && cur.Relation == id && cur.Stream == stream {
			return ErrState
		}
	}
	e.Saved()
	return nil
}

// OfMarks tells a stream of marks from those of operators, which may be loaded at the same time.
func (id StreamID) OfMarks() bool { return id.Stream == opMarks }

// LoadStream replaces the state of one stream by its entries of a Save, ascending. Definitions and
// suspensions are made before, and Saved is called after the last. Different streams may be loaded
// at the same time, but for those of marks. On an error the engine must be thrown away.
func (e *Engine) LoadStream(id StreamID, next func() (key, value []byte, ok bool)) error {
	r := e.rels[id.Relation]
	if e.busy {
		return ErrOpen
	}
	if r == nil {
		return ErrState
	}
	return e.loadStream(r, id.Stream, next)
}

func (e *Engine) loadStream(
	r *relation, stream int, next func() (key, value []byte, ok bool),
) error {
	switch stream {
	case opMarks:
		_, value, _ := next()
		if len(value) != 8*len(r.types) {
			return ErrState
		}
		m := make([]int64, len(r.types))
		for i := range m {
			m[i] = int64(binary.BigEndian.Uint64(value[8*i:]))
		}
		e.marks[r.def.ID] = m
		return nil
	case opCursors:
		return loadCursors(r, next)
	}
	if r.view == nil {
		return ErrState
	}
	states := r.view.prog.Circuit.States()
	if stream < 0 || stream >= len(states) {
		return ErrState
	}
	return states[stream].Load(next)
}

func loadCursors(r *relation, next func() (key, value []byte, ok bool)) error {
	if r.view == nil {
		return ErrState
	}
	r.view.fill = newFill()
	for key, value, ok := next(); ok; key, value, ok = next() {
		if len(key) == 1 {
			continue
		}
		if len(key) != 5 {
			return ErrState
		}
		c, err := decodeCursor(value)
		if err != nil {
			return err
		}
		r.view.fill.at[binary.BigEndian.Uint32(key[1:])] = c
	}
	return nil
}
