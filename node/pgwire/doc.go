// Package pgwire speaks PostgreSQL's wire protocol, version 3, over a Backend.
//
// It turns messages into calls and rows into messages; it knows no SQL, holds no agreed state
// and decides nothing about meaning. The backend splits, binds and executes.
//
//	client -> input (one chunk ahead) -> conn: one message at a time -> Session, Prepared
//	client <- output (64 KiB writes)  <- resultWriter: rows to DataRow  <------'
//
// A connection is one goroutine that serves it and one that reads ahead, so that the end of the
// connection cancels what runs. A portal with a row limit runs its statement as a coroutine
// (iter.Pull): when the limit is reached the statement stands still inside its RowWriter.
//
// Beyond Backend, Session and Prepared there are two optional interfaces: a Prepared may be a
// CopyOut, and the RowWriter that it is given is a Flusher. TLS, SCRAM and COPY FROM STDIN are
// not spoken: encryption requests are answered with N, users are trusted or refused by the
// backend.
//
// Invariants: a Session sees one call at a time; after an error of the extended protocol nothing
// reaches the backend until Sync; every simple query and every Sync is answered by exactly one
// ReadyForQuery; memory per connection is bounded by Limits, whatever the client sends.
package pgwire
