// Package expr has typed scalar expressions and their evaluation.
//
//	Resolve/Cast     operator or function name + argument types -> Func, casts, result type
//	Expr             immutable typed tree; canonical bytes (AppendExpr, DecodeExpr); Print
//	Compile -> Eval  column at a time over batches; what the engine runs
//	EvalRow          one row at a time, written apart: the oracle's and verifier's evaluator
//
// A scalar error is data: Eval returns it beside the column (which has NULL there), with the
// function that raised it. Both evaluators give the same value and the same error for every
// row. Arguments of a call are evaluated left to right and the first error is the row's error.
// AND, OR, CASE and COALESCE evaluate an argument only for rows that the ones to its left leave
// undecided, so that a row that is not taken cannot fail; no rewrite may change that set.
//
// The library of functions is frozen under LibraryVersion: a Func names one overload for ever.
// Nothing here reads a clock, a locale or the zone of a machine: now() is Env.Now, zones come from
// stream/zone, case mapping and character tables are fixed by the version.
package expr
