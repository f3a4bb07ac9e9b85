// Package window is event time: the watermarks of a stream's producers, which rows are late,
// and which windows a row falls into.
//
//	rows of one transaction ──► Judge ──► late, rejected bitmaps
//	                              │
//	                         Advance ──► producer's watermark ──► min over open producers
//	                                                                      │
//	                                          Used(block time) = min(that, block time)
//
// Each producer has a watermark of its own, the maximum of (event time - delay) over its rows.
// The stream's watermark is the minimum over the open producers. A row is late when it lies
// below its producer's watermark as it stood before the row's transaction, so one producer's
// clock, speed or malice never makes another's rows late, and the answers of producers that
// were opened by a grant do not depend on how their transactions interleave.
//
// Invariants: the watermark that readers use never moves back; no row that is judged on time
// lies below it; an open producer's watermark is never below the stream's; time that passes
// changes nothing until a timer fires (Tick).
//
// The package must never read a clock: block time is an argument everywhere. All times are
// microseconds since 1970-01-01 UTC.
package window
