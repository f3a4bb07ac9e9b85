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
// wherever rows are cut, NULLS FIRST or LAST written out. Some forms of queries (forms.go) only
// PostgreSQL has; the others skip them.
//
// Laws that hold for every query need no other system: CheckLaws (meta.go).
//
// The usual run is 10,000 cases against SQLite, 2,000 against PostgreSQL where it is installed,
// and 1,000 under the laws. Longer runs and other cases, by flags after the package's path:
//
//	-sqlfuzz.n 200000 -sqlfuzz.pg 50000 -sqlfuzz.laws 20000 -sqlfuzz.seed 1000000 -sqlfuzz.all
package sqlfuzz
