// Package pages has the canonical encodings of what a checkpoint stores: tree pages with their
// ids, and operator state (docs/spec/pages.md).
//
// A root hash does not commit to the cuts between pages, but the cuts decide how later batches
// split pages. So a page's id is the hash of its canonical encoding, which holds the ids of
// its children: the id of a root page commits to every entry and every cut below it.
//
//	tree page ── Encode ──> bytes ── SHA-256 ──> id       Load(id) verifies and decodes
//	entries   ── StateWriter ──> pages of 256 ──> manifest ──> state root
//	State     ── Apply(net changes) ──> State     puts the pages that changed, orphans the old
//
// What it must never do: accept a second encoding of a page; trust stored bytes before their
// hash was checked; touch a disk.
//
// A State is one operator's state in packed pages (docs/adr/0020): packed.go has their encoding,
// packedstate.go opens and reads, packedrun.go cuts leaves, packedapply.go rewrites the tree.
//
// Invariants: encode(decode(b)) == b; the id of a page is computed once; a State cuts the same
// pages whether it was opened again or not.
package pages
