package sql_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestRowsEqualPostgres asks PostgreSQL queries with rows as values, a line each, over t.
func TestRowsEqualPostgres(t *testing.T) {
	queries, err := os.ReadFile("testdata/postgres/rows")
	if err != nil {
		t.Fatal(err)
	}
	pg := postgres{newPostgres(t)}
	rnd := rand.New(rand.NewPCG(*groupSeed, 25))
	for range 3 {
		w, insert := diffRows(t, rnd)
		for _, text := range []string{"DROP TABLE IF EXISTS t", diffTable, insert} {
			if a := pg.ask(t, text); a.state != "" {
				t.Fatalf("%s: %s", text, a.state)
			}
		}
		for text := range strings.SplitSeq(strings.TrimSpace(string(queries)), "\n") {
			t.Run(text, func(t *testing.T) { differ(t, w, pg, text) })
		}
	}
}
