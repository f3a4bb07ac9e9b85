package tpch_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
	"weir/testnet/tpch"
)

var seed = flag.Uint64("seed", 1, "of the generated data")

// steps of a run: orders that come, that change, and that go.
const (
	rounds = 6
	coming = 40
)

// world has every table in a machine and in SQLite.
type world struct {
	m    *machine.Machine
	lite *sql.DB
	gen  *tpch.Generator
	have map[string]map[string]tpch.Row // by table and key
	in   map[string]*batch.Builder
}

func newWorld(t *testing.T) *world {
	lite, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	lite.SetMaxOpenConns(1)
	t.Cleanup(func() { lite.Close() })
	w := &world{
		m: machine.New(engine.Limits{}), lite: lite, gen: tpch.New(*seed),
		have: map[string]map[string]tpch.Row{},
	}
	if err := w.m.Exec(tpch.Schema()); err != nil {
		t.Fatal(err)
	}
	if _, err := lite.Exec(tpch.Schema()); err != nil {
		t.Fatal(err)
	}
	for _, table := range tpch.Tables {
		w.have[table] = map[string]tpch.Row{}
	}
	return w
}

// put sets the row of a table under its key; nil takes it away.
func (w *world) put(t *testing.T, table string, keyCols int, key string, r tpch.Row) {
	t.Helper()
	b := w.in[table]
	if b == nil {
		b = batch.NewBuilder(w.m.Types(table), 0)
		w.in[table] = b
	}
	if old := w.have[table][key]; old != nil {
		b.Add(old, -1)
		delete(w.have[table], key)
		where := make([]string, keyCols)
		for i := range where {
			col := w.m.Cat.Lookup(table).Key[i]
			where[i] = w.m.Cat.Lookup(table).Columns[col].Name + " = " + literal(old[col])
		}
		w.exec(t, "DELETE FROM "+table+" WHERE "+strings.Join(where, " AND "))
	}
	if r == nil {
		return
	}
	b.Add(r, 1)
	w.have[table][key] = r
	vals := make([]string, len(r))
	for i, d := range r {
		vals[i] = literal(d)
	}
	w.exec(t, "INSERT INTO "+table+" VALUES ("+strings.Join(vals, ", ")+")")
}

