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
//	Scan/Window/Session/Flatten ... ─> Join ─> Filter ─> TemporalFilter ─> Project ─> Aggregate
//	     ─> EmitOnClose ─> Filter ─> Project ─> Over ─> Project ─> TopN ─> EmitOnClose
//	     ─> Project ─> Sort
//
// with only the nodes that it needs. Plans are correct but not tidy: package rewrite tidies them.
//
// A subquery is bound to a plan of its own, in which values of the queries around it stand as
// expr.Outer; so does its answer in the expression that has it. Once the query around it has its
// rows, a linker joins the subquery to them and puts columns in the place of both (unnester,
// domain). LATERAL items of FROM go the same way. A join without an equality, and a subquery that
// no equality ties to the rows around it, are nested loops: the budget of the step bounds them.
//
// Invariants: binding changes nothing and reads nothing but its arguments; equal texts over equal
// catalogs give equal plans; every plan passes plan.Check; no input panics.
package bind
