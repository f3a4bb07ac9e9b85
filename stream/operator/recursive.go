package operator

import (
	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
)

// SelfPort is the port of a recursion's body where it reads what was found so far; the other
// inputs of the operator, behind the first, are the ports SelfPort + 1 and on.
const SelfPort = 1

// Body is the step of a recursion as a circuit: linear in the rows of SelfPort.
type Body interface {
	// Step runs the body once over the deltas of its ports.
	Step(ctx *Context, source func(port uint32) Delta) Delta
	// States are the states of its operators, in a fixed order.
	States() []state.Operator
}

// TooManyRounds is what a step panics with when a recursion does not settle within its rounds.
// Whoever runs the step recovers it.
type TooManyRounds struct{ Rounds int }

// Recursive keeps the least fixed point R of R = Init + Step(R), where Step is linear in R.
//
//	in[0]  delta of Init ──────────┐
//	in[1:] other inputs ──► body ──┴─► X ──► sum ──► delta of R
//	                         ▲         │
//	                         └─────────┘ until X is empty
//
// Without Distinct (UNION ALL) R counts derivations, and everything is linear: the first X is
// dInit + dStep over R as it was, each next one the body's answer to the last.
//
// With Distinct (UNION) R has the rows with a derivation, each once. It follows the delete and
// rederive algorithm (Gupta, Mumick, Subrahmanian 1993) with exact counts of derivations in state
// 0, row -> count. A count alone does not tell whether a row may stay: rows on a cycle count each
// other. So every row that loses a derivation leaves R, and with it what was derived from it, to
// a fixed point; then rows that still have a derivation come in, to a fixed point. What never
// lost a derivation keeps one that was built without itself.
//
// For that no loss may be hidden by a gain: the inputs are fed one at a time, and what leaves
// apart from what comes. An input of which a change takes and gives at the same time (the other
// side of an outer or as-of join) is mixed: before it changes, all of R leaves.
type Recursive struct {
	types    []value.Type
	distinct bool
	rounds   int
	body     Body
	mixed    []bool // per input behind the first
	counts   state.Runs
}

// NewRecursive returns a recursion over rows of the given types that settles within the given
// number of rounds. mixed tells of each input behind the first whether a change of it may take
// and give rows at once.
func NewRecursive(
	types []value.Type, distinct bool, rounds int, body Body, mixed []bool,
) *Recursive {
	return &Recursive{types: types, distinct: distinct, rounds: rounds, body: body, mixed: mixed}
}

// Name implements Operator.
func (r *Recursive) Name() string { return "recursive" }

// Types implements Operator.
func (r *Recursive) Types() []value.Type { return r.types }

// States implements Operator.
func (r *Recursive) States() []state.Operator {
	return append([]state.Operator{&r.counts}, r.body.States()...)
}

// Step implements Operator. No mark passes a recursion.
func (r *Recursive) Step(ctx *Context, in []Delta) Delta {
	if r.distinct {
		return Delta{Rows: rowsOrNil(r.rederive(ctx, in))}
	}
	return Delta{Rows: rowsOrNil(r.add(ctx, in))}
}

// feed runs the body with rows at one port.
func (r *Recursive) feed(ctx *Context, port uint32, rows *batch.Batch) *batch.Batch {
	return r.body.Step(ctx, func(p uint32) Delta {
		if p == port {
			return Delta{Rows: rowsOrNil(rows)}
		}
		return Delta{}
	}).Rows
}

// add sums up derivations.
func (r *Recursive) add(ctx *Context, in []Delta) *batch.Batch {
	next := r.sum(in[0].Rows, r.body.Step(ctx, func(p uint32) Delta {
		if p == SelfPort {
			return Delta{}
		}
		return Delta{Rows: in[p-SelfPort].Rows}
	}).Rows)
	var all []*batch.Batch
	found := 0
	for round := 0; next != nil; round++ {
		r.bound(round)
		found += next.Len
		ctx.Bound(found)
		all = append(all, next)
		next = r.sum(r.feed(ctx, SelfPort, next))
	}
	return r.sum(all...)
}

// bound stops a recursion that was run for a number of rounds and is not through.
func (r *Recursive) bound(rounds int) {
	if rounds >= r.rounds {
		panic(TooManyRounds{r.rounds})
	}
}

// sum adds batches up, each of which may be nil; nil if nothing is left.
func (r *Recursive) sum(parts ...*batch.Batch) *batch.Batch {
	var some []*batch.Batch
	for _, p := range parts {
		if p != nil {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return rowsOrNil(batch.Concat(r.types, some...).Consolidate())
}
