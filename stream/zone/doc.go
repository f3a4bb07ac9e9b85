// Package zone knows the time zones of the tz database: how far a place is from UTC at a time, and
// what a local time there means.
//
// Replicas must agree, so the tables are part of this repository and of the version of the function
// library; the standard library's, which come with the toolchain or the machine, are not read. The
// release is in Release. gen makes zones.bin of the zoneinfo.zip of a Go distribution.
//
// A zone is a list of transitions and the rule that holds after the last one. Local times that a
// zone skips or repeats are read as PostgreSQL reads them: a skipped one with the offset before
// the transition, a repeated one with the offset after it.
package zone
