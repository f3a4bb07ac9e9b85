// Package oracle is the second, naive evaluator: a plan and the full multisets of its inputs in,
// the full multiset of its answer out.
//
// It recomputes everything with nested loops over single values. It shares no code with the
// operators of the engine, only scalar functions and the row encoding, so that tests compare two
// independent programs, and so that an outsider can re-run a query over proven rows.
package oracle
