// Package ledger is authenticated, versioned state.
package ledger
