package sql_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQueriesEqualPostgres asks PostgreSQL the queries of testdata/postgres, a line each, over t.
// Some of them it refuses.
func TestQueriesEqualPostgres(t *testing.T) {
	files, err := filepath.Glob("testdata/postgres/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	pg := postgres{newPostgres(t)}
	for _, file := range files {
		queries, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
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
}
