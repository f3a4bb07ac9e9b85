// Package nexmark makes the load of the Nexmark benchmark, an online auction, and has its queries
// in Weir's SQL.
//
//	Generator ─► Segment: batches of persons, auctions and bids in columns, one row space each
//	queries/  ─► schema.sql, q0.sql ... q22.sql
//
// Proportions, hot keys and sizes are those of the reference generator
// (https://github.com/nexmark/nexmark): of 50 events 1 is a person, 3 are auctions, 46 are bids.
// The reference draws from unseeded sources; here everything is a function of the seed and of the
// number of the event, and of IEEE operations only, so that every machine makes the same bytes.
// Differences: prices are drawn log-uniformly from a table of 64 steps a decade, and texts are
// drawn from 32 letters.
//
// Bench steps an engine through the load: over memory alone, or over a ledger on disk (kept) that
// holds the rows in Merkle trees and the operator state in checkpoints.
//
// The generator must never read a clock or a random source of the machine.
package nexmark
