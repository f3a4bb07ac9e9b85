package httpapi

import (
	"context"

	"weir/client/api"
)

// Backend is the node behind the API. Its methods are called concurrently.
//
// A refusal is an *api.Error: Code and SQLState as the transaction rules give them, and Status
// only where something other than 422 is meant (404 unknown relation, 503 try again). Any other
// error is this node's own trouble; the server logs it and answers 500 without its text.
type Backend interface {
	Submitter
	Inspector
	Querier
	Feed
}

// Submitter takes transactions.
type Submitter interface {
	// Submit hands raw to the network and returns after the block that decides it is committed.
	// A rejection, at the door or in a block, is a Receipt with its code and a nil error. When
	// ctx ends first the outcome is unknown: return ctx.Err(); the transaction may still apply.
	// A resend of what is in already returns the original receipt with Resend set. raw is
	// neither kept nor changed by the caller after the call.
	Submit(ctx context.Context, raw []byte) (*api.Receipt, error)
}

// Inspector tells about the node and its agreed state, as of the last committed block.
type Inspector interface {
	Status(ctx context.Context) (*api.Status, error)
	// AppHash returns the hash after block height; 0 means the last. A height that this node
	// does not have (yet, or any more) is an *api.Error with Status 404.
	AppHash(ctx context.Context, height int64) (*api.AppHash, error)
	// Relation finds a live relation by its name as SQL would resolve it.
	Relation(ctx context.Context, name string) (*api.Relation, error)
	// Lane returns a lane's committed state, the zero Lane if nothing came in on it yet.
	Lane(ctx context.Context, id api.LaneID) (*api.Lane, error)
}

// Querier answers read-only SQL at the last committed block.
type Querier interface {
	// Query runs one statement that only reads. Anything else is a refusal with SQLSTATE 25006.
	Query(ctx context.Context, sql string) (*api.Result, error)
	// Prove returns the evidence file of one query's answer.
	Prove(ctx context.Context, sql string) ([]byte, error)
	// Consistency returns the file that shows that the log of a stream continues what it was at
	// a height.
	Consistency(ctx context.Context, stream string, from int64) ([]byte, error)
}

// Feed follows the chain.
type Feed interface {
	// Follow calls deliver for every committed block above height after, in order and without
	// gaps, until ctx ends or deliver fails, and returns that error. after < 0 begins with the
	// next block. Blocks that the node no longer has are an *api.Error with Status 410. deliver
	// may be slow; that must not hold up commits.
	Follow(ctx context.Context, after int64, deliver func(api.Block) error) error
}
