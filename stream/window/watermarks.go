package window

import "weir/stream/value"

// Watermarks is the event-time state of one stream: the producers' for each of its watermarks, in
// their order. They are independent but for the judgement: a row is late if it lies below any.
type Watermarks []*Producers

// NewWatermarks returns the state of a stream that has no producer yet.
func NewWatermarks(cfgs ...Config) Watermarks {
	out := make(Watermarks, len(cfgs))
	for i, cfg := range cfgs {
		out[i] = New(cfg)
	}
	return out
}

// Verdict says which rows of one append are out, by all watermarks together.
type Verdict struct {
	Late, Rejected value.Bitmap
	// ProducerBefore and StreamBefore (uncapped) are the watermarks that judged, in order.
	ProducerBefore, StreamBefore []int64
}

// Judge judges rows by Producers.Judge for each watermark; times has the column of each. A row
// that one rejects is not late.
func (w Watermarks) Judge(producer string, times []*value.Vec, blockTime, maxAheadMicros int64,
) Verdict {
	var v Verdict
	for k, p := range w {
		ts := times[k]
		j := p.Judge(producer, ts.Ints, ts.Nulls, blockTime, maxAheadMicros)
		v.ProducerBefore = append(v.ProducerBefore, j.ProducerBefore)
		v.StreamBefore = append(v.StreamBefore, j.StreamBefore)
		v.Late = joined(v.Late, j.Late)
		v.Rejected = joined(v.Rejected, j.Rejected)
	}
	for i := range v.Late {
		if i < len(v.Rejected) {
			v.Late[i] &^= v.Rejected[i]
		}
	}
	return v
}

// joined adds the bits of b to a.
func joined(a, b value.Bitmap) value.Bitmap {
	if a == nil {
		return b
	}
	for i := range b {
		a[i] |= b[i]
	}
	return a
}

// Advance takes over one append by Producers.Advance for each watermark.
func (w Watermarks) Advance(producer string, times []*value.Vec, out value.Bitmap, blockTime,
	idleMicros int64, closes bool,
) {
	for k, p := range w {
		p.Advance(producer, times[k].Ints, out, blockTime, idleMicros, closes)
	}
}

// Grant opens a producer by a grant, before its first row.
func (w Watermarks) Grant(name string, blockTime, idleMicros int64) {
	for _, p := range w {
		p.Grant(name, blockTime, idleMicros)
	}
}

// Tick fires the timers that are due at this block time.
func (w Watermarks) Tick(blockTime int64) {
	for _, p := range w {
		p.Tick(blockTime)
	}
}

// Uncapped are the stream's watermarks as state keeps them.
func (w Watermarks) Uncapped() []int64 {
	out := make([]int64, len(w))
	for i, p := range w {
		out[i] = p.Uncapped()
	}
	return out
}

// Capped are watermarks as they are used: never above block time.
func Capped(uncapped []int64, blockTime int64) []int64 {
	out := make([]int64, len(uncapped))
	for i, m := range uncapped {
		out[i] = min(m, blockTime)
	}
	return out
}
