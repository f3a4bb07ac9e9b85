// Package bind turns syntax trees into typed statements over a catalog.
//
//	Raw ─ names, types, overloads ─> Statement{plan.Node, catalog.Relation, ...}
//
// Names follow PostgreSQL's rules, and so do overloads, casts, untyped literals, grouping,
// aliases, and the SQLSTATEs of refusals. What Weir does not do yet is refused with 0A000 and a
// hint, never accepted with another meaning.
//
// A query becomes
//
//	Scan/Window/Session ... ─> Join ─> Filter ─> TemporalFilter ─> Project ─> Aggregate
//	     ─> EmitOnClose ─> Filter ─> Project ─> Over ─> Project ─> TopN ─> EmitOnClose
//	     ─> Project ─> Sort
//
// with only the nodes that it needs. Plans are correct but not tidy: package rewrite tidies them.
//
// Invariants: binding changes nothing and reads nothing but its arguments; equal texts over equal
// catalogs give equal plans; every plan passes plan.Check; no input panics.
package bind
