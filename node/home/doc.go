// Package home works on the home of a node that does not run, or on a frozen copy of one that does:
// it checks the store, compares and prunes it, moves it back, and executes its blocks again.
//
// Whoever opens a store holds its lock, so a running node is refused, and a node does not start
// while one of these works.
//
//	data/weir.db        the ledger                  Check, Differ, Rollback, Audit, Prune
//	data/blockstore.db  CometBFT's blocks           Rollback, Audit, Prune
//	data/state.db       CometBFT's state            Rollback, Prune
//
// What it must never do: write where it only has to read; touch keys.
package home
