package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/tree"
)

var rewriteVectors = flag.Bool("vectors", false, "write docs/spec/vectors anew")

// vector is one golden value: after step, the named bytes are Hex.
type vector struct{ Step, Name, Hex string }

// golden compares vectors with a file of docs/spec/vectors. To accept a change of protocol:
// go test ./ledger -run Vectors -vectors
func golden(t *testing.T, file string, got []vector) {
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	path := filepath.Join("..", "docs", "spec", "vectors", file)
	if *rewriteVectors {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, b) {
		t.Fatalf("%s differs from what the code makes (%v)", file, err)
	}
}

func TestVectors(t *testing.T) {
	var trees, pageIDs, ranges []vector
	tr := tree.New()
	for _, s := range []struct{ from, to, step, value int }{
		{0, 0, 1, 0},
		{0, 1, 1, 1},
		{0, 40, 1, 1},
		{0, 2000, 3, 2},
		{100, 1500, 1, 0},
		{0, 2000, 100, 3},
	} {
		var batch []tree.Change
		for i := s.from; i < s.to; i += s.step {
			c := tree.Change{Key: fmt.Appendf(nil, "\x10k%04d", i)}
			if s.value > 0 {
				c.Value = fmt.Appendf(nil, "v%d", s.value)
			}
			batch = append(batch, c)
		}
		next, err := tr.Apply(batch)
		if err != nil {
			t.Fatal(err)
		}
		tr = next
		step := fmt.Sprintf("keys %d to %d by %d, value %d (0 deletes)", s.from, s.to, s.step, s.value)
		root := tr.Root()
		id := pages.SetIDs(tr.Ref())
		trees = append(trees, vector{step, "root", hex.EncodeToString(root[:])})
		pageIDs = append(pageIDs, vector{step, "root page id", hex.EncodeToString(id[:])})
		raw, err := tr.ProveRange([]byte("\x10k0001"), []byte("\x10k0003"))
		if err != nil {
			t.Fatal(err)
		}
		ranges = append(ranges, vector{step, "range k0001 to k0003", hex.EncodeToString(raw)})
	}
	golden(t, "tree.json", trees)
	golden(t, "pages.json", pageIDs)
	golden(t, "range.json", ranges)
	var logs []vector
	l := eventlog.New(nil)
	for i := range 9 {
		root := l.Root()
		logs = append(logs, vector{
			fmt.Sprintf("%d leaves of 2 rows", i), "unit root",
			hex.EncodeToString(root[:]),
		})
		l, _ = l.Append(fmt.Appendf(nil, "leaf %d", i), 2, nil)
	}
	golden(t, "log.json", logs)
}
