package sqlfuzz_test

import (
	"flag"
	"testing"

	"weir/stream/streamtest/postgres"
	"weir/stream/streamtest/sqlfuzz"
)

var (
	seed  = flag.Uint64("sqlfuzz.seed", 1, "seed of the first case")
	cases = flag.Int("sqlfuzz.n", 10_000, "how many cases to compare with SQLite")
	asked = flag.Int("sqlfuzz.pg", 2_000, "how many cases to compare with PostgreSQL")
	meta  = flag.Int("sqlfuzz.laws", 1_000, "how many cases to run under the laws")
	keep  = flag.Bool("sqlfuzz.all", false, "go on after a failure")
)

// TestAgainstSQLite compares views with the batch and the naive evaluation and with SQLite.
func TestAgainstSQLite(t *testing.T) {
	n := *cases
	if testing.Short() {
		n = min(n, 1000)
	}
	compare(t, n, newLite(t))
}

// TestAgainstPostgres compares views with PostgreSQL too.
func TestAgainstPostgres(t *testing.T) {
	compare(t, *asked, newServer(t, postgres.Start(t)))
}

// TestLaws runs cases under laws that need no other system to compare with.
func TestLaws(t *testing.T) {
	n, refused := *meta, 0
	for i := range uint64(n) {
		c := sqlfuzz.Generate(*seed + i)
		skip, f := sqlfuzz.CheckLaws(c)
		if skip {
			refused++
		}
		if f == nil {
			continue
		}
		small := sqlfuzz.Reduce(c, func(x *sqlfuzz.Case) bool {
			_, g := sqlfuzz.CheckLaws(x)
			return g != nil && g.Kind == f.Kind
		})
		_, f = sqlfuzz.CheckLaws(small)
		t.Errorf("seed %d: %v\n%s\nrerun: go test ./stream/streamtest/sqlfuzz -run '^TestLaws$' "+
			"-sqlfuzz.seed %d -sqlfuzz.laws 1", c.Seed, f, small, c.Seed)
		if !*keep {
			return
		}
	}
	t.Logf("%d cases under %v, %d refused", n, sqlfuzz.Laws(), refused)
	if refused > n/10 {
		t.Errorf("too few cases say anything")
	}
}

func compare(t *testing.T, n int, peers ...sqlfuzz.Peer) {
	refused, full := 0, 0
	for i := range uint64(n) {
		c := sqlfuzz.Generate(*seed + i)
		res, f := sqlfuzz.Run(c, peers)
		if f != nil {
			report(t, c, f, peers)
			if !*keep {
				return
			}
			continue
		}
		refused += len(res.Refused)
		if res.Rows > 0 {
			full++
		}
	}
	t.Logf("%d cases, %d views with rows, %d queries that %s refused", n, full, refused,
		peers[0].Name())
	if full < n/3 || refused > n/20 {
		t.Errorf("too few cases say anything")
	}
}

func report(t *testing.T, c *sqlfuzz.Case, f *sqlfuzz.Failure, peers []sqlfuzz.Peer) {
	t.Helper()
	small := sqlfuzz.Reduce(c, func(x *sqlfuzz.Case) bool {
		_, g := sqlfuzz.Run(x, peers)
		return g != nil && g.Kind == f.Kind
	})
	_, g := sqlfuzz.Run(small, peers)
	t.Errorf("seed %d: %v\n%s\nrerun: go test ./stream/streamtest/sqlfuzz -run '^%s$' "+
		"-sqlfuzz.seed %d -sqlfuzz.n 1 -sqlfuzz.pg 1", c.Seed, g, small, t.Name(), c.Seed)
}
