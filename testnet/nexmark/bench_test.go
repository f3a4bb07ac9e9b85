package nexmark_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/testnet/nexmark"
)

// BenchmarkQueries steps every query through the same load; ns/op is for one event.
func BenchmarkQueries(b *testing.B) {
	for _, q := range nexmark.Queries() {
		b.Run(q.Name, func(b *testing.B) {
			all, err := nexmark.Bench(q, nexmark.Options{
				Config: nexmark.Config{Seed: 1}, Events: []int{max(b.N, 100_000)},
			})
			if err != nil {
				b.Fatal(err)
			}
			r := all[0]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.PerSecond(), "events/s")
			b.ReportMetric(r.CPUMicros(), "cpu-us/event")
			b.ReportMetric(r.AllocsPerEvent, "allocs/event")
			b.ReportMetric(r.BytesPerEvent, "B/event")
			b.ReportMetric(float64(r.StateEntries), "entries")
			b.ReportMetric(float64(r.ViewRows), "rows")
		})
	}
}

func bench(t *testing.T, query string, o nexmark.Options) []nexmark.Result {
	t.Helper()
	for _, q := range nexmark.Queries() {
		if q.Name != query {
			continue
		}
		o.Config.Seed, o.SegmentEvents, o.Dir = *seed, 500, t.TempDir()
		out, err := nexmark.Bench(q, o)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(o.Dir); err != nil || len(left) > 0 {
			t.Errorf("the store was left behind: %v, %v", left, err)
		}
		return out
	}
	t.Fatalf("no query %s", query)
	return nil
}

// TestKept runs a query of each kind over the ledger: the rows are those of a run in memory, and
// two runs with checkpoints at the same steps end with one state root. Where checkpoints were is
// under the root: each decides the cuts of operator state for those after it.
func TestKept(t *testing.T) {
	for _, q := range []string{"q0", "q4", "q5", "q13", "q16"} {
		t.Run(q, func(t *testing.T) {
			memory := bench(t, q, nexmark.Options{Events: []int{3000, 6000}})
			both := bench(t, q, nexmark.Options{
				Events: []int{3000, 6000}, Authenticated: true, Checkpointed: true, CheckpointEvents: 1000,
			})
			for i := range both {
				if both[i].ViewRows != memory[i].ViewRows || both[i].StateEntries != memory[i].StateEntries {
					t.Errorf("over the ledger: %+v, in memory: %+v", both[i], memory[i])
				}
			}
			if both[0].Checkpoints != 3 || both[1].Checkpoints != 6 {
				t.Errorf("%d and %d checkpoints", both[0].Checkpoints, both[1].Checkpoints)
			}
			if both[0].StateRoot == both[1].StateRoot {
				t.Error("the state root did not change")
			}
			trees := bench(t, q, nexmark.Options{
				Events: []int{6000}, Authenticated: true, Checkpointed: true, CheckpointEvents: 1000,
			})
			if trees[0].StateRoot != both[1].StateRoot || len(trees[0].StateRoot) != 64 {
				t.Errorf("root %q, with a result on the way %q", trees[0].StateRoot, both[1].StateRoot)
			}
			if trees[0].Authenticate.Wall == 0 || both[1].Checkpoint.Wall == 0 {
				t.Error("no cost was measured")
			}
			states := nexmark.Options{
				Events: []int{5000, 5500}, Checkpointed: true, CheckpointEvents: 700,
			}
			saved, again := bench(t, q, states), bench(t, q, states)
			if saved[1].StateRoot != again[1].StateRoot || saved[0].StateRoot == again[1].StateRoot {
				t.Errorf("roots of operator state: %s, %s; %s", saved[0].StateRoot,
					saved[1].StateRoot, again[1].StateRoot)
			}
		})
	}
}

// TestSince checks that the costs between results add up.
func TestSince(t *testing.T) {
	r := bench(t, "q5", nexmark.Options{Events: []int{500, 1000, 4000}})
	events, cost := 0, nexmark.Cost{}
	for _, one := range r {
		events += one.SinceEvents
		cost.Wall += one.Since.Wall
	}
	if last := r[2]; events != 4000 || last.Events != 4000 || cost.Wall != last.Total().Wall {
		t.Errorf("%d events, %v; in all %+v", events, cost, last)
	}
}

// TestMedian takes the middle run of each mark and refuses roots that differ.
func TestMedian(t *testing.T) {
	var runs [][]nexmark.Result
	for _, cpu := range [][2]time.Duration{{30, 1}, {10, 3}, {20, 2}} {
		runs = append(runs, []nexmark.Result{
			{Events: 1, Since: nexmark.Cost{CPU: cpu[0]}},
			{Events: 2, Since: nexmark.Cost{CPU: cpu[1]}, StateRoot: "aa"},
		})
	}
	got, err := nexmark.Median(runs)
	if err != nil || len(got) != 2 || got[0].Since.CPU != 20 || got[1].Since.CPU != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	runs[2][1].StateRoot = "bb"
	if _, err := nexmark.Median(runs); err == nil || !strings.Contains(err.Error(), "bb") {
		t.Errorf("runs with different roots: %v", err)
	}
}

// TestPlot draws a few points in both formats.
func TestPlot(t *testing.T) {
	r := []nexmark.Point{{"q5", 500, 1.5}, {"q5", 1000, 1.25}, {"q16", 500, 7}}
	for _, name := range []string{"plot.svg", "plot.png"} {
		file := filepath.Join(t.TempDir(), name)
		if err := nexmark.Plot(r, file); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil || len(b) < 1000 {
			t.Fatalf("%s has %d bytes, %v", name, len(b), err)
		}
		if name == "plot.svg" && !strings.Contains(string(b), "q5: goal 1M") {
			t.Error("the goal is not in the drawing")
		}
	}
	if err := nexmark.Plot(r, filepath.Join(t.TempDir(), "plot.nothing")); err == nil {
		t.Error("an unknown format was drawn")
	}
}
