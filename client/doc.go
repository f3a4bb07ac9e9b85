// Package client submits transactions and fetches evidence.
package client
