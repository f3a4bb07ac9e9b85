package streamtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/sql"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// outcome asks a query and returns the SQLSTATE of what refuses it or fails in it, "" if it is
// answered.
func outcome(t *testing.T, s *scenario, text string) string {
	t.Helper()
	raws, err := sql.Parse(text)
	if err == nil {
		var st sql.Statement
		if st, err = sql.Bind(raws[0], s.cat, sql.Options{Role: "r"}); err == nil {
			got, failed := s.eng.Query(st.(*sql.Select).Plan, s.env())
			switch {
			case failed != nil:
				t.Fatalf("%.80s: %v", text, failed)
			case got.Errors > 0:
				return got.Fault.SQLState
			}
			return ""
		}
	}
	var e *parse.Error
	if !errors.As(err, &e) {
		t.Fatalf("%.80s: not a refusal: %v", text, err)
	}
	return e.SQLState
}

// TestHostileInput asks for as much as is allowed, and for one more, of what grows without end.
func TestHostileInput(t *testing.T) {
	s := newScenario()
	const table = "CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)"
	if _, err := s.run(table, "p"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.step(); err != nil {
		t.Fatal(err)
	}
	around := func(before, within, after string) func(int) string {
		return func(n int) string {
			return "SELECT " + strings.Repeat(before, n) + within + strings.Repeat(after, n)
		}
	}
	for _, c := range []struct {
		what  string
		text  func(n int) string
		limit int
		state string
	}{
		{"parentheses", around("(", "1", ")"), parse.MaxNesting, "54001"},
		{"calls", around("abs(", "1", ")"), parse.MaxNesting - 1, "54001"},
		{"subqueries in FROM", func(n int) string {
			return strings.Repeat("SELECT * FROM (", n) + "SELECT 1" + strings.Repeat(") x", n)
		}, parse.MaxNesting / 2, "54001"},
		{"IN list", func(n int) string {
			return "SELECT a FROM t WHERE a IN (1" + strings.Repeat(",2", n-1) + ")"
		}, (parse.MaxTokens - 8) / 2, "54000"},
		{"digits of a number", func(n int) string {
			return "SELECT " + strings.Repeat("9", n)
		}, value.MaxPrecision, "22003"},
		{"exponent of a number", func(n int) string {
			return fmt.Sprintf("SELECT 1e%d", n)
		}, value.MaxPrecision - 1, "22003"},
		{"digits of a product", func(n int) string {
			return fmt.Sprintf("SELECT 1e%d * 10", n-2) // which has n digits
		}, value.MaxPrecision, "22003"},
		{"code points", func(n int) string {
			b := []byte{0xf0 | byte(n>>18), 0x80 | byte(n>>12&0x3f), 0x80 | byte(n>>6&0x3f), 0xbf}
			return fmt.Sprintf("SELECT convert_from('\\x%x'::bytea, 'UTF8')", b)
		}, 0x10ffff, "22021"},
		{"bytes of a pattern", func(n int) string {
			return "SELECT 'a' ~ '" + strings.Repeat("b", n) + "'"
		}, 1024, "54000"},
		{"rows of a series", func(n int) string {
			return fmt.Sprintf("SELECT count(*) FROM generate_series(1, %d)", n)
		}, expr.MaxSetRows, "54000"},
		{"nesting of jsonb", func(n int) string {
			return "SELECT '" + strings.Repeat("[", n) + strings.Repeat("]", n) + "'::jsonb"
		}, value.MaxJSONDepth, "54001"},
	} {
		if got := outcome(t, s, c.text(c.limit)); got != "" {
			t.Errorf("%s: %d of them: %s", c.what, c.limit, got)
		}
		if got := outcome(t, s, c.text(c.limit+1)); got != c.state {
			t.Errorf("%s: %d of them: %q, want %s", c.what, c.limit+1, got, c.state)
		}
	}
	for _, text := range []string{
		"SELECT 1e1000000000", "SELECT '1e-1000000000'::numeric * '1e1000000000'::numeric",
		"SELECT 10::numeric ^ 1000000000",
	} {
		if got := outcome(t, s, text); got != "22003" {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// TestHostileBytes: text that is no UTF-8 is refused wherever it stands in a statement.
func TestHostileBytes(t *testing.T) {
	s := newScenario()
	for _, bad := range []string{
		"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x00",
	} {
		for _, text := range []string{
			"SELECT '" + bad + "'", "SELECT 1 AS \"" + bad + "\"", "SELECT 1 -- " + bad,
			"SELECT $$" + bad + "$$", "SELECT '\\x00' ~ '" + bad + "'",
		} {
			if got := outcome(t, s, text); got != "22021" {
				t.Errorf("%q: %q", text, got)
			}
		}
	}
}

// TestExplodingJoin: a query whose joins make as many rows as are allowed is answered, with one
// row less of a limit it is refused, before all of them are made.
func TestExplodingJoin(t *testing.T) {
	s := newScenario()
	ask := func(text string, limit int64) (int, error) {
		raws, err := sql.Parse(text)
		must(err)
		st, err := sql.Bind(raws[0], s.cat, sql.Options{})
		must(err)
		env := s.env()
		env.MaxRows = limit
		got, err := s.eng.Query(st.(*sql.Select).Plan, env)
		if err != nil {
			return 0, err
		}
		return len(got.Rows), nil
	}
	const joined = "SELECT 1 FROM generate_series(1, 9) a, generate_series(1, 8) b"
	for limit, want := range map[int64]error{72: nil, 71: engine.ErrTooManyRows} {
		if n, err := ask(joined, limit); !errors.Is(err, want) || want == nil && n != 72 {
			t.Errorf("limit %d: %d rows, %v", limit, n, err)
		}
	}
	bomb := "SELECT 1 FROM generate_series(1, 99000) s1"
	for i := 2; i < 10; i++ { // 10^45 rows
		bomb += fmt.Sprintf(" CROSS JOIN generate_series(1, 99000) s%d", i)
	}
	if _, err := ask(bomb, 1_000_000); !errors.Is(err, engine.ErrTooManyRows) {
		t.Errorf("a join that explodes: %v", err)
	}
}
