package window

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Sizes of the state's entries, in bytes. Both are of fixed width, so every value has one
// encoding: big-endian words with the sign as two's complement.
const (
	producerSize = 1 + 3*8 // phase, watermark, last active, idle timeout
	streamSize   = 8       // watermark
)

// ErrEntry is returned for an entry that is not the encoding of any state.
var ErrEntry = errors.New("window: malformed event-time state entry")

// StreamEntry encodes the stream's own entry.
func (p *Producers) StreamEntry() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(p.stream))
}

// ProducerEntry encodes the entry of a known producer, nil for an unknown one.
func (p *Producers) ProducerEntry(name string) []byte {
	st := p.by[name]
	if st == nil {
		return nil
	}
	b := make([]byte, 0, producerSize)
	b = append(b, byte(st.Phase))
	b = binary.BigEndian.AppendUint64(b, uint64(st.Watermark))
	b = binary.BigEndian.AppendUint64(b, uint64(st.LastActive))
	return binary.BigEndian.AppendUint64(b, uint64(st.IdleMicros))
}

// TakeDirty returns the producers whose entries may have changed since the last call, in
// ascending order, and whether the stream's own entry has; it clears the marks.
func (p *Producers) TakeDirty() (producers []string, stream bool) {
	producers, stream = slices.Sorted(maps.Keys(p.dirty)), p.moved
	clear(p.dirty)
	p.moved = false
	return producers, stream
}

// LoadStream restores the stream's own entry.
func (p *Producers) LoadStream(b []byte) error {
	if len(b) != streamSize {
		return ErrEntry
	}
	p.stream = int64(binary.BigEndian.Uint64(b))
	return nil
}

// LoadProducer restores the entry of one producer. Load the stream's entry first.
func (p *Producers) LoadProducer(name string, b []byte) error {
	if len(b) != producerSize || Phase(b[0]) > Idle {
		return ErrEntry
	}
	word := func(at int) int64 { return int64(binary.BigEndian.Uint64(b[at:])) }
	st := &Producer{
		Phase: Phase(b[0]), Watermark: word(1), LastActive: word(9), IdleMicros: word(17),
	}
	if p.cfg.Global || st.Phase == Open && st.Watermark < p.stream {
		return ErrEntry
	}
	p.by[name] = st
	return nil
}
