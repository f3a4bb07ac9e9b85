package detcheck

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// TestSpecimens runs the analyzer over testdata, where each line that must be reported says so.
func TestSpecimens(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer,
		"weir/stream/bad", "weir/stream/good", "weir/app/waivers", "weir/node")
}

func TestFloors(t *testing.T) {
	for path, want := range map[string]bool{
		"weir/stream":            true,
		"weir/stream/sql/parse":  true,
		"weir/ledger":            true,
		"weir/app/tx":            true,
		"weir/application":       false,
		"weir/stream/streamtest": true,

		"weir/stream/streamtest/enginebench": false,
		"weir/node":                          false,
		"other.org/weir/stream":              false,
		"weir/client/verify":                 false,
		"weir/internal/detcheck":             false,
	} {
		if got := onFloor(path); got != want {
			t.Errorf("onFloor(%q) = %v, want %v", path, got, want)
		}
	}
}

// TestEveryWordHasAdvice keeps the tables and the words together.
func TestEveryWordHasAdvice(t *testing.T) {
	for _, table := range []map[string]word{banned, bannedPackages} {
		for name, w := range table {
			if w.advice() == "" {
				t.Errorf("%s: the word %q has no advice", name, w)
			}
		}
	}
}
