package abcisim

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// rewriting reports whether -rewrite, datadriven's flag, asks for new goldens.
func rewriting() bool { return flag.Lookup("rewrite").Value.String() == "true" }

// TestGoldenAppHashes runs recorded blocks and compares every app hash with the committed ones.
// A change of the file is a change of the agreed rules. scripts/determinism runs this test with
// other numbers of threads and for other processors.
func TestGoldenAppHashes(t *testing.T) {
	const file = "testdata/apphash.golden"
	var b strings.Builder
	for seed := uint64(101); seed <= 103; seed++ {
		s, err := walk(Options{Seed: seed, Blocks: 30, Nodes: 1})
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range s.history {
			h := sha256.New()
			for _, raw := range block.txs {
				sum := sha256.Sum256(raw)
				h.Write(sum[:])
			}
			fmt.Fprintf(&b, "seed %d height %d txs %s codes %v app hash %x\n", seed, i+1,
				hex.EncodeToString(h.Sum(nil)[:8]), block.codes, block.appHash)
		}
	}
	if rewriting() {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d is\n%s\nwant\n%s", i+1, got[min(i, len(got)-1)], line)
		}
	}
}
