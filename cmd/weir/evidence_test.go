package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/client/verify/wire"
)

// The golden evidence of the specification is verified and rendered as the command prints it.
func TestVerdictOfGoldenEvidence(t *testing.T) {
	text, err := os.ReadFile("../../docs/spec/vectors/evidence.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Header   struct{ Set string }
		Evidence []struct{ File, Root string }
	}
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors.Evidence) == 0 {
		t.Fatal(err)
	}
	set := comet.DecodeSet(wire.NewReader(unhex(t, vectors.Header.Set)))
	through := 0
	for _, v := range vectors.Evidence {
		root := comet.Root{Genesis: &comet.Genesis{
			Hash:    comet.Hash(unhex(t, strings.TrimPrefix(v.Root, "genesis "))),
			ChainID: "weir-test", InitialHeight: 1, Set: set,
		}}
		rep, err := verify.Verify(unhex(t, v.File), root, verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := render(rep)
		var out bytes.Buffer
		(&shell{out: &out}).printVerdict(got)
		for _, want := range []string{"SELECT * FROM totals\n\n", "as of block 100)", "relying on:"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing in\n%s", want, out.String())
			}
		}
		if n := strings.Count(out.String(), "read through index i1041: CREATE INDEX\n"); n !=
			len(rep.Indexes) {
			t.Errorf("%d indexes, told in\n%s", len(rep.Indexes), out.String())
		}
		through += len(rep.Indexes)
		if len(got.Answer.Rows) != len(rep.Answer.Rows) || slices.Contains(got.ReliedOn, "") {
			t.Errorf("rendered as %+v", got)
		}
	}
	if through == 0 {
		t.Error("no golden file goes through an index")
	}
}

// The golden consistency file is verified and rendered as the command prints it.
func TestVerdictOfGoldenConsistency(t *testing.T) {
	text, err := os.ReadFile("../../docs/spec/vectors/evidence.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Header      struct{ Set string }
		Consistency struct{ File, Root, Claim string }
	}
	if err := json.Unmarshal(text, &vectors); err != nil || vectors.Consistency.File == "" {
		t.Fatal(err)
	}
	v := vectors.Consistency
	root := comet.Root{Genesis: &comet.Genesis{
		Hash:    comet.Hash(unhex(t, strings.TrimPrefix(v.Root, "genesis "))),
		ChainID: "weir-test", InitialHeight: 1,
		Set: comet.DecodeSet(wire.NewReader(unhex(t, vectors.Header.Set))),
	}}
	if !verify.IsConsistency(unhex(t, v.File)) {
		t.Error("the command would take the file for evidence of an answer")
	}
	rep, err := verify.VerifyConsistency(unhex(t, v.File), root, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := renderConsistency(rep)
	var out bytes.Buffer
	(&shell{out: &out}).printVerdict(got)
	if !strings.HasPrefix(out.String(), v.Claim) || !strings.Contains(out.String(), "relying on:") {
		t.Errorf("%q is missing in\n%s", v.Claim, out.String())
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
