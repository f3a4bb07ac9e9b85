// Package app is the ABCI state machine, the one room that opens both stream and ledger.
package app
