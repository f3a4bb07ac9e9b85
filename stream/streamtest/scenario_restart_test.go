package streamtest

import (
	"bytes"
	"flag"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/catalog"
	"weir/stream/engine"
)

// restart replaces the engine by a new one that loads what the old one saves.
func (s *scenario) restart() error {
	var saved []engine.Entry
	s.eng.Save(func(rel uint32, stream int, key, val []byte) {
		saved = append(saved, engine.Entry{
			Relation: rel, Stream: stream, Key: bytes.Clone(key), Value: bytes.Clone(val),
		})
	})
	s.eng = engine.New(engine.Config{})
	for _, r := range s.cat.All() {
		if r.Kind == catalog.View {
			must(s.eng.Define(r, s.plans[r.ID]))
			continue
		}
		must(s.eng.Define(r, nil))
	}
	return s.eng.Load(func() (e engine.Entry, ok bool) {
		if len(saved) == 0 {
			return e, false
		}
		e, saved = saved[0], saved[1:]
		return e, true
	})
}

// TestScenariosRestarted runs the scenarios with an engine that is saved and loaded into a new one
// before every command: nothing that they show changes, down to the sizes of what is kept.
func TestScenariosRestarted(t *testing.T) {
	if flag.Lookup("rewrite").Value.String() == "true" {
		t.Skip("goldens are those of the engine that goes on")
	}
	restarts := 0
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := newScenario()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if err := s.restart(); err != nil {
				t.Fatal(err)
			}
			restarts++
			return s.command(t, d)
		})
	})
	if restarts < 100 {
		t.Errorf("only %d restarts", restarts)
	}
}
