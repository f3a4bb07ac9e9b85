// Package app is the ABCI state machine: the one room that opens both doors, the engine's and the
// ledger's.
//
// It turns ordered transactions into agreed state:
//
//	raw tx -> decode, verify -> check every operation -> apply them all, or none
//	           (app/tx)         (rights, lanes, schema)    |
//	                                                       v
//	             segment of deltas --> engine.Step --> one net batch per relation
//	                                                       |
//	                              ledger: hash once --> app hash --> Commit publishes
//
// One file per ABCI call (info, init_chain, check_tx, prepare_proposal, process_proposal,
// finalize_block, commit) and one per kind of operation (op_append, op_change, op_statement,
// op_govern).
//
// Three rules hold everywhere in this package:
//
//   - FinalizeBlock is a pure function of the committed state and the block. Nothing here reads a
//     clock, an environment or a map's order; CheckTx and the pool may differ between nodes, and
//     nothing agreed depends on them.
//   - A transaction is checked completely before any of it is applied. A rejection changes
//     nothing but the memory of the refused body. Applying cannot fail: what goes wrong there is
//     a broken invariant.
//   - Commit publishes and acknowledges without syncing anything (docs/adr/0003).
package app
