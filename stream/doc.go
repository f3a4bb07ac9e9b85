// Package stream is the deterministic engine: relations as Z-sets, operators that map deltas to deltas.
package stream
