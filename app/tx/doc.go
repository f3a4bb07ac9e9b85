// Package tx has the transaction envelope, header and limits.
package tx
