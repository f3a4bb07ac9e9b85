package nexmark

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"weir/internal/cputime"
)

// Cost is time on the clock and on the processor. The latter includes the garbage collector's
// own threads, and is 0 where the system does not tell.
type Cost struct{ Wall, CPU time.Duration }

func (c Cost) plus(d Cost) Cost  { return Cost{c.Wall + d.Wall, c.CPU + d.CPU} }
func (c Cost) minus(d Cost) Cost { return Cost{c.Wall - d.Wall, c.CPU - d.CPU} }

// stopwatch starts to measure; calling what it returns says the cost so far.
func stopwatch() func() Cost {
	start, cpu := time.Now(), cputime.Now()
	return func() Cost { return Cost{time.Since(start), cputime.Now() - cpu} }
}

// Result is what one query cost up to a number of events, on one core and without consensus.
type Result struct {
	Query  string
	Events int // all of them: persons, auctions and bids
	// Engine is the cost of Engine.Step and Accept, and without Authenticated of applying the
	// changes in memory.
	Engine Cost
	// Authenticate is the cost of applying each step's net batch to a Merkle tree, and of hashing.
	Authenticate Cost
	Checkpoint   Cost // of all checkpoints
	Checkpoints  int
	// Since and SinceEvents are the whole cost since the result before of the same run.
	Since       Cost
	SinceEvents int
	// Generate is what making the same events cost, which is not part of the above: a yardstick of
	// how fast the machine was meanwhile. GenerateSince is the part since the result before.
	Generate, GenerateSince Cost

	AllocsPerEvent float64
	BytesPerEvent  float64 // allocated
	ViewRows       int     // of the view
	StateEntries   int     // of all operators
	StateBytes     int
	HeapBytes      uint64 // in use, garbage included
	// StateRoot is the app hash over all rows and operator states, as of a checkpoint here;
	// empty without Authenticated and Checkpointed.
	StateRoot string
}

// Total is the whole cost.
func (r Result) Total() Cost { return r.Engine.plus(r.Authenticate).plus(r.Checkpoint) }

// PerSecond is events a second on the clock.
func (r Result) PerSecond() float64 { return float64(r.Events) / r.Total().Wall.Seconds() }

// CPUMicros is processor time an event in microseconds.
func (r Result) CPUMicros() float64 { return micros(r.Total(), r.Events) }

// AuthenticateMicros is the part of CPUMicros that trees and hashes take.
func (r Result) AuthenticateMicros() float64 { return micros(r.Authenticate, r.Events) }

// CheckpointMicros is the part of CPUMicros that checkpoints take.
func (r Result) CheckpointMicros() float64 { return micros(r.Checkpoint, r.Events) }

// SinceMicros is processor time an event since the result before.
func (r Result) SinceMicros() float64 { return micros(r.Since, r.SinceEvents) }

// GenerateMicros is processor time of making an event, since the result before.
func (r Result) GenerateMicros() float64 { return micros(r.GenerateSince, r.SinceEvents) }

// Relative is SinceMicros in units of GenerateMicros: it compares figures of times in which other
// processes slowed the machine by different amounts.
func (r Result) Relative() float64 { return r.SinceMicros() / max(r.GenerateMicros(), 1e-3) }

func micros(c Cost, events int) float64 {
	return float64(c.CPU.Nanoseconds()) / 1e3 / float64(max(events, 1))
}

// Median takes of each number of events the run that is in the middle by processor time since
// the number before.
//
// Errors: two runs that end with different state roots.
func Median(runs [][]Result) ([]Result, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	out := make([]Result, len(runs[0]))
	for at := range out {
		same := make([]Result, len(runs))
		for i, run := range runs {
			same[i] = run[at]
			if a, b := same[0], same[i]; a.StateRoot != b.StateRoot {
				return nil, fmt.Errorf("%s: state roots %s and %s after the same %d events",
					a.Query, a.StateRoot, b.StateRoot, a.Events)
			}
		}
		slices.SortStableFunc(same, func(a, b Result) int {
			return cmp.Compare(a.Since.CPU, b.Since.CPU)
		})
		out[at] = same[len(same)/2]
	}
	return out, nil
}
