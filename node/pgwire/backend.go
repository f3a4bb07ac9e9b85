package pgwire

import (
	"context"

	"weir/stream/batch"
	"weir/stream/value"
)

// StartupParams are what a client said when it connected. Options holds every startup
// parameter as sent, user and database included.
type StartupParams struct {
	User, Database, ApplicationName string
	Options                         map[string]string
}

// Backend gives each connection its session. NewSession may refuse with an *Error
// (for example 28000); ctx ends with the connection.
type Backend interface {
	NewSession(ctx context.Context, p StartupParams) (Session, error)
}

// Statement is one statement of a query string. Offset is its first byte in that string, so
// that error positions can be given in terms of what the client sent.
type Statement struct {
	SQL    string
	Offset int
}

// The transaction status bytes of the protocol.
const (
	TxIdle   byte = 'I'
	TxBlock  byte = 'T'
	TxFailed byte = 'E'
)

// Session is one connection's state in the backend. The server calls it from one goroutine at
// a time. Errors are *Error where the client is to see a SQLSTATE; any other becomes XX000.
type Session interface {
	// Split cuts a simple query string into its statements, empty ones left out.
	Split(sql string) ([]Statement, error)
	// Prepare binds one statement. paramOIDs are the client's type hints, 0 where it has none;
	// the slice may be shorter than the number of parameters.
	Prepare(ctx context.Context, sql string, paramOIDs []uint32) (Prepared, error)
	// TxStatus is TxIdle, TxBlock or TxFailed.
	TxStatus() byte
	Close()
}

// Column is one column of a result.
type Column struct {
	Name string
	Type value.Type
}

// Prepared is a bound statement; it may be executed any number of times. Columns is empty for
// a statement that returns no rows. Execute returns the command tag ("SELECT 3").
// ctx is cancelled by a CancelRequest and by the end of the connection.
type Prepared interface {
	Params() []value.Type
	Columns() []Column
	Execute(ctx context.Context, args []value.Datum, out RowWriter) (commandTag string, err error)
}

// RowWriter takes the rows of a result in order. Its methods block while the client is slow or
// a portal is suspended, and return an error when no more rows are wanted; Execute then stops
// and returns that error. Neither the row nor the batch is kept after the call.
type RowWriter interface {
	Row(row []value.Datum) error
	Batch(b *batch.Batch) error
	Notice(n *Error) error
}

// Error is what a client sees in an ErrorResponse or, with a severity of NOTICE or WARNING, in
// a NoticeResponse. Position is 1-based in characters of the statement, 0 for none. An empty
// Severity means ERROR.
type Error struct {
	Severity, SQLState, Message, Detail, Hint string
	Position                                  int
}

func (e *Error) Error() string { return e.Message + " (SQLSTATE " + e.SQLState + ")" }
