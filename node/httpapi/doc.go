// Package httpapi serves Weir's HTTP API over an interface to the node.
//
//	POST /v1/tx        raw transaction        -> receipt, after the block is committed
//	POST /v1/query     {"sql": ...}           -> rows as text, with their height
//	POST /v1/prove     {"sql": ...}           -> evidence file
//	GET  /v1/status                           -> who this node is, how far it has come
//	GET  /v1/apphash   ?height=H              -> the state's hash after a block
//	GET  /v1/relation  ?name=N                -> what a writer needs to encode rows
//	GET  /v1/lane      ?role=&writer=&relation= -> where a producer goes on
//	GET  /v1/events    (Last-Event-ID: H)     -> server-sent events, one per block
//
// Refusals and failures are JSON {code, sqlstate, message, hint}. The HTTP status says who has
// to act: 4xx the caller, 5xx try again or ask the operator. 504 on /v1/tx means that the
// outcome is unknown; sending the same bytes again is always safe.
//
// The package never judges a transaction or a statement itself, keeps no state of the chain,
// and never sends the text of an operating error to a caller.
//
// Invariants: every request body has a limit, every wait ends, a slow reader of events delays
// nobody else.
package httpapi
