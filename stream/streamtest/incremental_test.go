package streamtest

import (
	"flag"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/engine"
	"weir/stream/plan"
)

// run drives a history and compares every view with a full recompute after every step.
func run(h history) error {
	w := newWorld(h.views)
	for i, s := range h.steps {
		res, err := w.step(s)
		if err == nil && len(res.Suspensions) > 0 {
			err = fmt.Errorf("suspended %v", res.Suspensions)
		}
		if err == nil {
			err = w.compare()
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// TestIncrementalEqualsOracle drives random histories through views of random plans, with
// discards and reloads in between.
func TestIncrementalEqualsOracle(t *testing.T) {
	check(t, 12, func(t *rapid.T) {
		h := histories().Draw(t, "history")
		for _, v := range h.views {
			if err := plan.Check(v.plan); err != nil {
				t.Fatalf("drawn plan is malformed: %v", err)
			}
		}
		if err := run(h); err != nil {
			t.Fatal(err)
		}
	})
}

// parallel runs every piece of work in a goroutine of its own.
type parallel struct{}

// Run implements engine.Runner.
func (parallel) Run(n int, work func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { work(i) })
	}
	all.Wait()
}

// TestParallelViewsEqualOracle steps independent views at the same time.
func TestParallelViewsEqualOracle(t *testing.T) {
	check(t, 2, func(t *rapid.T) {
		h := histories().Draw(t, "history")
		for i := range 4 {
			h.views = append(h.views, newView(10+i, agg(tumble(scan(events)), 4, 5, i%2+1)))
		}
		w := newWorld(nil)
		w.views, w.run = h.views, parallel{}
		w.eng = w.engine(engine.Limits{})
		for _, s := range h.steps {
			if _, err := w.step(s); err != nil {
				t.Fatal(err)
			}
			if err := w.compare(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// times multiplies the draws of every property.
var times = flag.Int("streamtest.n", 1, "run every property on this many times the usual draws")

// check runs a property for some hundreds of draws.
func check(t *testing.T, hundreds int, property func(t *rapid.T)) {
	for i := range hundreds * *times {
		t.Run(fmt.Sprint(i), func(t *testing.T) { rapid.Check(t, property) })
	}
}
