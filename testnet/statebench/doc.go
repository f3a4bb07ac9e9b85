// Package statebench measures the ledger alone: a large relation under blocks of sorted changes,
// with checkpoints on a real disk, proofs, and restarts.
//
//	keys ──> blocks of net changes ──> ledger ──> pebble     one process, no consensus
//	               └ every so many blocks a checkpoint, with operator state beside it
//
// It uses only what the application uses. The comparison with another authenticated store, on
// the same keys and in the same run, is a benchmark of this package's tests.
package statebench
