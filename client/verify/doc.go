// Package verify judges evidence files: an answer to an SQL query, with everything that shows
// it to be right and complete, checked offline. It is what an outsider compiles: no network, no
// clock, no node, few dependencies; it also builds for WebAssembly.
//
//	trust root ─► headers ─► app hash ─► unit roots ─► definition and status, live
//	                                        │                │
//	               plan ─► needed ranges ─► rows, complete ◄─┘ shape
//	                 └──────────────────────► evaluated ─► the answer
//
// The file brings data, never judgement: ranges are computed from the plan (stream/access), the
// answer is computed from the rows, unit names come from relation ids (Layout). It must never
// read a name of a hash operation, a range or an answer from a file, and it treats a panic as a
// refusal. Errors are *refusal.Error, one clear sentence each.
//
// Invariants: a file has one encoding (docs/spec/evidence.md); every section that a verdict
// rests on is used, so a byte that changes either changes nothing of the answer or is refused.
package verify
