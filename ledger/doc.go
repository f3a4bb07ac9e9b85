// Package ledger is authenticated, versioned state: trees and logs under one app hash, kept
// over restarts by checkpoints, and read with proofs.
//
//	Begin ─> Block ── Apply, Append, Drop ──> Root (app hash) ──> Commit ──> Version
//	                        └ Checkpoint (agreed heights)           └ writes, syncs
//
// A Ledger has one writer, which works on one Block at a time, and any number of readers of
// published Versions. Between checkpoints nothing is written: a restart loads the last durable
// checkpoint, reports its height, and executes the blocks above it again.
//
// Units are named by kind, id and sub; the top tree maps each to its 32-byte root, and its own
// root is the app hash. Root page ids and operator state enter the app hash at checkpoints and
// stay there unchanged until the next.
//
// An Exporter describes the durable checkpoint as a snapshot of parts (ledger/snapshot), and
// Restore writes the checkpoint of one beside what a ledger has; the record, last, makes it the
// newest. No stored page is used by two units, so each can give up its own.
//
// What it must never do: know SQL; put height or time under the app hash; change a published
// version; report a checkpoint before it is synced; delete what one of the two kept
// checkpoints needs.
//
// Invariants: a block without net changes has the app hash of the one before; the store always
// holds a whole checkpoint, from the first one on; what a checkpoint loads is verified by page
// ids and by the app hash.
package ledger
