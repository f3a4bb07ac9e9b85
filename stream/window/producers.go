package window

import (
	"maps"
	"math"
	"slices"

	"weir/internal/invariant"
)

// None is the watermark of something that has not seen a row: below every time.
const None = math.MinInt64

// Defaults of agreed parameters, in microseconds.
const (
	// DefaultIdleMicros is idle_timeout: the block time without an append after which an
	// open producer is left out of the stream's minimum.
	DefaultIdleMicros = 10 * 60 * 1_000_000
	// GatewayIdleMicros is the idle timeout of a gateway's lane.
	GatewayIdleMicros = 10 * 1_000_000
	// DefaultMaxAheadMicros is max_ahead: how far beyond block time an event time may lie.
	DefaultMaxAheadMicros = 60 * 60 * 1_000_000
)

// Config is the event-time part of a stream's definition.
type Config struct {
	DelayMicros int64 // WATERMARK FOR ts AS ts - delay
	Global      bool  // one plain maximum over all rows instead of a minimum over producers
}

// Phase is where a producer stands.
type Phase uint8

// The phases; the numbers are frozen, they stand in the state's encoding.
const (
	Closed Phase = 0 // closed by itself; its next row opens it again
	Open   Phase = 1 // takes part in the stream's minimum
	Idle   Phase = 2 // left out by its timer; its next row opens it again
)

// Producer is the state of one producer of a stream.
type Producer struct {
	Phase      Phase
	Watermark  int64 // maximum of ts - delay over its rows, or the stream's when it was opened
	LastActive int64 // block time of its opening or last append
	IdleMicros int64 // its idle timeout
}

// Producers is the event-time state of one stream. The zero value is not usable; see New.
type Producers struct {
	cfg    Config
	by     map[string]*Producer
	stream int64 // the uncapped minimum over open producers; Global: the maximum over rows
	dirty  map[string]struct{}
	moved  bool // the stream's own entry is dirty
}

// New returns the state of a stream that has no producer yet.
func New(cfg Config) *Producers {
	return &Producers{
		cfg: cfg, by: map[string]*Producer{}, stream: None, dirty: map[string]struct{}{},
	}
}

// Clone returns an independent copy, dirty marks included.
func (p *Producers) Clone() *Producers {
	c := &Producers{cfg: p.cfg, stream: p.stream, moved: p.moved, dirty: maps.Clone(p.dirty)}
	c.by = make(map[string]*Producer, len(p.by))
	//weir:unordered copies a map into a map
	for name, st := range p.by {
		one := *st
		c.by[name] = &one
	}
	return c
}

// Names returns the known producers in ascending order.
func (p *Producers) Names() []string { return slices.Sorted(maps.Keys(p.by)) }

// Get returns the state of a producer.
func (p *Producers) Get(name string) (Producer, bool) {
	if st := p.by[name]; st != nil {
		return *st, true
	}
	return Producer{Watermark: None}, false
}

// Uncapped is the stream's watermark as state keeps it.
func (p *Producers) Uncapped() int64 { return p.stream }

// Used is the stream's watermark as it is used: never above block time.
func (p *Producers) Used(blockTime int64) int64 { return min(p.stream, blockTime) }

// Bound is the time below which a row of the producer is late, were it appended now. The
// result for a producer that is not open is what opening it would give.
func (p *Producers) Bound(name string, blockTime int64) int64 {
	if p.cfg.Global {
		return p.stream
	}
	st := p.by[name]
	switch {
	case st == nil:
		return p.Used(blockTime)
	case st.Phase == Open:
		return st.Watermark
	default:
		return max(st.Watermark, p.Used(blockTime))
	}
}

// Grant opens a producer by a grant, before its first row, so that the stream waits for it.
// A producer that is open already keeps its watermark and takes the new idle timeout.
func (p *Producers) Grant(name string, blockTime, idleMicros int64) {
	if !p.cfg.Global {
		p.open(name, blockTime, idleMicros)
	}
}

// open makes a producer part of the minimum. The cap by block time is folded into the stream's
// watermark first: a newcomer is held to the watermark that readers have used so far, not to
// one that lies in the future because every other producer's clock runs ahead.
func (p *Producers) open(name string, blockTime, idleMicros int64) *Producer {
	st := p.by[name]
	if st == nil {
		st = &Producer{Watermark: None}
		p.by[name] = st
	}
	p.dirty[name] = struct{}{}
	st.IdleMicros = idleMicros
	if st.Phase == Open {
		return st
	}
	p.setStream(p.Used(blockTime))
	st.Phase = Open
	st.LastActive = blockTime
	st.Watermark = max(st.Watermark, p.stream)
	p.recompute()
	return st
}

// Close ends a producer: it no longer holds the stream back. Unknown producers are ignored.
func (p *Producers) Close(name string) { p.leave(name, Closed) }

func (p *Producers) leave(name string, to Phase) {
	st := p.by[name]
	if st == nil || st.Phase == to {
		return
	}
	wasOpen := st.Phase == Open
	st.Phase = to
	p.dirty[name] = struct{}{}
	if wasOpen {
		p.recompute()
	}
}

// Tick fires the timers that are due at this block time and reports whether state changed.
// Which producers leave does not depend on how often it is called in between.
func (p *Producers) Tick(blockTime int64) bool {
	fired := false
	for _, name := range p.due(blockTime) {
		p.by[name].Phase = Idle
		p.dirty[name] = struct{}{}
		fired = true
	}
	if fired {
		p.recompute()
	}
	return fired
}

func (p *Producers) due(blockTime int64) []string {
	var names []string
	//weir:unordered the names are sorted below
	for name, st := range p.by {
		if st.Phase == Open && satSub(blockTime, st.LastActive) >= st.IdleMicros {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// recompute raises the stream's watermark to the minimum over open producers. Without any it
// stays: nothing says how far time has come, and the next producer must not start late.
func (p *Producers) recompute() {
	if p.cfg.Global {
		return
	}
	low, any := int64(math.MaxInt64), false
	//weir:unordered a minimum does not depend on order
	for _, st := range p.by {
		if st.Phase == Open {
			low, any = min(low, st.Watermark), true
		}
	}
	if !any {
		return
	}
	invariant.Check(low >= p.stream, "an open producer lies below its stream's watermark")
	p.setStream(low)
}

func (p *Producers) setStream(w int64) {
	if w != p.stream {
		p.stream, p.moved = w, true
	}
}

// satSub is a - b, saturating at the ends of int64.
func satSub(a, b int64) int64 {
	d := a - b
	if (a >= 0) != (b >= 0) && (d >= 0) != (a >= 0) {
		if a >= 0 {
			return math.MaxInt64
		}
		return math.MinInt64
	}
	return d
}

// satAdd is a + b, saturating at the ends of int64.
func satAdd(a, b int64) int64 {
	s := a + b
	if (a >= 0) == (b >= 0) && (s >= 0) != (a >= 0) {
		if a >= 0 {
			return math.MaxInt64
		}
		return math.MinInt64
	}
	return s
}
