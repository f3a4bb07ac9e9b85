// Package leaf has the canonical encoding of a log leaf: what the ledger's log of a stream says
// about one Append.
//
// A leaf binds who sent which rows, where they stand in the agreed history, which of them were
// late or rejected, and the signature over them. The payload itself is kept beside the leaf and
// bound by its hash, so it can be forgotten without touching the log's root. Late and rejected
// rows take offsets too.
//
// Invariants: Decode accepts exactly the bytes that Append makes; a bitmap that is present has at
// least one bit set and none beyond the row count.
//
// The byte format is docs/spec/log-leaf.md.
package leaf
