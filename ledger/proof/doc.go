// Package proof has the proof types and their pure verification.
package proof
