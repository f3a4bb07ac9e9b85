package streamtest

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/sql/parse"
)

// fuzzRows bounds what a query of FuzzQuery reads and makes, and so the time of the oracle.
const fuzzRows = 300

// FuzzQuery asks any query of the relations of a scenario, as they are at its end. It is refused
// with an SQLSTATE, or the engine answers what the oracle answers. The seeds are the queries of the
// scenarios and of their views.
func FuzzQuery(f *testing.F) {
	files, err := filepath.Glob("testdata/scenarios/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios: %v", err)
	}
	for i, file := range files {
		for _, q := range queriesOf(f, file) {
			f.Add(uint8(i), q)
		}
	}
	worlds := map[string]*scenario{}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		file := files[int(which)%len(files)]
		if worlds[file] == nil {
			worlds[file] = played(t, file)
		}
		if err := worlds[file].ask(text); err != nil {
			t.Fatalf("%s: %q: %v", file, text, err)
		}
	})
}

// queriesOf are the queries that a scenario asks, and those of the views that it creates.
func queriesOf(f *testing.F, file string) (out []string) {
	datadriven.RunTestAny(f, file, func(_ testing.TB, d *datadriven.TestData) string {
		switch d.Cmd {
		case "query":
			out = append(out, d.Input)
		case "sql":
			for _, st := range strings.Split(d.Input, ";") {
				head, q, ok := strings.Cut(strings.TrimSpace(st), " AS")
				if ok && strings.HasPrefix(head, "CREATE MATERIALIZED VIEW") {
					out = append(out, strings.TrimSpace(q))
				}
			}
		}
		return d.Expected
	})
	return out
}

// played is a scenario after its last command.
func played(t *testing.T, file string) *scenario {
	s := newScenario()
	datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
		s.command(t, d)
		return d.Expected // TestScenarios compares
	})
	if _, err := s.step(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask binds a text; each of its statements that is a query is answered by engine and oracle. An
// error is a fault, not a refusal.
func (s *scenario) ask(text string) error {
	raws, err := sql.Parse(text)
	if err != nil {
		return refusal(err)
	}
	for _, raw := range raws {
		st, err := sql.Bind(raw, s.cat, sql.Options{Role: "r"})
		if err != nil {
			return refusal(err)
		}
		q, ok := st.(*sql.Select)
		if !ok || q.Common().Unbound {
			continue
		}
		if err := s.agree(q.Plan); err != nil {
			return err
		}
	}
	return nil
}

// refusal is nil for an error that a client can be told.
func refusal(err error) error {
	var e *parse.Error
	if errors.As(err, &e) && len(e.SQLState) == 5 && e.Message != "" {
		return nil
	}
	return err
}

// agree compares the answers to a query that is not too large.
func (s *scenario) agree(p plan.Node) error {
	env := s.env()
	env.MaxRows = fuzzRows
	got, err := s.eng.Query(p, env)
	if errors.Is(err, engine.ErrTooManyRows) || errors.Is(err, engine.ErrTooManyRounds) {
		return nil
	}
	if err != nil {
		return err
	}
	want, failed := oracle.Query(p, s.input())
	if a, b := answer(got), shown(p, want); a != b {
		return errors.New("the engine answers\n" + a + ", the oracle\n" + b)
	}
	if got.Errors != failed {
		return errors.New("the engine and the oracle count errors of rows differently")
	}
	return nil
}
