// Package pool is the ordered, bounded transaction pool, and the judge of proposals.
//
//	entry node: Offer --gap--> waiting (bounded) --gap filled--> Released --> broadcast
//	CheckTx:    Check --next in its lanes--> pool (bounded, in order of arrival)
//	proposer:   Select(candidates) -> transactions of a block
//	validator:  CheckProposal(transactions) -> nil or why the block is refused
//	commit:     Advance -> what has applied, expired or lost its predecessor leaves
//
// The pool holds only bodies whose every batch is next in its lane, counting those in the pool,
// so a gap can neither fill the pool nor spin the chain. Select and CheckProposal are one rule
// (Block.Add) over committed state and earlier transactions of the block, each assumed to apply,
// so what Select returns every node with the same committed state accepts. They execute nothing.
//
// It must never let the pool's content decide a proposal's validity, or hold more than its limits.
package pool
