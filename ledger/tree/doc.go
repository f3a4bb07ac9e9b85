// Package tree is the Merkle B+tree of a relation, and the top tree over the units.
//
// A tree has pages of at most 32 entries. Inside a page the entries are the leaves of a binary
// Merkle tree in the manner of RFC 6962, and an inner page's entry has the hash of its child
// page, so that the whole is one binary Merkle tree (docs/spec/tree.md).
//
//	         page           level 1
//	 h ────── h ────── h             entries: child pages
//	page     page     page  level 0  entries: key, value
//
// Pages are immutable once hashed: Apply copies what it changes, and trees that were hashed
// stay readable, from any number of goroutines, while newer ones are made.
//
// What it must never do: let page cuts depend on anything but the previous pages and the
// sorted net changes; read a clock; start a goroutine; store anything.
//
// Invariants: keys ascend strictly; the sentinels 00 and FF are the first and the last entry;
// a page other than the root has between MinFill and Fanout entries; a root that is not a leaf
// has at least two; an inner page's separator is the smallest key below the child.
package tree
