// Package tpch makes small TPC-H data and has its 22 queries, as views to be kept up to date.
//
//	Generator ─► rows of the eight tables, then orders that come, change and go
//	queries/  ─► schema.sql, q1.sql ... q22.sql
//
// Shapes and queries are those of the TPC-H specification, revision 3, with its validation
// parameters, but for the threshold of q18; dates in queries are written as constants. The data is
// not dbgen's: values are drawn from smaller sets that hold the constants of the queries, so that
// each finds rows in a few hundred orders. Everything is a function of the seed.
package tpch