func (w *world) exec(t *testing.T, text string) {
	t.Helper()
	if _, err := w.lite.Exec(text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func literal(d value.Datum) string {
	switch d.Kind {
	case value.Null:
		return "NULL"
	case value.Text, value.Date:
		return "'" + string(value.AppendText(nil, d)) + "'"
	}
	return string(value.AppendText(nil, d))
}

func (w *world) base(t *testing.T) {
	w.in = map[string]*batch.Builder{}
	rows := w.gen.Base()
	for _, table := range tpch.Tables {
		for _, r := range rows[table] {
			keys := len(w.m.Cat.Lookup(table).Key)
			w.put(t, table, keys, fmt.Sprint(r[:keys]), r)
		}
	}
	w.step(t)
}

// order puts an order and its items; nil takes them away.
func (w *world) order(t *testing.T, number int, order tpch.Row, items []tpch.Row) {
	w.put(t, "orders", 1, fmt.Sprint(number), order)
	for line := 1; line <= 7; line++ {
		var r tpch.Row
		if line <= len(items) {
			r = items[line-1]
		}
		w.put(t, "lineitem", 2, fmt.Sprint(number, line), r)
	}
}

func (w *world) round(t *testing.T, n int) {
	w.in = map[string]*batch.Builder{}
	for range coming {
		o, items := w.gen.Order()
		w.order(t, int(o[0].I), o, items)
	}
	if n > 0 { // some of the past orders change, some go, and so do customers
		for i := range coming / 3 {
			old := (n*7+i*13)%(n*coming) + 1
			if i%3 == 0 {
				w.order(t, old, nil, nil)
				continue
			}
			o, items := w.gen.Again(old)
			w.order(t, old, o, items)
		}
		c := w.gen.Customer(1 + n)
		w.put(t, "customer", 1, fmt.Sprint(c[:1]), c)
	}
	w.step(t)
}

func (w *world) step(t *testing.T) {
	t.Helper()
	in := map[string]machine.Input{}
	for table, b := range w.in {
		in[table] = machine.Input{Rows: b.Batch()}
	}
	res, err := w.m.Step(in)
	if err != nil || len(res.Suspensions) > 0 {
		t.Fatalf("step: %v, %v", err, res)
	}
}

// TestQueries keeps every query up to date while orders come, change and go. After each step the
// view has the rows that the batch evaluation and SQLite give, at the end also the oracle's.
func TestQueries(t *testing.T) {
	for _, q := range tpch.Queries() {
		t.Run(q.Name, func(t *testing.T) { checkQuery(t, q) })
	}
}

func checkQuery(t *testing.T, q tpch.Query) {
	w := newWorld(t)
	if err := w.m.Exec("CREATE MATERIALIZED VIEW result AS " + q.SQL); err != nil {
		t.Fatal(err)
	}
	w.base(t)
	for n := range rounds {
		w.round(t, n)
		w.compare(t, q)
	}
	p := w.m.Plan("result")
	want := oracle.EvalView(p, w.m.Cat.Lookup("result").Key, w.m.OracleInput())
	if got := sorted(shownRows(w.m.View("result"))); !slices.Equal(got, sorted(shownRows(want.Rows))) {
		t.Fatalf("the view holds\n%s\nthe oracle says\n%s", strings.Join(got, "\n"),
			strings.Join(sorted(shownRows(want.Rows)), "\n"))
	}
	if len(w.m.View("result")) == 0 {
		t.Error("the view is empty: nothing was tested")
	}
}

func (w *world) compare(t *testing.T, q tpch.Query) {
	t.Helper()
	got := sorted(shownRows(w.m.View("result")))
	once, err := w.m.Query(w.m.Plan("result"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []oracle.Row
	for _, r := range once.Rows {
		rows = append(rows, oracle.Row{Vals: r, Weight: 1})
	}
	if batch := sorted(shownRows(rows)); !slices.Equal(got, batch) {
		t.Fatalf("the view holds\n%s\nthe batch evaluation says\n%s\nrerun: -run %s -seed %d",
			strings.Join(got, "\n"), strings.Join(batch, "\n"), t.Name(), *seed)
	}
	if lite := sorted(w.sqlite(t, q)); !slices.Equal(got, lite) {
		t.Fatalf("the view holds\n%s\nSQLite says\n%s\nrerun: -run %s -seed %d",
			strings.Join(got, "\n"), strings.Join(lite, "\n"), t.Name(), *seed)
	}
}

var (
	dateLiteral = regexp.MustCompile(`DATE ('[0-9-]+')`)
	yearOf      = regexp.MustCompile(`extract\(year FROM (\w+)\)`)
)

// sqlite answers a query in SQLite's dialect.
func (w *world) sqlite(t *testing.T, q tpch.Query) []string {
	t.Helper()
	text := dateLiteral.ReplaceAllString(q.SQL, "$1")
	text = yearOf.ReplaceAllString(text, "CAST(strftime('%Y', $1) AS INTEGER)")
	text = strings.ReplaceAll(text, "LIKE", "GLOB")
	text = regexp.MustCompile(`GLOB '[^']*'`).ReplaceAllStringFunc(text, func(s string) string {
		return strings.ReplaceAll(s, "%", "*")
	})
	res, err := w.lite.Query(text)
	if err != nil {
		t.Fatalf("SQLite: %v\n%s", err, text)
	}
	defer res.Close()
	cols, err := res.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for res.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := res.Scan(ptrs...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, v := range vals {
			line += "|" + shown(fmt.Sprint(v))
		}
		out = append(out, line)
	}
	return out
}

// shownRows writes rows, each as often as its weight; hidden columns are not in these views.
func shownRows(rows []oracle.Row) (out []string) {
	for _, r := range rows {
		line := ""
		for _, d := range r.Vals {
			if d.IsNull() {
				line += "|<nil>"
			} else {
				line += "|" + shown(string(value.AppendText(nil, d)))
			}
		}
		for range r.Weight {
			out = append(out, line)
		}
	}
	return out
}

// shown writes numbers with eight significant digits, since SQLite computes in floats.
func shown(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "-") && !strings.HasPrefix(s, "-") {
		return strings.TrimSuffix(s, " 00:00:00 +0000 UTC")
	}
	return strconv.FormatFloat(round(f), 'g', 8, 64)
}

// round moves halves up, on whichever side of a half an inexact sum lies.
func round(f float64) float64 { return math.Round(f*1e4*(1+1e-12)) / 1e4 }

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
