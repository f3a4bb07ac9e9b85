package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pins has the modules whose version is part of what the repository promises, by the file that
// names it. Another version of the consensus engine may hash, time out or gossip differently:
// moving it is a decision of its own, with a record in docs/adr.
var pins = []struct{ file, module, version string }{
	{"go.mod", "github.com/cometbft/cometbft", "v0.40.0"},
	{"go.tools.mod", "mvdan.cc/gofumpt", "v0.12.0"},
}

func TestPins(t *testing.T) {
	for _, p := range pins {
		text, err := os.ReadFile(filepath.Join(repoRoot, p.file))
		if err != nil {
			t.Fatal(err)
		}
		if err := pinned(string(text), p.module, p.version); err != nil {
			t.Errorf("%s: %v", p.file, err)
		}
	}
}

// pinned returns an error unless the text of a go.mod requires the module at the version, once,
// and replaces it by nothing else.
func pinned(text, module, version string) error {
	found := ""
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		if len(words) > 0 && (words[0] == "require" || words[0] == "replace") {
			words = words[1:]
		}
		if len(words) == 0 || words[0] != module {
			continue
		}
		if strings.Contains(line, "=>") {
			return fmt.Errorf("%s is replaced", module)
		}
		if len(words) == 2 {
			found += words[1]
		}
	}
	if found != version {
		return fmt.Errorf("%s is at %q, pinned to %s", module, found, version)
	}
	return nil
}

func TestPlantedPins(t *testing.T) {
	const m, v = "a.org/m", "v1.2.3"
	for text, ok := range map[string]bool{
		"require a.org/m v1.2.3":                              true,
		"require (\n\ta.org/m v1.2.3 // indirect\n)":          true,
		"require a.org/m v1.2.4":                              false,
		"require a.org/mm v1.2.3":                             false,
		"// require a.org/m v1.2.3":                           false,
		"require a.org/m v1.2.3\nreplace a.org/m => ../m":     false,
		"require a.org/m v1.2.3\nreplace a.org/m v1.2.3 => .": false,
		"": false,
	} {
		if err := pinned(text, m, v); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
