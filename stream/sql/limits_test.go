package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/sql/bind"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// state binds one statement and returns its SQLSTATE, "" if it is accepted.
func state(t *testing.T, cat *catalog.Catalog, text string) string {
	t.Helper()
	_, err := run(cat.Clone(), text, sql.Options{})
	if err == nil {
		return ""
	}
	var e *sql.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a refusal: %v", err)
	}
	return e.SQLState
}

// elements are n distinct expressions for a list that has begun.
func elements(n int) string {
	text := ""
	for i := range n {
		text += fmt.Sprintf(", id + %d", i)
	}
	return text
}

func TestLimitsAtTheirEdge(t *testing.T) {
	cat := newCatalog(t)
	joins := func(n int) string {
		text := "SELECT 1 FROM airports t1"
		for i := 2; i <= n; i++ {
			text += fmt.Sprintf(" JOIN airports t%d ON t1.code = t%d.code", i, i)
		}
		return text
	}
	columns := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("c%d int", i)
		}
		return "CREATE STREAM wide (" + strings.Join(list, ", ") + ")"
	}
	outputs := func(n int) string { return "SELECT " + strings.Repeat("1, ", n-1) + "1" }
	writer := func(n int) string {
		return "GRANT INSERT ON flights TO r WRITERS (\"" + strings.Repeat("w", n) + "\")"
	}
	name := func(n int) string {
		return "CREATE TABLE " + strings.Repeat("n", n) + " (a int PRIMARY KEY)"
	}
	ctes := func(n int) string { // each definition and each use counts
		text := "WITH q0 AS (SELECT code FROM airports)"
		for i := 1; i < n; i++ {
			text += fmt.Sprintf(", q%d AS (SELECT a.code FROM q%d a JOIN q%d b ON a.code = b.code)", i,
				i-1, i-1)
		}
		return text + " SELECT 1"
	}
	sets := func(n int) string {
		return "SELECT 1 FROM flights GROUP BY GROUPING SETS (" + strings.Repeat("id, ", n-1) + "id)"
	}
	rollup := func(n int) string {
		return "SELECT 1 FROM flights GROUP BY ROLLUP (id" + elements(n-1) + ")"
	}
	grouping := func(n int) string {
		return "SELECT grouping(id" + strings.Repeat(", id", n-1) + ") FROM flights GROUP BY id"
	}
	for _, c := range []struct {
		what  string
		text  func(int) string
		limit int
		state string
	}{
		{"relations in FROM", joins, bind.MaxFromItems, "54001"},
		{
			"parameters", func(n int) string { return fmt.Sprintf("SELECT $%d::int", n) },
			bind.MaxParams, "54000",
		},
		{"columns of a relation", columns, catalog.MaxColumns, "54011"},
		{"outputs", outputs, plan.MaxColumns, "54011"},
		{"writer name", writer, parse.MaxNameBytes, "42622"},
		{"relation name", name, catalog.MaxNameBytes, "42622"},
		{"nested WITH", ctes, 4, "54001"},
		{"grouping sets", sets, bind.MaxGroupingSets, "54001"},
		{"grouping sets of a rollup", rollup, bind.MaxGroupingSets - 1, "54001"},
		{"arguments of GROUPING", grouping, bind.MaxGroupingArgs, "54023"},
	} {
		at, over := state(t, cat, c.text(c.limit)), state(t, cat, c.text(c.limit+1))
		if c.what == "parameters" && at == "42P18" { // those below it have no type
			at = ""
		}
		if at != "" || over != c.state {
			t.Errorf("%s: %q at %d, %q at one more; want \"\" and %q", c.what, at, c.limit, over, c.state)
		}
	}
}

// TestRowsAreBounded: in fields, depth, and the types of all in a statement.
func TestRowsAreBounded(t *testing.T) {
	cat := newCatalog(t)
	fields := func(n int) string { return "SELECT ROW(" + strings.Repeat("1, ", n-1) + "1)" }
	nested := func(n int) string {
		return "SELECT " + strings.Repeat("ROW(", n) + strings.Repeat(")", n)
	}
	// A row of 64 fields, each with a length, a name of 60 bytes and a type of three.
	fieldTypes := func(n int) string {
		list := make([]string, 64)
		for i := range list {
			list[i] = fmt.Sprintf("1 AS %s%02d", strings.Repeat("a", 58), i)
		}
		return "SELECT " + strings.Repeat("t, ", n-1) + "t FROM (SELECT " +
			strings.Join(list, ", ") + ") t"
	}
	for _, c := range []struct {
		what  string
		text  func(int) string
		limit int
		state string
	}{
		{"fields of a row", fields, value.MaxRecordFields, "54011"},
		{"rows within rows", nested, value.MaxRecordDepth, "54001"},
		{"types of rows", fieldTypes, bind.MaxFieldBytes / 64 / 64, "54001"},
	} {
		at, over := state(t, cat, c.text(c.limit)), state(t, cat, c.text(c.limit+1))
		if at != "" || over != c.state {
			t.Errorf("%s: %q at %d, %q at one more; want \"\" and %q", c.what, at, c.limit, over, c.state)
		}
	}
}

