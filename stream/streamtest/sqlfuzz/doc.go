// Package sqlfuzz makes random queries over random tables, keeps each as a materialized view while
// the tables change, and compares the view after every step with the batch evaluation, with the
// naive evaluator, and with other database systems that were given the same statements.
//
//	Generate(seed) ─► Case{query, steps} ─► Run ─► nil, or how it failed
//	                                         ▲
//	                        Reduce ──────────┘ smaller cases that fail in the same way
//
// A query is a tree of pieces of SQL text. Every piece has a sort (an integer expression, a
// condition, an item of a list); a piece can be replaced by a smaller one of its sort, and items of
// lists can be left out: that is all that reducing knows of SQL.
//
// Queries use only what the compared systems define alike: no division, no overflow, a total order
// wherever rows are cut, NULLS FIRST or LAST written out.
package sqlfuzz
