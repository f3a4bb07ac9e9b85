// Package rewrite has the plan rewrite rules, one a file, and applies them until nothing changes.
//
//	fold_constants   evaluates constant parts of expressions; what fails stays and fails later
//	merge_projects   two projections become one, unless something would be computed twice
//	outer_to_inner   outer joins whose added rows a condition above drops become stricter
//	push_filters     conditions that cannot fail move towards the scans
//	top_n            a bounded row_number, rank or dense_rank keeps the first rows only
//	top1_on_max      a join of rows with their own group's maximum keeps the first rank
//	join_conditions  joins take filters that compare their sides; equalities become keys
//	band_joins       what a join's condition implies about times becomes its band
//	shared_panes     aggregates over overlapping windows are put together from panes
//	bare_aggregates  aggregates read past projections that only pick columns
//	prune_columns    columns that nobody reads are not read
//	remove_noops     projections and filters that change nothing go
//
// The rule about errors: a rewriting never makes a row fail that did not fail before. It may keep
// a row from failing, as in PostgreSQL: because a condition drops it earlier, or because nobody
// reads the expression that fails. Equal parts that can fail are rewritten as one and stay equal,
// so that one failure stays one error (ADR 18). The rewritten plan is what is stored and hashed,
// so everyone who evaluates it sees the same rows and the same errors.
//
// Invariants: the schema of the root stays; rules are pure functions of the plan; a plan that
// passes plan.Check passes it afterwards.
package rewrite