func TestWatermarksAreBounded(t *testing.T) {
	cat := newCatalog(t)
	watermarks := func(n int) string {
		text := "CREATE STREAM w (id int"
		for i := range n {
			text += fmt.Sprintf(", t%d timestamp, WATERMARK FOR t%d AS t%d", i, i, i)
		}
		return text + ")"
	}
	at := state(t, cat, watermarks(catalog.MaxWatermarks))
	over := state(t, cat, watermarks(catalog.MaxWatermarks+1))
	if at != "" || over != "54000" {
		t.Errorf("%q at the limit, %q at one more", at, over)
	}
}

// TestSubqueriesAreBounded: in number, in the depth of the plan, and in how much of it they use
// again.
func TestSubqueriesAreBounded(t *testing.T) {
	cat := newCatalog(t)
	subqueries := func(n int) string {
		return "SELECT " + strings.Repeat("(SELECT 1), ", n-1) + "(SELECT 1)"
	}
	deep := func(n int) string { // each subquery puts a join and its keys on top
		return "SELECT " + strings.Repeat("(SELECT count(*) FROM clicks WHERE n < delay), ", n) +
			"1 FROM flights"
	}
	notIn := func(n int) string {
		text := "SELECT code FROM airports"
		for range n {
			text = "SELECT code FROM airports WHERE city NOT IN (" + text + ")"
		}
		return text
	}
	for _, c := range []struct {
		what  string
		text  func(int) string
		limit int
	}{
		{"subqueries", subqueries, bind.MaxSubqueries},
		{"decorrelated plan", deep, 60},
		{"nested NOT IN", notIn, 5},
	} {
		at, over := state(t, cat, c.text(c.limit)), state(t, cat, c.text(c.limit+1))
		if at != "" || over != "54001" {
			t.Errorf("%s: %q at %d, %q at one more; want \"\" and 54001", c.what, at, c.limit, over)
		}
	}
}

// TestRepeatedOperandsAreBounded: IN repeats its left side, so that long ones grow large.
func TestRepeatedOperandsAreBounded(t *testing.T) {
	cat := newCatalog(t)
	text := func(terms, list int) string {
		sum := "(delay" + strings.Repeat(" + 1", terms) + ")"
		return "SELECT id FROM flights WHERE " + sum + " IN (1" + strings.Repeat(", 1", list) + ")"
	}
	// The operand has 2n+1 parts and is repeated once for each item behind the first.
	const terms, list = 63, bind.MaxRepeated / 127
	if got := state(t, cat, text(terms, list)); got != "" {
		t.Errorf("at the limit: %s", got)
	}
	if got := state(t, cat, text(terms, list+1)); got != "54001" {
		t.Errorf("beyond the limit: %q", got)
	}
}

// TestParameters binds a statement for description, then with values.
func TestParameters(t *testing.T) {
	cat := newCatalog(t)
	raws, err := sql.Parse("SELECT id FROM flights WHERE delay > $1 AND origin = $2 LIMIT $3")
	if err != nil {
		t.Fatal(err)
	}
	st, err := sql.Bind(raws[0], cat, sql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	info := st.Common()
	if !info.Unbound || fmt.Sprint(info.Params) != "[integer text bigint]" {
		t.Fatalf("described as %v, unbound %t", info.Params, info.Unbound)
	}
	st, err = sql.Bind(raws[0], cat, sql.Options{ParamTypes: info.Params, Args: []value.Datum{
		value.NewInt4(5), value.NewText("SFO"), value.NewInt8(2),
	}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `Sort [] limit 2
  Project [id]
    Filter ((delay > 5) AND (origin = 'SFO'))
      Scan flights [id, origin, delay]
`
	if got := plan.Print(st.(*sql.Select).Plan); got != want || st.Common().Unbound {
		t.Fatalf("got\n%swant\n%s", got, want)
	}
	_, err = sql.Bind(raws[0], cat, sql.Options{ParamTypes: info.Params, Args: []value.Datum{
		value.NewText("x"), value.NewText("SFO"), value.NewInt8(2),
	}})
	var e *sql.Error
	if !errors.As(err, &e) || e.SQLState != "42804" {
		t.Fatalf("a value of another type: %v", err)
	}
}
