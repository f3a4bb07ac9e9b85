package nexmark

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// Watermark of the streams behind the latest event.
const lagMicros = 4_000_000

// Result is what one query cost, on one core and without ledger or consensus.
type Result struct {
	Query   string
	Events  int     // all of them: persons, auctions and bids
	Seconds float64 // in Engine.Step, applying its changes in memory, and Accept
	// CPUSeconds is the processor time in the same places, that of the garbage collector's
	// own threads included; 0 where the system does not tell.
	CPUSeconds     float64
	AllocsPerEvent float64
	BytesPerEvent  float64 // allocated
	ViewRows       int     // of the view at the end
	StateEntries   int     // of all operators at the end
	StateBytes     int
	// CheckpointSeconds is the time of saving all operator state at the end, when asked for.
	CheckpointSeconds float64
}

// PerSecond is events a second.
func (r Result) PerSecond() float64 { return float64(r.Events) / r.Seconds }

// CPUMicros is processor time an event in microseconds.
func (r Result) CPUMicros() float64 { return r.CPUSeconds * 1e6 / float64(max(r.Events, 1)) }

// Options of a run.
type Options struct {
	Config        Config
	Events        int
	SegmentEvents int // events in a step; 0: DefaultSegment
	Checkpoint    bool
	// Progress is called after each step with the events so far; nil: not.
	Progress func(events int)
}

// DefaultSegment is about what a block of one megabyte holds.
const DefaultSegment = 10_000

// Bench keeps the view of one query up to date over a generated load.
func Bench(q Query, o Options) (Result, error) {
	if o.SegmentEvents == 0 {
		o.SegmentEvents = DefaultSegment
	}
	r := Result{Query: q.Name}
	m, err := Open(q)
	if err != nil {
		return r, err
	}
	g := New(o.Config)
	var spent, cpu time.Duration
	var before, after runtime.MemStats
	for r.Events < o.Events {
		seg := g.Next(min(o.SegmentEvents, o.Events-r.Events))
		in := Inputs(seg)
		runtime.ReadMemStats(&before)
		start, cpuStart := time.Now(), cpuTime()
		res, err := m.Step(in)
		spent, cpu = spent+time.Since(start), cpu+cpuTime()-cpuStart
		runtime.ReadMemStats(&after)
		if err != nil {
			return r, err
		}
		if len(res.Suspensions) > 0 {
			return r, fmt.Errorf("%s: suspended (%s)", q.Name, res.Suspensions[0].Reason)
		}
		r.AllocsPerEvent += float64(after.Mallocs - before.Mallocs)
		r.BytesPerEvent += float64(after.TotalAlloc - before.TotalAlloc)
		r.Events += seg.Events
		if o.Progress != nil {
			o.Progress(r.Events)
		}
	}
	r.Seconds, r.CPUSeconds = spent.Seconds(), cpu.Seconds()
	r.AllocsPerEvent /= float64(max(r.Events, 1))
	r.BytesPerEvent /= float64(max(r.Events, 1))
	return r, r.sizes(m, o.Checkpoint)
}

// sizes measures what there is at the end.
func (r *Result) sizes(m *machine.Machine, checkpoint bool) error {
	m.Mem.Relation(m.Cat.Lookup(viewName).ID).Scan(nil, nil, func(_, _ []byte) bool {
		r.ViewRows++
		return true
	})
	start := time.Now()
	m.Eng.Save(func(_ uint32, _ int, key, val []byte) {
		r.StateEntries++
		r.StateBytes += len(key) + len(val)
	})
	if checkpoint {
		r.CheckpointSeconds = time.Since(start).Seconds()
	}
	return nil
}

const viewName = "result"

// Open makes a machine with the schema, the side input of q13, and one view called result.
func Open(q Query) (*machine.Machine, error) {
	m := machine.New(engine.Limits{StepRows: 1 << 40, MaxStepRows: 1 << 40})
	if err := m.Exec(Schema()); err != nil {
		return nil, err
	}
	err := m.Exec("CREATE MATERIALIZED VIEW " + viewName + " AS " + q.SQL)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s", q.Name), err)
	}
	b := batch.NewBuilder(m.Types("side_input"), sideRows)
	for i := range int64(sideRows) {
		b.Add([]value.Datum{value.NewInt8(i), value.NewText(fmt.Sprintf("side-%d", i))}, 1)
	}
	_, err = m.Step(map[string]machine.Input{"side_input": {Rows: b.Batch()}})
	return m, err
}

// sideRows is the size of the side input.
const sideRows = 10_000

// Inputs are a segment as a step's inputs.
func Inputs(seg Segment) map[string]machine.Input {
	in := map[string]machine.Input{}
	for name, b := range map[string]*batch.Batch{
		"person": seg.Persons, "auction": seg.Auctions, "bid": seg.Bids,
	} {
		in[name] = machine.Input{Rows: b, Mark: seg.MaxMicros - lagMicros, HasMark: true}
	}
	return in
}
