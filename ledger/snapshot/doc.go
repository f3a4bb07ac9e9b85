// Package snapshot has the format of snapshots: what one node takes from another, or from a
// folder, to stand at a checkpoint without executing blocks (docs/spec/snapshot.md).
//
//	app hash ── units ── manifest ── root page ids, log roots
//	                        └ parts: subtrees of pages │ aligned runs of leaves
//
// A manifest is checked against an app hash that is known from elsewhere. It names parts; each
// has at most about PartTarget bytes, and its name is that of its content: the id of its first
// page, or the hash of its subtree of a log. So a part is verified when it arrives, whoever sent
// it, and what did not change between two checkpoints has the same name in both snapshots.
//
// What it must never do: trust a byte that no hash under the app hash covers; hold a location of
// a page, which is a node's own; touch a store.
//
// Invariants: there is one encoding of a manifest and of a part; which pages a part has is a
// function of the pages alone.
package snapshot
