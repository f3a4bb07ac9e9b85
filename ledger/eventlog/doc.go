// Package eventlog is the append-only Merkle log of a stream.
package eventlog
