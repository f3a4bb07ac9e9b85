// Package proof holds the hashes of the authenticated state and the proofs over them, with
// their one canonical encoding and their verification.
//
// It is what an outsider compiles and audits: pure, standard library only, no I/O, no other
// package of this module. The specifications are docs/spec/proof.md, tree.md and log.md.
//
//		app hash ── top tree ── unit root ── tree ── rows        (exactly two levels)
//		                          └───────── log  ── leaves
//
//	  - Units proves that unit names have roots under an app hash.
//	  - Range proves that rows are all the rows of a key range under a unit root.
//	  - Key proves one key present with its value, or absent.
//	  - Inclusion, Leaves and Consistency are the proofs of a log (RFC 6962).
//
// What it must never do: take a hash operation, a prefix or a length rule from a proof; panic;
// allocate more than in proportion to its input; accept two encodings of one proof. A verifier
// that panics nevertheless reports the proof as invalid.
//
// Invariants: a leaf preimage has exactly 67 bytes and starts with 00, an inner preimage has
// exactly 65 and starts with 01, so neither can be read as the other; every tree holds the
// sentinel keys 00 and FF, so both neighbours of any user key always exist.
package proof
