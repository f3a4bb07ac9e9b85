package api

import (
	"encoding/hex"
	"fmt"
	"time"
)

// The paths of the API.
const (
	PathTx      = "/v1/tx"
	PathStatus  = "/v1/status"
	PathAppHash = "/v1/apphash"
	PathQuery   = "/v1/query"
	PathProve   = "/v1/prove"
	// PathConsistency takes ?stream= and ?from=, a height.
	PathConsistency = "/v1/consistency"
	PathRelation    = "/v1/relation"
	PathLane        = "/v1/lane"
	PathEvents      = "/v1/events"
)

// Hex is a byte string written as lower-case hexadecimal digits.
type Hex []byte

// String returns the digits.
func (h Hex) String() string { return hex.EncodeToString(h) }

// MarshalText writes the digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the digits.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("hexadecimal digits: %w", err)
	}
	*h = b
	return nil
}

// Error is how every refusal and failure is told. Code is the stable rejection code of the
// transaction rules, 0 where none applies; SQLState is always set; Message is one sentence.
type Error struct {
	Code     uint32 `json:"code"`
	SQLState string `json:"sqlstate"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	// Status is the HTTP status that carries the error; it is not part of the body. 0 lets the
	// server choose 422.
	Status int `json:"-"`
}

// Error renders the message with its SQLSTATE.
func (e *Error) Error() string {
	if e.Hint != "" {
		return fmt.Sprintf("%s (SQLSTATE %s). %s", e.Message, e.SQLState, e.Hint)
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.SQLState)
}

// Receipt is the network's final word on one transaction. Code 0 is a success. A rejection has
// the same shape, with Code, SQLState and Message set and Height 0 if it never entered a block.
type Receipt struct {
	// Hash is SHA-256 of the transaction's whole bytes.
	Hash Hex `json:"hash"`
	// Height is the block that holds the transaction; for a resend that of the original.
	Height   int64  `json:"height"`
	Code     uint32 `json:"code"`
	SQLState string `json:"sqlstate,omitempty"`
	Message  string `json:"message,omitempty"`
	// Resend says that the rows were in already and this is their original receipt.
	Resend bool `json:"resend,omitempty"`
	// FirstOffset is the stream offset of the first row, for a body with one Append.
	FirstOffset *uint64 `json:"first_offset,omitempty"`
}

// Err returns the rejection as an error, nil for a success.
func (r *Receipt) Err() error {
	if r.Code == 0 {
		return nil
	}
	return &Error{Code: r.Code, SQLState: r.SQLState, Message: r.Message}
}

// Status says who a node is and how far it has come.
type Status struct {
	ChainID     string    `json:"chain_id"`
	GenesisHash Hex       `json:"genesis_hash"` // SHA-256 of genesis.json's exact bytes
	Height      int64     `json:"height"`       // last committed block
	AppHash     Hex       `json:"app_hash"`     // after that block
	BlockTime   time.Time `json:"block_time"`
	Validator   Hex       `json:"validator"` // consensus address of this node's key
	Moniker     string    `json:"moniker"`
	Peers       int       `json:"peers"`
	CatchingUp  bool      `json:"catching_up"`
	Version     string    `json:"version"`
	// CheckpointHeight is the last durable checkpoint; a restart re-executes from there.
	CheckpointHeight int64 `json:"checkpoint_height"`
	// PoolTxs and PoolBytes are what waits in this node's pool.
	PoolTxs   int   `json:"pool_txs"`
	PoolBytes int64 `json:"pool_bytes"`
	// OldestHeight is the lowest height that can still be read; OldestBlock the lowest stored block.
	OldestHeight int64 `json:"oldest_height"`
	OldestBlock  int64 `json:"oldest_block"`
	// Disk is what the node's data takes on disk, by part.
	Disk []DiskPart `json:"disk"`
	// Cache is how the cache of the ledger's pages stands.
	Cache CacheStatus `json:"cache"`
}

// DiskPart is one part of what a node's data takes on disk.
type DiskPart struct {
	Part  string `json:"part"`
	Bytes uint64 `json:"bytes"`
}

// CacheStatus is how the cache of the ledger's pages stands.
type CacheStatus struct {
	Pages  int    `json:"pages"`
	Bytes  int    `json:"bytes"`
	Budget int    `json:"budget"`
	Loads  uint64 `json:"loads"` // pages read from the store since the start
}

// AppHash is the state's hash after one block.
type AppHash struct {
	Height  int64 `json:"height"`
	AppHash Hex   `json:"app_hash"`
}

// SQL is the body of a query or of a request for evidence.
type SQL struct {
	SQL string `json:"sql"`
}

// Column names one column of an answer and its SQL type as PostgreSQL prints it.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Result is a query's answer as of Height. A row has one text per column, nil for NULL, in
// PostgreSQL's output format.
type Result struct {
	Columns []Column    `json:"columns"`
	Rows    [][]*string `json:"rows"`
	Height  int64       `json:"height"`
	Notices []string    `json:"notices,omitempty"`
}

// RelationColumn is one visible column of a stored relation.
type RelationColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // as PostgreSQL prints it: "numeric(10,2)"
	NotNull bool   `json:"not_null"`
}

// Relation describes a stream, table or view: what a writer needs to encode rows for it.
type Relation struct {
	ID      uint32           `json:"id"`
	Name    string           `json:"name"`
	Kind    string           `json:"kind"`    // "stream", "table" or "view"
	Version uint32           `json:"version"` // schema version, named in every batch
	Columns []RelationColumn `json:"columns"`
	Key     []int            `json:"key"` // indexes into Columns; empty without a key
}

// Lane is the state of one (role, writer, relation). A lane that never was has LastSeq 0.
type Lane struct {
	// LastSeq is the sequence number of the last row that is in; the next batch begins one above.
	LastSeq uint64 `json:"last_seq"`
	// LastPayloadHash is the hash of the last batch's payload, which the next batch names.
	LastPayloadHash Hex `json:"last_payload_hash,omitempty"`
}

// LaneID names a lane; Relation is the relation's name.
type LaneID struct {
	Role, Writer, Relation string
}

// Block is one event of the block feed.
type Block struct {
	Height  int64     `json:"height"`
	AppHash Hex       `json:"app_hash"`
	Time    time.Time `json:"time"`
	Txs     int       `json:"txs"`
}
