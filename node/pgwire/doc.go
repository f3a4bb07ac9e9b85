// Package pgwire speaks PostgreSQL's wire protocol, version 3, over a Backend.
//
// It turns messages into calls and rows into messages; it knows no SQL, holds no agreed state
// and decides nothing about meaning. The backend splits, binds and executes.
package pgwire
