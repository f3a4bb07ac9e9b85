package state

import (
	"errors"
)

// ErrOrder is returned by Load when keys do not ascend strictly or a value is missing.
var ErrOrder = errors.New("state: entries are not in strictly ascending key order")

// Mem holds stored relations in memory. It satisfies Relations.
type Mem struct {
	rels map[uint32]*Runs
}

// NewMem returns an empty store.
func NewMem() *Mem { return &Mem{rels: map[uint32]*Runs{}} }

// Relation implements Relations: a view of the relation as it is now, which later writes do
// not change.
func (m *Mem) Relation(id uint32) Reader {
	if r := m.rels[id]; r != nil {
		return r.Version()
	}
	return Version{}
}

// Apply writes a sorted net batch to a relation.
func (m *Mem) Apply(id uint32, changes []Change) {
	r := m.rels[id]
	if r == nil {
		r = &Runs{}
		m.rels[id] = r
	}
	r.Apply(changes)
	r.Accept()
}

// Drop forgets a relation.
func (m *Mem) Drop(id uint32) { delete(m.rels, id) }

// Clone returns an independent store; versions are shared.
func (m *Mem) Clone() *Mem {
	c := NewMem()
	//weir:unordered copies a map into a map
	for id, r := range m.rels {
		one := *r
		c.rels[id] = &one
	}
	return c
}
