// Package streamtest checks the engine against the oracle over random histories.
//
//	drawn views and segments ──► engine: Step, Discard, Save/Load, Fill ──► stored relations
//	        │                                                                  ║ equal
//	        └──────────────────► oracle: recompute from all rows ──────────────╝
//
// The same transactions in other segments must give the same bytes, one-shot queries must agree
// with views, and a list of planted bugs must each be caught by the same histories.
//
// A run takes under a minute of CPU; -streamtest.n 20 makes twenty times as many draws of every
// property.
package streamtest
