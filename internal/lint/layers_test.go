package lint

import (
	_ "embed"
	"os"
	"testing"
)

//go:embed layers.txt
var layers string

// repoRoot is where the packages live, seen from internal/lint.
const repoRoot = "../.."

// TestLayers is the check that a repository keeps: every package obeys
// layers.txt. In this folder there is no house to check, so it skips.
func TestLayers(t *testing.T) {
	if _, err := os.Stat(repoRoot + "/stream"); err != nil {
		t.Skip("no stream/ here: nothing to check")
	}
	for _, f := range faultsUnder(t, repoRoot) {
		t.Error(f)
	}
}

func faultsUnder(t *testing.T, root string) []string {
	t.Helper()
	rules, err := parseRules(layers)
	if err != nil {
		t.Fatal("layers.txt: ", err)
	}
	pkgs, err := scan(root)
	if err != nil {
		t.Fatal(err)
	}
	return judge(rules, pkgs)
}
