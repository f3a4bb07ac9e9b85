// Package streamtest checks the engine against the oracle over random histories.
//
//	drawn views and segments ──► engine: Step, Discard, Save/Load, Fill ──► stored relations
//	        │                                                                  ║ equal
//	        └──────────────────► oracle: recompute from all rows ──────────────╝
//
// The same transactions in other segments must give the same bytes, one-shot queries must agree
// with views, and a list of planted bugs must each be caught by the same histories.
//
// testdata/scenarios is the same as documentation: SQL, and what each step gives. Every view is
// compared with the oracle and with its own query, and every scenario runs again with an engine
// that is saved and loaded before each command. FuzzQuery starts from their queries.
//
// A run takes under a minute of CPU; -streamtest.n 20 makes twenty times as many draws of every
// property.
package streamtest
