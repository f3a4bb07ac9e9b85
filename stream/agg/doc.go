// Package agg has the aggregate functions: what arguments they take, what they return, and how
// their results follow from the rows of a group, all correct under retraction.
//
//	Resolve      name and argument types -> function, wanted types, result type
//	Linear       additive functions: sums per group, in columns; stored, added, subtracted
//	Order        how the rows of a group stand in a run, for the two other families
//	Fold         an ordered function of the rows of a group
//	Accumulator  any call over any rows, one at a time: frames of window functions
//
// Three families:
//
//	additive  count, sum, avg, bool_and, bit_or, var_pop, corr, ...: the state is a sum over rows
//	          of weight times value, so a retraction is an addition with a negative weight
//	extreme   min, max, first_value, last_value: the first or last row of an order
//	ordered   string_agg, mode, percentile_cont, ...: folded over the rows in order
//
// Integers and numerics accumulate exactly in 256 bits, their squares in as many bits as it takes,
// floats exactly in fixed point over the whole range of a double. A result is rounded once;
// overflow is judged on the result of the step only, so the order and cut of a step's rows cannot
// matter.
//
// It must never keep anything that depends on the order in which rows arrive.
package agg
