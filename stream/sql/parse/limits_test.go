package parse

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

func stateOf(t *testing.T, text string) string {
	t.Helper()
	_, err := Parse(text)
	var e *Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("error of another type: %v", err)
	}
	if e == nil {
		return ""
	}
	return e.SQLState
}

func TestLimits(t *testing.T) {
	pad := func(n int) string { return "SELECT 1" + strings.Repeat(" ", n-len("SELECT 1")) }
	toks := func(n int) string { return "SELECT 1" + strings.Repeat(",1", (n-2)/2) }
	parens := func(n int) string {
		return "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n)
	}
	nots := func(n int) string { return "SELECT " + strings.Repeat("NOT ", n) + "true" }
	plus := func(n int) string { return "SELECT 1" + strings.Repeat("+1", n) }
	minus := func(n int) string { return "SELECT " + strings.Repeat("- ", n) + "1" }
	cases := func(n int) string {
		return "SELECT " + strings.Repeat("CASE WHEN true THEN ", n) + "1" + strings.Repeat(" END", n)
	}
	for _, c := range []struct {
		name  string
		text  func(int) string
		limit int
		state string
	}{
		{"bytes", pad, MaxTextBytes, stateProgramLimit},
		{"tokens", toks, MaxTokens, stateProgramLimit},
		{"parentheses", parens, MaxNesting, stateTooComplex},
		{"NOT", nots, MaxNesting, stateTooComplex},
		{"operators", plus, MaxNesting, stateTooComplex},
		{"signs", minus, MaxNesting, stateTooComplex},
		{"CASE", cases, MaxNesting, stateTooComplex},
	} {
		if got := stateOf(t, c.text(c.limit)); got != "" {
			t.Errorf("%s: at the limit: %s", c.name, got)
		}
		next := c.limit + 1
		if c.name == "tokens" { // they come in pairs
			next++
		}
		if got := stateOf(t, c.text(next)); got != c.state {
			t.Errorf("%s: beyond the limit: %q, want %s", c.name, got, c.state)
		}
	}
}

func TestBadText(t *testing.T) {
	for _, text := range []string{"SELECT '\x00'", "SELECT '\xff'"} {
		if got := stateOf(t, text); got != stateBadUTF8 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestPositions: a syntax error behind cut clauses and non-ASCII text is at its character.
func TestPositions(t *testing.T) {
	for _, text := range []string{
		"SELECT 'é', FROM ^",
		"CREATE STREAM s (é int, ts timestamp, WATERMARK FOR ts AS ts - INTERVAL '5 minutes') ^",
		"CREATE MATERIALIZED VIEW v WITH (key = (a)) AS SELECT 1 ^ EMIT ON WINDOW CLOSE",
		"SELECT 1; SELECT * FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1 hour')) ^",
	} {
		at := strings.Index(text, "^")
		_, err := Parse(strings.Replace(text, "^", ")", 1))
		var e *Error
		if !errors.As(err, &e) || e.SQLState != stateSyntax {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want := position(text, at)
		if strings.Contains(text, ", FROM") {
			want = position(text, strings.Index(text, "FROM"))
		}
		if e.Position != want {
			t.Errorf("%s: position %d, want %d (%s)", text, e.Position, want, e.Message)
		}
	}
}

func TestClauses(t *testing.T) {
	raws, err := Parse(`CREATE SOURCE s
		  (a INT, WATERMARK FOR ts AS ts - INTERVAL '5 minutes' GLOBAL, ts timestamp);
		ALTER MATERIALIZED VIEW v RESUME CASCADE;
		GRANT INSERT ON s TO r WRITERS (w1, 'gw/node0');
		SELECT * FROM v AS OF HEIGHT 12;
		CREATE MATERIALIZED VIEW v WITH (key = (a, b)) AS SELECT 1 a, 2 b EMIT ON WINDOW CLOSE`)
	if err != nil {
		t.Fatal(err)
	}
	if c := raws[0].Clauses; !c.Stream || len(c.Watermarks) != 1 || !c.Watermarks[0].Global ||
		c.Watermarks[0].Column.Name != "ts" {
		t.Errorf("stream: %+v", c)
	}
	if a := raws[1].Clauses.Alter; a == nil || !a.Resume || !a.Cascade || a.View.Name != "v" {
		t.Errorf("alter: %+v", a)
	}
	if w := raws[2].Clauses.Writers; len(w) != 2 || w[1].Name != "gw/node0" {
		t.Errorf("writers: %+v", w)
	}
	if h := raws[3].Clauses.AsOf; h == nil || *h != 12 {
		t.Errorf("as of: %v", h)
	}
	if c := raws[4].Clauses; !c.EmitOnClose || len(c.Key) != 2 {
		t.Errorf("view: %+v", c)
	}
}

// FuzzParse: any text is statements or a refusal. The seeds are those of the scenarios.
func FuzzParse(f *testing.F) {
	f.Add("CREATE STREAM s (a int, ts timestamp, WATERMARK FOR ts AS ts)")
	f.Add("SELECT * FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1 hour')) w WHERE a IN (1)")
	files, err := filepath.Glob("../../streamtest/testdata/scenarios/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		datadriven.RunTestAny(f, file, func(_ testing.TB, d *datadriven.TestData) string {
			f.Add(d.Input)
			return d.Expected
		})
	}
	f.Fuzz(func(t *testing.T, text string) {
		raws, err := Parse(text)
		var e *Error
		if err != nil && (!errors.As(err, &e) || len(e.SQLState) != 5 || e.Message == "") {
			t.Fatalf("not a refusal: %#v", err)
		}
		if err == nil && len(text) > MaxTextBytes {
			t.Fatalf("%d bytes give %d statements", len(text), len(raws))
		}
	})
}
