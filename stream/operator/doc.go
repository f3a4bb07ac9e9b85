// Package operator has the operators of the incremental engine, one per file.
//
// An operator is a pure function (state, delta) -> (net state writes, output delta):
//
//	delta + marks ──► operator ──► delta + marks
//	                    │  ▲
//	              writes▼  │reads
//	              state.Runs: current version │ accepted version
//
// Deltas are Z-sets in columns. Operators without state are linear: they map the delta. The
// others keep ordered runs and use, with A the sum of all earlier deltas a:
//
//	join       d(A*B) = a*(B+b) + A*b
//	outer join and a row alone while the other side has no match for it: a*Z' + A*(Z'-Z)
//	half join  a*S' + A*(S'-S), with S = 1 for the keys that the right side has, or has not
//	judged     where a condition or a band judges pairs: matches counted per row
//	as-of join the nearest row in time: a*match' + the left rows before each change * (match'-match)
//	set op     (left weight, right weight) per row
//	aggregate  integrate what is linear, keep (group, order, value) -> weight for what needs the
//	           rows; emit -result(before) +result(after) for the groups that the delta touched
//	emit       hold rows back until the mark of their window end passes them
//	session    derive the sessions anew that a changed time touches; -old +new per row that moved
//	temporal   hold rows by the time at which they enter or leave; time moves them, no input does
//	recursive  feed what is found back; take back what lost a derivation, then derive it anew
//	topn       walk the first rows of the touched partitions, counting with and without the delta
//	over       compute the neighbourhood of a change before and after, emit what differs
//	flatten    linear: the rows of a call have the weight of its row
//
// Marks stand beside the delta, one per column: no row with a value below the mark is inserted
// or retracted by any later delta (frozen). An operator works on the delta first, then lets the
// marks advance, and frees exactly the state that no later row can touch.
//
// A scalar error is data: the row leaves the output and enters the error relation with its
// weight, so that a retraction of the row heals it.
//
// Operators must never read a clock, start goroutines, range over maps, or let a result depend
// on the order of rows within a delta or on how rows were cut into steps. A state write of a
// step is undone by Discard whatever happened in between, a panic included.
package operator
