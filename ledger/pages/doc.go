// Package pages has the canonical encodings of what a checkpoint stores: tree pages with their
// ids, and operator state (docs/spec/pages.md).
//
// A root hash does not commit to the cuts between pages, but the cuts decide how later batches
// split pages. So a page's id is the hash of its canonical encoding, which holds the ids of
// its children: the id of a root page commits to every entry and every cut below it.
//
//	tree page ── Encode ──> bytes ── SHA-256 ──> id       Load(id) verifies and decodes
//	entries   ── StateWriter ──> pages of 256 ──> manifest ──> state root
//
// What it must never do: accept a second encoding of a page; trust stored bytes before their
// hash was checked; touch a disk.
//
// Invariants: encode(decode(b)) == b; the id of a page is computed once.
package pages
