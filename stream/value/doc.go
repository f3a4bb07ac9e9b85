// Package value has the SQL types, their scalar values and their column vectors.
//
// A Datum is one value and lives at the edges: literals, the oracle, the wire, tests. A Vec is
// a typed column and is what operators work on. Nothing here allocates per row on a hot path,
// and nothing depends on locale, platform or map order.
// Arrays have one dimension and start at 1; a jsonb is a text in a canonical form, and JSON is
// its tree.
//
// Invariants: numeric is a 128-bit coefficient with a scale of 0..38 and at most 38 digits;
// text is valid UTF-8 without NUL; timestamps are microseconds since 1970-01-01 UTC, dates days
// since then; comparison is PostgreSQL's under the C collation, and equal values (1.0 and 1.00)
// encode to equal keys.
package value
