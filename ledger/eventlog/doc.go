// Package eventlog is the append-only Merkle log of a stream (RFC 6962, docs/spec/log.md).
//
// A log has leaves: opaque bytes that the application defines, one per batch of rows. Each
// leaf covers a run of row offsets, and the payload, the rows themselves, lies beside it: the
// leaf binds its hash, the log stores it.
//
//	leaf 0        leaf 1   leaf 2 ...        leaf: hashed
//	offsets 0-9   10-10    11-40             payload: beside it, addressed by the leaf's index
//
// In memory are the peaks (one hash per complete subtree of the right edge), the records that
// no keeper has saved yet, and the last, unfinished block of hashes. All else is read through
// the Source: the hashes of all complete subtrees in one sequence that only grows, in blocks of
// BlockHashes, and one record per leaf and per payload. So Root and Append read nothing, Open
// reads O(log n), and a log that has run for years takes as much memory as a new one.
//
// A Source is not trusted. What is read is followed up to the peaks, which Open followed up to
// the unit root: bytes that are wrong give ErrRecord, never a wrong leaf or an invalid proof.
// The two exceptions: a payload, which the application checks against the leaf, and the head of
// a record, which has a check sum of its own.
//
// Logs are immutable values: Append, Forget and Erase return the next version, and versions
// share what they have in common. Only the newest version may be appended to, by one writer; a
// version that was dropped unpublished may be appended to again. Reading is safe for concurrent
// use if the Source is.
//
// What it must never do: change or forget the hash of a leaf; interpret a leaf.
//
// Invariants: the offsets of leaf i start where those of leaf i-1 end; records of the leaves
// from Size()-len(tail) on are in memory, those before are in the Source down to Kept().From;
// hashes from base on are in memory, those before are in the Source.
package eventlog
