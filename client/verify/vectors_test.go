package verify_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"weir/client/verify"
	"weir/client/verify/comet"
)

var rewrite = flag.Bool("rewrite", false, "write the golden vectors anew")

// vectors are golden encodings for other implementations; byte strings are hexadecimal.
type vectors struct {
	Header struct {
		Encoded, Hash, SignBytes, Set, SetHash string
	}
	Evidence    []struct{ File, Root, Rows string }
	Consistency struct{ File, Root, Claim string }
}

// TestVectors compares with docs/spec/vectors/evidence.json.
func TestVectors(t *testing.T) {
	w := newWorld(t, 3)
	sh := w.header(101, 4)
	var v vectors
	hash, setHash := sh.Header.Hash(), w.set.Hash()
	v.Header.Encoded = hex.EncodeToString(comet.AppendSignedHeader(nil, &sh))
	v.Header.Hash = hex.EncodeToString(hash[:])
	v.Header.SignBytes = hex.EncodeToString(sh.Commit.SignBytes("weir-test", 0))
	v.Header.Set = hex.EncodeToString(comet.AppendSet(nil, w.set))
	v.Header.SetHash = hex.EncodeToString(setHash[:])
	x := newIndexed(t, 8)
	for _, c := range []struct {
		w *world
		e *verify.Evidence
	}{
		{w, w.evidence(t, 1024, 1)},
		{w, w.evidence(t, 1024, -1)},
		{x, x.through(t, byVDown, where("v0", ""))},
	} {
		file := build(t, c.e)
		rep, err := verify.Verify(file, c.w.root, opts)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := json.Marshal(rep.Answer.Rows)
		if err != nil {
			t.Fatal(err)
		}
		v.Evidence = append(v.Evidence, struct{ File, Root, Rows string }{
			hex.EncodeToString(file), rep.Root, string(rows),
		})
	}
	file := buildConsistency(t, consistent(t, w, logOf(t, "a", 5), logOf(t, "a", 9)))
	rep, err := verify.VerifyConsistency(file, w.root, opts)
	if err != nil {
		t.Fatal(err)
	}
	v.Consistency.File, v.Consistency.Root = hex.EncodeToString(file), rep.New.Root
	v.Consistency.Claim = rep.Claim()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "spec", "vectors", "evidence.json")
	if *rewrite {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Error("the encodings differ from the golden vectors")
	}
}
