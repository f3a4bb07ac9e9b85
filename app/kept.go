package app

import (
	"bytes"

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

// OperatorStates are an engine's saved states, one unit per operator, for a checkpoint.
func OperatorStates(e *engine.Engine) []ledger.OpState {
	var out []ledger.OpState
	entries := map[ledger.Unit][]state.Change{}
	e.Save(func(relation uint32, stream int, key, value []byte) {
		u := operatorUnit(relation, stream)
		if entries[u] == nil {
			out = append(out, ledger.OpState{Unit: u, Save: func(visit func(k, v []byte)) {
				for _, e := range entries[u] {
					visit(e.Key, e.Value)
				}
			}})
		}
		entries[u] = append(entries[u], state.Change{
			Key: bytes.Clone(key), Value: append([]byte{}, value...),
		})
	})
	return out
}
