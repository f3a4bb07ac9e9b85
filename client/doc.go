// Package client talks to Weir nodes: it signs and submits transactions, loads files, reads
// views and fetches evidence.
//
//	CSV, NDJSON --> Source --> Load --> Writer --> sign --> Client --> POST /v1/tx
//	                                      |  in flight: up to n batches of one lane
//	                                      '--- the same bytes again after a lost connection
//
// A Client holds the addresses of one or more nodes of one network and goes to the next when one
// does not answer. A Writer owns one lane (role, writer, relation): its batches are numbered, so
// the network applies each exactly once whatever is sent twice. Keys live in the home's keys/,
// one file each, readable by their owner alone.
//
// The package trusts the node it talks to for answers that it does not verify; evidence files
// are checked by client/verify, which trusts nobody.
//
// It never sends a private key anywhere, never logs one, and never drops a batch silently: what
// a Writer took is acknowledged, or its error says which rows are not.
package client
