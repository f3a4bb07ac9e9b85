// Package agg has the aggregate functions, all correct under retraction.
//
// count, sum and avg are linear: their state is a sum over rows of weight times value, so a
// retraction is an addition with a negative weight, and states of two deltas merge by addition.
// Integers and numerics accumulate exactly in 128 and 256 bits; overflow is judged on the result
// of the step only, so the order and cut of a step's rows cannot matter.
//
// It must never keep anything that depends on the order of rows.
package agg
