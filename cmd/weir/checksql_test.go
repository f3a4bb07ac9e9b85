package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/client/verify/wire"
	"weir/stream/catalog"
	"weir/stream/plan"
)

// The text of a file may ask for the height that is proven, and for no other.
func TestCheckSQLHeight(t *testing.T) {
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
	v := vectors.Evidence[0]
	root := comet.Root{Genesis: &comet.Genesis{
		Hash:    comet.Hash(unhex(t, strings.TrimPrefix(v.Root, "genesis "))),
		ChainID: "weir-test", InitialHeight: 1,
		Set: comet.DecodeSet(wire.NewReader(unhex(t, vectors.Header.Set))),
	}}
	var defs []*catalog.Relation
	note := func(_ string, _ int64, proven []*catalog.Relation, _ []byte) error {
		defs = proven
		return nil
	}
	rep, err := verify.Verify(unhex(t, v.File), root, verify.Options{CheckSQL: note})
	if err != nil {
		t.Fatal(err)
	}
	q, err := bindText(rep.SQL, defs)
	if err != nil {
		t.Fatal(err)
	}
	want := plan.Encode(q.Plan)
	for suffix, says := range map[string]string{
		"":                   "",
		" AS OF HEIGHT 100":  "",
		" AS OF HEIGHT 99":   "the text asks for height 99, the file is of height 100",
		" AS OF HEIGHT 101":  "the text asks for height 101, the file is of height 100",
		" AS OF HEIGHT 0":    "the text asks for height 0",
		" LIMIT 1":           "the text has another plan",
		"; SELECT 1":         "not one statement",
		" AS OF HEIGHT 1e2":  "invalid height",
		" AS OF HEIGHT -100": "syntax error",
	} {
		err := checkSQL(rep.SQL+suffix, rep.Height, defs, want)
		if says == "" && err != nil ||
			says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", suffix, err, says)
		}
	}
}
