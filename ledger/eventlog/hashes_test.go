package eventlog

import "testing"

// TestStoredIndex lays the sequence out step by step.
func TestStoredIndex(t *testing.T) {
	index := uint64(0)
	for leaf := range uint64(3000) {
		if storedCount(leaf) != index {
			t.Fatalf("%d leaves have %d hashes, want %d", leaf, storedCount(leaf), index)
		}
		for level, at := 0, leaf; ; level, at = level+1, at>>1 {
			if got := storedIndex(level, at); got != index {
				t.Fatalf("hash %d of level %d is at %d, want %d", at, level, got, index)
			}
			if index++; at&1 == 0 {
				break
			}
		}
	}
}
