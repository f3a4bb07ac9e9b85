// Package eventlog is the append-only Merkle log of a stream (RFC 6962, docs/spec/log.md).
//
// A log has leaves: opaque bytes that the application defines, one per batch of rows. Each
// leaf covers a run of row offsets, and the payload, the rows themselves, lies beside it: the
// leaf binds its hash, the log stores it.
//
//	leaf 0        leaf 1   leaf 2 ...        leaf: hashed
//	offsets 0-9   10-10    11-40             payload: beside it, addressed by the leaf's index
//
// Logs are immutable values: Append returns the next version, and versions share what they
// have in common. Only the newest version may be appended to, by one writer; a version that
// was dropped unpublished may be appended to again.
//
// What it must never do: change or forget a leaf's hash; interpret a leaf.
//
// Invariants: the offsets of leaf i start where those of leaf i-1 end; the records from
// durable on are in memory, those before are read from the Source.
package eventlog
