package app

import (
	"weir/ledger"
	"weir/ledger/tree"
	"weir/stream/engine"
	"weir/stream/state"
)

// What follows is how the ledger keeps what the engine makes: a stored relation is a tree, and
// the state of an operator is a unit of pages. Blocks do it, and so do measurements that run the
// engine over the ledger without consensus.

// ApplyRows hands one stored relation's net writes of a step to a block of the ledger.
//
// Errors: tree.ErrBatch; the block is unchanged.
func ApplyRows(b *ledger.Block, relation uint32, net []state.Change) error {
	return b.Apply(rowsUnit(relation), treeChanges(net))
}

func treeChanges(net []state.Change) []tree.Change {
	changes := make([]tree.Change, len(net))
	for i, c := range net {
		changes[i] = tree.Change{Key: c.Key, Value: c.Value}
	}
	return changes
}

// BlockRows reads stored relations as a block of the ledger has them so far.
func BlockRows(b *ledger.Block) state.Relations { return ledgerRows{b} }

type ledgerRows struct{ l *ledger.Block }

// Relation implements state.Relations.
func (r ledgerRows) Relation(id uint32) state.Reader { return r.l.Reader(rowsUnit(id)) }

// OperatorStates are what changed in an engine's states since the last checkpoint, one unit per
// operator. From now on changes count from here, so the checkpoint must be made.
func OperatorStates(e *engine.Engine) []ledger.OpState {
	streams := e.Streams()
	out := make([]ledger.OpState, len(streams))
	at := make(map[engine.StreamID]*ledger.OpState, len(streams))
	for i, s := range streams {
		out[i].Unit = operatorUnit(s.Relation, s.Stream)
		at[s] = &out[i]
	}
	var arena []byte // slices of the visit are gone after it
	keep := func(b []byte) []byte {
		if len(b) > cap(arena)-len(arena) {
			arena = make([]byte, 0, max(1<<20, len(b)))
		}
		n := len(arena)
		arena = append(arena, b...)
		return arena[n:len(arena):len(arena)]
	}
	e.SaveChanges(func(relation uint32, stream int, key, value []byte) {
		op := at[engine.StreamID{Relation: relation, Stream: stream}]
		c := state.Change{Key: keep(key)}
		if value != nil {
			c.Value = keep(value)
		}
		op.Changes = append(op.Changes, c)
	})
	e.Saved()
	return out
}
