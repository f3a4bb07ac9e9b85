package statebench

import (
	"encoding/binary"
	"slices"
	"time"

	"weir/ledger"
	"weir/ledger/pages"
)

// operators is the state of one operator as a checkpoint meets it: groups that blocks change.
type operators struct {
	entries int
	round   uint64
	all     bool            // the next checkpoint saves every entry
	dirty   map[uint64]bool // those that changed since the last
}

var operatorUnit = ledger.NewUnit(0x50, 1024, 0)

func (o *operators) fill() { o.all, o.dirty = true, map[uint64]bool{} }

// touch changes n entries, or all if there are fewer.
func (o *operators) touch(n int) {
	if o.entries == 0 {
		return
	}
	o.round++
	for i := range uint64(n) {
		o.dirty[mix(o.round<<32+i)%uint64(o.entries)] = true
	}
}

// saving is what a checkpoint saves of operator state, and what that cost.
type saving struct {
	states  []ledger.OpState
	entries int
	bytes   int
	took    time.Duration
}

// at is save at every so many blocks, nil at the others.
func (o *operators) at(block, every int) *saving {
	if block%every != 0 {
		return nil
	}
	return o.save()
}

// save is what the next checkpoint saves.
func (o *operators) save() *saving {
	s := &saving{}
	if o.entries == 0 {
		return s
	}
	var at []uint64
	if o.all {
		for i := range uint64(o.entries) {
			at = append(at, i)
		}
	} else {
		for i := range o.dirty {
			at = append(at, i)
		}
		slices.Sort(at)
	}
	o.all = false
	clear(o.dirty)
	changes := make([]pages.Change, len(at))
	for i, k := range at {
		key := binary.BigEndian.AppendUint64(nil, k)
		changes[i] = pages.Change{Key: key, Value: value(k, o.round)[:40]}
	}
	s.states = []ledger.OpState{{Unit: operatorUnit, Changes: changes}}
	s.entries, s.bytes = len(changes), bytes(changes)
	return s
}
