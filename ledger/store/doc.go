// Package store is the ledger's key-value store: pebble.
//
// It knows nothing of trees or heights. KV is small on purpose: reads, ordered scans, and one
// way to write, an atomic batch that is synced or not. Memory is the same store in memory; it
// is also the one that tests crash: it forgets writes that no sync followed, and can stop
// at any write.
//
// What it must never do: report a synced write before it is on the disk; retry a failed sync
// (the store answers nothing any more, and its owner stops); let half of a batch be seen; end
// the process.
//
// Invariants: after a crash the store holds a prefix of the batches that were written, which
// includes the last synced one. A changed bit on the disk gives an error; in the write-ahead
// log, where it looks like the end that a crash leaves, it may give such a prefix instead.
package store
