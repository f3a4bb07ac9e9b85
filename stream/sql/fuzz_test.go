package sql_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/plan"
	"weir/stream/sql"
)

// goldenStatements are the statements of the goldens, as seeds.
func goldenStatements(t testing.TB) []string {
	files, err := filepath.Glob("testdata/bind/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	var out []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(b), "\nbind")[1:] {
			text, _, _ := strings.Cut(part, "\n----")
			_, text, _ = strings.Cut(text, "\n") // what follows the directive's arguments
			out = append(out, text)
		}
	}
	return out
}

// scenarioStatements are the statements of the scenarios, a block each.
func scenarioStatements(f *testing.F) (out []string) {
	files, err := filepath.Glob("../streamtest/testdata/scenarios/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		datadriven.RunTestAny(f, file, func(_ testing.TB, d *datadriven.TestData) string {
			out = append(out, d.Input)
			return d.Expected
		})
	}
	return out
}

// FuzzBind asks that any text is bound or refused, that plans survive their encoding, and that
// equal texts give equal plans.
func FuzzBind(f *testing.F) {
	for _, s := range append(goldenStatements(f), scenarioStatements(f)...) {
		f.Add(s)
	}
	cat := newCatalog(f)
	f.Fuzz(func(t *testing.T, text string) {
		raws, err := sql.Parse(text)
		if err != nil {
			mustRefuse(t, err)
			return
		}
		for _, raw := range raws {
			st, err := sql.Bind(raw, cat, sql.Options{Role: "r"})
			if err != nil {
				mustRefuse(t, err)
				continue
			}
			again, err := sql.Bind(raw, cat, sql.Options{Role: "r"})
			if err != nil || describe(cat, st) != describe(cat, again) {
				t.Fatalf("binding %q again gives something else (%v)", text, err)
			}
			n := planOf(st)
			if n == nil {
				continue
			}
			plan.Derive(n)
			if _, err := plan.Decode(plan.Encode(n)); err != nil {
				t.Fatalf("the plan of %q does not decode: %v\n%s", text, err, plan.Print(n))
			}
		}
	})
}

func mustRefuse(t *testing.T, err error) {
	t.Helper()
	var e *sql.Error
	if !errors.As(err, &e) || len(e.SQLState) != 5 || e.Message == "" || e.Position < 0 {
		t.Fatalf("not a refusal: %#v", err)
	}
}

func planOf(st sql.Statement) plan.Node {
	switch s := st.(type) {
	case *sql.Select:
		return s.Plan
	case *sql.CreateView:
		return s.Plan
	case *sql.Insert:
		return s.Source
	case *sql.Explain:
		return s.Plan
	}
	return nil
}
