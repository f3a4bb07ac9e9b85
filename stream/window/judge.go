package window

import (
	"weir/internal/invariant"
	"weir/stream/value"
)

// Judgement says which rows of one append are out, and why.
type Judgement struct {
	Late, Rejected       value.Bitmap // bit i: row i; nil when no bit is set
	NumLate, NumRejected int
	// ProducerBefore and StreamBefore (uncapped) are the watermarks that judged.
	ProducerBefore, StreamBefore int64
}

// Judge judges the event times of one transaction's rows against the state before it and
// changes nothing. A NULL or a time beyond block time + max_ahead is rejected; any other time
// below the producer's watermark is late; a rejected row is never late too.
func (p *Producers) Judge(
	producer string, ts []int64, nulls value.Bitmap, blockTime, maxAheadMicros int64,
) Judgement {
	j := Judgement{ProducerBefore: p.Bound(producer, blockTime), StreamBefore: p.stream}
	limit := satAdd(blockTime, maxAheadMicros)
	for i, t := range ts {
		switch {
		case t > limit || bit(nulls, i):
			j.Rejected = setBit(j.Rejected, i, len(ts))
			j.NumRejected++
		case t < j.ProducerBefore:
			j.Late = setBit(j.Late, i, len(ts))
			j.NumLate++
		}
	}
	return j
}

// Advance takes over one append: it opens the producer if it is not open, raises its watermark
// by the rows that are not rejected (out holds every rejected row, whatever the reason), and
// closes it if the append says so. An append with zero rows opens and keeps alive like any
// other. It must be called once per append, after Judge.
func (p *Producers) Advance(producer string, ts []int64, out value.Bitmap, blockTime,
	idleMicros int64, closes bool,
) {
	top := int64(None)
	for i, t := range ts {
		if t > top && !bit(out, i) {
			top = t
		}
	}
	w := int64(None)
	if top != None {
		w = satSub(top, p.cfg.DelayMicros)
	}
	if p.cfg.Global {
		p.setStream(max(p.stream, w))
		return
	}
	st := p.open(producer, blockTime, idleMicros)
	invariant.Check(st.LastActive <= blockTime, "block time moved back")
	st.LastActive = blockTime
	held := st.Watermark == p.stream
	if w > st.Watermark {
		st.Watermark = w
		if held {
			p.recompute()
		}
	}
	if closes {
		p.leave(producer, Closed)
	}
}

func bit(b value.Bitmap, i int) bool {
	return i>>6 < len(b) && b[i>>6]>>(uint(i)&63)&1 != 0
}

func setBit(b value.Bitmap, i, n int) value.Bitmap {
	if b == nil {
		b = make(value.Bitmap, (n+63)/64)
	}
	b[i>>6] |= 1 << (uint(i) & 63)
	return b
}
