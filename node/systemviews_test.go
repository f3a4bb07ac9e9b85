package node_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestWeirViews follows a view into debt and out of its budget through weir_views, with queries
// like over any table; nothing but a query reads it.
func TestWeirViews(t *testing.T) {
	n := makeNetwork(t, func(p *parameters) {
		p.StepRows, p.StepDebt, p.ViewWork = 8192, 8192, 100_000
		p.BackfillRows = 1000
	})
	n.start(t)
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, "postgres://weir@"+n.pg+"/weir?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	run := func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	read := func(sql string) string {
		t.Helper()
		var out string
		if err := c.QueryRow(ctx, sql).Scan(&out); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return out
	}
	run("CREATE TABLE t (k int PRIMARY KEY, n int)")
	run("CREATE MATERIALIZED VIEW v AS SELECT k, 10 / n AS n FROM t")
	run("CREATE MATERIALIZED VIEW above AS SELECT count(*) AS c FROM v")
	const all = `SELECT string_agg(name || ' ' || state || ' ' || coalesce(reason, '-') || ' ' ||
		errors::text || ' ' || (step_debt - debt > 8000)::text, ', ' ORDER BY name) FROM weir_views`
	if got, want := read(all), "above live - 0 true, v live - 0 true"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	run("INSERT INTO t VALUES (0, 0)")
	run("INSERT INTO t SELECT s, 1 FROM generate_series(1, 3000) AS s") // 9000 metered rows
	if got := read("SELECT errors::text FROM weir_views WHERE name = 'v'"); got != "1" {
		t.Errorf("%s errors", got)
	}
	run("INSERT INTO t SELECT s, 1 FROM generate_series(3001, 9000) AS s") // 18000
	want := "above suspended INPUT 0 true, v suspended BUDGET"
	if got := read(all); !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	for _, sql := range []string{
		"CREATE MATERIALIZED VIEW w AS SELECT name FROM weir_views",
		"INSERT INTO weir_views (name) VALUES ('x')", "DROP TABLE weir_views",
	} {
		if _, err := c.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "42P01") {
			t.Errorf("%s: %v, want 42P01", sql, err)
		}
	}
}
