package app

import (
	"encoding/binary"
	"fmt"

	"weir/ledger"
	"weir/stream/window"
)

// Watermarks in the producers unit: tag, relation id, then 2k for the stream's own entry of its
// watermark k, from 0, or 2k+1 and the producer's name.
func marksPrefix(relation uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{userTag}, relation)
}

func streamMarkKey(relation uint32, k int) []byte {
	return append(marksPrefix(relation), byte(2*k))
}

func producerKey(relation uint32, k int, name string) []byte {
	return append(append(marksPrefix(relation), byte(2*k+1)), name...)
}

// saveProducers writes the event-time state that the block has changed.
func (b *block) saveProducers() {
	for _, id := range sortedKeys(b.x.rels) {
		for k, p := range b.x.rels[id].producers {
			names, stream := p.TakeDirty()
			for _, n := range names {
				b.producers.set(producerKey(id, k, n), p.ProducerEntry(n))
			}
			if stream {
				b.producers.set(streamMarkKey(id, k), p.StreamEntry())
			}
		}
	}
}

// dropProducers forgets the event-time state of a stream.
func (b *block) dropProducers(id uint32) { b.clearPrefix(b.producers, marksPrefix(id)) }

// openWriters opens the producers that a grant names, so that the stream waits for them.
func (b *block) openWriters(id uint32, role string, writers []string) {
	for _, w := range writers {
		b.x.rels[id].producers.Grant(producerName(role, w), b.now, b.x.idleMicros(w))
	}
}

// loadProducers restores the event-time state of a stream. Of each watermark the stream's own
// entry has the smallest key, so it comes first.
func loadProducers(r ledger.Reader, id uint32, marks window.Watermarks) (err error) {
	prefix := marksPrefix(id)
	r.Scan(prefix, marksPrefix(id+1), func(key, value []byte) bool {
		kind, name := int(key[len(prefix)]), key[len(prefix)+1:]
		switch k := kind / 2; {
		case k >= len(marks):
			err = window.ErrEntry
		case kind%2 == 0:
			err = marks[k].LoadStream(value)
		default:
			err = marks[k].LoadProducer(string(name), value)
		}
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("watermarks of stream %d: %w", id, err)
	}
	return nil
}
