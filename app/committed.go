package app

import (
	"weir/app/tx"
	"weir/stream/value"
)

// Committed tells what a block did. It is this node's view for its own clients: results beyond
// the code are not agreed bytes.
type Committed struct {
	Height     int64
	TimeMicros int64
	AppHash    [32]byte
	Txs        []TxResult
}

// TxResult is the fate of one transaction of a block.
type TxResult struct {
	Hash     [32]byte   // SHA-256 of the transaction's bytes
	Rejected *tx.Reject // nil: it applied
	Ops      []OpResult // one per operation, if it applied
}

// OpResult is what one operation did.
type OpResult struct {
	Rows        int64 // rows inserted, changed or deleted
	FirstOffset uint64
	Height      int64 // of the block that applied it: an earlier one for a resend
	Resend      bool
	Notices     []Notice // what the client should know; the same on every node
	// Returned are the rows of RETURNING, if Config.Wants asked for them.
	Returned [][]value.Datum
}

// Notice is a message that does not stop a statement.
type Notice struct{ SQLState, Message, Hint string }
