// Package memnet is a network in memory, for rehearsing what clients do: a chain of one process
// behind the interface of the HTTP API.
//
// It decodes and verifies real transactions and keeps lanes by the rules of exactly-once, with
// the rows that came in. It runs no SQL: statements are listed, queries give one row, and
// evidence is the query with its hash. Nothing in it may be taken for a node's behaviour beyond
// that.
package memnet
