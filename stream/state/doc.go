// Package state declares how the engine reads and writes what outlives a step, and has the
// in-memory form that tests and ad hoc queries use.
//
// Two kinds of state (docs/adr/0002):
//
//   - Relations (tables, views): one ordered keyspace each. The engine probes them with sorted
//     keys, scans ranges, and hands out one sorted net batch per relation and step. The ledger's
//     Merkle trees satisfy the interface; so does Mem.
//   - Operator state: typed and in memory, owned by the operators; it leaves this process only
//     as canonical sorted entries at a checkpoint: all of them, or the net difference of two
//     versions. Memory layout is never hashed.
//
// There is no per-key Get on either: batches of sorted keys are merged, not looked up.
package state
