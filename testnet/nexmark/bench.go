package nexmark

import (
	"errors"
	"fmt"
	"runtime"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/state"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// Watermark of the streams behind the latest event.
const lagMicros = 4_000_000

// Options of a run.
type Options struct {
	Config Config
	// Events are the numbers of events after which there is a result; they ascend.
	Events        []int
	SegmentEvents int // events in a step; 0: DefaultSegment

	// Checkpointed saves all operator state to a store on disk every CheckpointEvents events, in
	// packed pages.
	Checkpointed     bool
	CheckpointEvents int // 0: DefaultCheckpoint
	// Authenticated keeps the view's rows in a Merkle tree, which gets one sorted net batch and is
	// hashed at each step.
	Authenticated bool
	// Dir is where the store of the two is made, for the time of the run; "" for the system's
	// folder of temporary files.
	Dir string

	// Progress is called after each step with the events so far, and ends the run by an error;
	// nil: not.
	Progress func(events int) error
}

// DefaultSegment is about what a block of one megabyte holds.
const DefaultSegment = 10_000

// DefaultCheckpoint is about the events of the payload between two checkpoints of a chain.
const DefaultCheckpoint = 500_000

// run is one query under way.
type run struct {
	opts    Options
	machine *machine.Machine
	kept    *kept // nil: neither checkpointed nor authenticated
	at      Result
	before  Result // the last one
	mallocs uint64
	bytes   uint64
}

// Bench keeps the view of one query up to date over a generated load, in one run.
func Bench(q Query, o Options) (results []Result, err error) {
	if o.SegmentEvents == 0 {
		o.SegmentEvents = DefaultSegment
	}
	if o.CheckpointEvents == 0 {
		o.CheckpointEvents = DefaultCheckpoint
	}
	r := &run{opts: o, at: Result{Query: q.Name}}
	var rows machine.Store = state.NewMem()
	if o.Checkpointed || o.Authenticated {
		if r.kept, err = openKept(o.Dir, o.Authenticated); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, r.kept.close()) }()
		rows = r.kept
	}
	if r.machine, err = open(q, rows); err != nil {
		return nil, err
	}
	if r.kept != nil {
		if err := r.kept.commit(); err != nil {
			return nil, err
		}
	}
	g := New(o.Config)
	for _, goal := range o.Events {
		for r.at.Events < goal {
			cost := stopwatch()
			seg := g.Next(min(o.SegmentEvents, goal-r.at.Events))
			r.at.Generate = r.at.Generate.plus(cost())
			if err := r.step(seg); err != nil {
				return nil, fmt.Errorf("%s: %w", q.Name, err)
			}
		}
		res, err := r.result()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.Name, err)
		}
		results = append(results, res)
	}
	return results, nil
}

// step steps the engine through a segment; making the segment is not measured.
func (r *run) step(seg Segment) error {
	in := Inputs(seg)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := r.measured(seg, in)
	runtime.ReadMemStats(&after)
	if err != nil {
		return err
	}
	r.mallocs += after.Mallocs - before.Mallocs
	r.bytes += after.TotalAlloc - before.TotalAlloc
	if r.opts.Progress != nil {
		return r.opts.Progress(r.at.Events)
	}
	return nil
}

func (r *run) measured(seg Segment, in map[string]machine.Input) error {
	var applied Cost
	if r.kept != nil {
		applied = r.kept.apply
	}
	cost := stopwatch()
	res, err := r.machine.Step(in)
	if err != nil {
		return err
	}
	if len(res.Suspensions) > 0 {
		return fmt.Errorf("suspended (%s)", res.Suspensions[0].Reason)
	}
	spent := cost()
	was := r.at.Events
	r.at.Events += seg.Events
	if r.kept == nil {
		r.at.Engine = r.at.Engine.plus(spent)
		return nil
	}
	applied = r.kept.apply.minus(applied)
	r.at.Engine = r.at.Engine.plus(spent.minus(applied))
	cost = stopwatch()
	if err := r.kept.commit(); err != nil {
		return err
	}
	r.at.Authenticate = r.at.Authenticate.plus(applied).plus(cost())
	if every := r.opts.CheckpointEvents; r.opts.Checkpointed && was/every < r.at.Events/every {
		cost = stopwatch()
		if err := r.kept.checkpoint(r.machine.Eng); err != nil {
			return err
		}
		r.at.Checkpoint = r.at.Checkpoint.plus(cost())
		r.at.Checkpoints++
	}
	return nil
}

// result is what there is now. A checkpoint made only for the state root is not measured.
func (r *run) result() (Result, error) {
	out := r.at
	out.Since = out.Total().minus(r.before.Total())
	out.GenerateSince = out.Generate.minus(r.before.Generate)
	out.SinceEvents = out.Events - r.before.Events
	events := float64(max(out.Events, 1))
	out.AllocsPerEvent, out.BytesPerEvent = float64(r.mallocs)/events, float64(r.bytes)/events
	r.machine.Stored(viewName).Scan(nil, nil, func(_, _ []byte) bool {
		out.ViewRows++
		return true
	})
	for _, n := range r.machine.Eng.Running(r.machine.Cat.Lookup(viewName).ID).Nodes {
		out.StateEntries += n.Entries
		out.StateBytes += n.Bytes
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	out.HeapBytes = mem.HeapInuse
	r.before = out
	if r.kept == nil {
		return out, nil
	}
	var err error
	out.StateRoot, err = r.kept.root(r.machine.Eng)
	return out, err
}

const viewName = "result"

// Open makes a machine with the schema, the side input of q13, and one view called result.
func Open(q Query) (*machine.Machine, error) { return open(q, state.NewMem()) }

func open(q Query, rows machine.Store) (*machine.Machine, error) {
	m := machine.NewOver(engine.Limits{StepRows: 1 << 40, MaxStepRows: 1 << 40}, rows)
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
