// Package store is the ledger's key-value store: pebble, through cosmos-db, of which this is
// the only importer.
//
// It knows nothing of trees or heights. KV is small on purpose: reads, ordered scans, and one
// way to write, an atomic batch that is synced or not. Memory is the same store in memory; it
// is also the one that tests crash: it forgets writes that no sync followed, and can stop
// at any write.
//
// What it must never do: report a synced write before it is on the disk; retry a failed sync
// (the caller stops instead); let half of a batch be seen.
//
// Invariants: after a crash the store holds a prefix of the batches that were written, which
// includes the last synced one.
package store
