package enginebench

import (
	"runtime"
	"time"

	"weir/internal/cputime"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/compile"
	"weir/stream/engine"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/state"
	"weir/stream/window"
)

// Result is what one view cost.
type Result struct {
	Name           string
	Events         int
	Seconds        float64 // of Engine.Step, applying its changes in memory, and Accept
	NsPerEvent     float64
	CPUNsPerEvent  float64 // processor time of the process, collector included; 0: unknown
	AllocsPerEvent float64
	BytesPerEvent  float64
	Rows           int     // of the view at the end
	Stages         []Stage // of a second run over the same events, in order of the data
}

// Stage is one part of a view's work.
type Stage struct {
	Name       string
	NsPerEvent float64
}

// repeats is how often a view is run; the fastest counts, since others share the machine.
const repeats = 3

// Run steps the given number of generated flights through each view of the demo, one view and one
// goroutine at a time.
func Run(events int) []Result {
	segs := generate(events)
	var out []Result
	for _, v := range views() {
		r := measure(v, segs)
		for range repeats - 1 {
			if again := measure(v, segs); again.Seconds < r.Seconds {
				r = again
			}
		}
		r.Stages = stages(v, segs, r.Events)
		out = append(out, r)
	}
	return out
}

// measure runs a view in an engine.
func measure(v view, segs []segment) Result {
	r := Result{Name: v.name}
	e, mem := setUp(v), state.NewMem()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cputime.Now()
	for _, s := range segs {
		res, err := e.Step(engine.Segment{
			Relations: mem, Deltas: map[uint32][]*batch.Batch{flightsID: {s.rows}},
			Watermarks: map[uint32][]int64{flightsID: {s.mark}},
		})
		if err != nil || len(res.Suspensions) > 0 {
			panic("enginebench: a step failed")
		}
		mem.Apply(viewID, res.Views[0].Changes)
		e.Accept()
		r.Events += s.rows.Len
	}
	r.Seconds, cpu = time.Since(start).Seconds(), cputime.Now()-cpu
	runtime.ReadMemStats(&after)
	n := float64(max(r.Events, 1))
	r.NsPerEvent, r.CPUNsPerEvent = r.Seconds*1e9/n, float64(cpu.Nanoseconds())/n
	r.AllocsPerEvent = float64(after.Mallocs-before.Mallocs) / n
	r.BytesPerEvent = float64(after.TotalAlloc-before.TotalAlloc) / n
	mem.Relation(viewID).Scan(nil, nil, func(_, _ []byte) bool {
		r.Rows++
		return true
	})
	return r
}

func setUp(v view) *engine.Engine {
	e := engine.New(engine.Config{})
	def := &catalog.Relation{ID: viewID, Kind: catalog.View, Key: plan.Derive(v.plan).Key}
	errs := &catalog.Relation{ID: errorsID, Kind: catalog.Errors, Of: viewID}
	if e.Define(flightsDef(), nil) != nil || e.Define(def, v.plan) != nil ||
		e.Define(errs, nil) != nil {
		panic("enginebench: a view cannot be defined")
	}
	return e
}

// clocked adds the time of an operator's steps up.
type clocked struct {
	operator.Operator
	spent time.Duration
}

// Step implements operator.Operator.
func (c *clocked) Step(ctx *operator.Context, in []operator.Delta) operator.Delta {
	start := time.Now()
	out := c.Operator.Step(ctx, in)
	c.spent += time.Since(start)
	return out
}

// stages runs a view's circuit, its sink and its stored relation with a clock on each.
func stages(v view, segs []segment, events int) []Stage {
	prog, err := compile.Compile(v.plan)
	if err != nil {
		panic("enginebench: a view does not compile")
	}
	var ops []*clocked
	for i, n := range prog.Circuit.Nodes {
		ops = append(ops, &clocked{Operator: n.Op})
		prog.Circuit.Nodes[i].Op = ops[i]
	}
	sink := operator.NewSink(plan.Derive(v.plan).Key, prog.Circuit.Types())
	mem := state.NewMem()
	var sinking, storing time.Duration
	for _, s := range segs {
		ctx := &operator.Context{Errors: operator.NewErrors()}
		in := operator.Delta{Rows: s.rows, Marks: marks(s)}
		out, _ := prog.Circuit.Step(ctx, func(uint32) operator.Delta { return in })
		start := time.Now()
		w := sink.Write(out.Rows, mem.Relation(viewID), ctx.Errors)
		sunk := time.Now()
		mem.Apply(viewID, w.Changes)
		prog.Circuit.Accept()
		sinking, storing = sinking+sunk.Sub(start), storing+time.Since(sunk)
	}
	var out []Stage
	add := func(name string, d time.Duration) {
		out = append(out, Stage{name, float64(d.Nanoseconds()) / float64(max(events, 1))})
	}
	for _, op := range ops {
		add(op.Name(), op.spent)
	}
	add("sink", sinking)
	add("store", storing)
	return out
}

func marks(s segment) []int64 {
	out := make([]int64, len(s.rows.Cols))
	for i := range out {
		out[i] = window.None
	}
	out[departedAt] = s.mark
	return out
}
