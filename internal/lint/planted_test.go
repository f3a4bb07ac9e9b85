package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// buildHouse writes one empty package per rule, each importing all it may.
func buildHouse(t *testing.T) string {
	t.Helper()
	rules, err := parseRules(layers)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, r := range rules {
		var imps []string
		for _, a := range r.allow {
			imps = append(imps, module+strings.TrimSuffix(a, "/..."))
		}
		addFile(t, root, strings.TrimSuffix(r.pkg, "/..."), "x.go", imps...)
	}
	return root
}

func addFile(t *testing.T, root, dir, name string, imports ...string) {
	t.Helper()
	src := "package x\n"
	for _, imp := range imports {
		src += "import _ \"" + imp + "\"\n"
	}
	full := filepath.Join(root, filepath.FromSlash(dir))
	if err := os.MkdirAll(full, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(full, name), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestHouseAsDrawnHasNoFault(t *testing.T) {
	if f := faultsUnder(t, buildHouse(t)); len(f) > 0 {
		t.Errorf("unexpected faults:\n%s", strings.Join(f, "\n"))
	}
}

// TestPlantedFaults breaks the house in one place at a time.
func TestPlantedFaults(t *testing.T) {
	for _, c := range []struct{ name, dir, imp, want string }{
		{"upward import", "stream/batch", module + "app", "stream/batch imports app"},
		{"side door", "ledger", module + "stream/row", "ledger imports stream/row"},
		{"impure std", "stream/operator", "time", "stream/operator imports time"},
		{"unlisted package", "stream/cache", "fmt", "stream/cache: not in layers.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := buildHouse(t)
			addFile(t, root, c.dir, "planted.go", c.imp)
			f := faultsUnder(t, root)
			if len(f) != 1 || !strings.HasPrefix(f[0], c.want) {
				t.Errorf("faults = %q, want one starting %q", f, c.want)
			}
		})
	}
	t.Run("stale rule", func(t *testing.T) {
		root := buildHouse(t)
		if err := os.RemoveAll(filepath.Join(root, "ledger", "proof")); err != nil {
			t.Fatal(err)
		}
		if f := faultsUnder(t, root); len(f) != 1 || !strings.Contains(f[0], "names ledger/proof") {
			t.Errorf("faults = %q", f)
		}
	})
	t.Run("cycle cannot be written", func(t *testing.T) {
		if _, err := parseRules("a : b\nb : a\n"); err == nil {
			t.Error("a rule naming a later line was accepted")
		}
	})
	t.Run("pure on impure", func(t *testing.T) {
		if _, err := parseRules("a :\nb pure : a\n"); err == nil {
			t.Error("a pure rule standing on an impure one was accepted")
		}
	})
}
