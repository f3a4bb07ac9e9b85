package app

import (
	"encoding/binary"
	"fmt"

	"weir/ledger"
	"weir/stream/window"
)

// Watermarks in the producers unit: tag, relation id, then 0 for the stream's own entry, or 1 and
// the producer's name.
func marksPrefix(relation uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{userTag}, relation)
}

func streamMarkKey(relation uint32) []byte { return append(marksPrefix(relation), 0) }

func producerKey(relation uint32, name string) []byte {
	return append(append(marksPrefix(relation), 1), name...)
}

// saveProducers writes the event-time state that the block has changed.
func (b *block) saveProducers() {
	for _, id := range sortedKeys(b.x.rels) {
		p := b.x.rels[id].producers
		if p == nil {
			continue
		}
		names, stream := p.TakeDirty()
		for _, n := range names {
			b.producers.set(producerKey(id, n), p.ProducerEntry(n))
		}
		if stream {
			b.producers.set(streamMarkKey(id), p.StreamEntry())
		}
	}
}

// dropProducers forgets the event-time state of a stream.
func (b *block) dropProducers(id uint32) { b.clearPrefix(b.producers, marksPrefix(id)) }

// openWriters opens the producers that a grant names, so that the stream waits for them.
func (b *block) openWriters(id uint32, role string, writers []string) {
	p := b.x.rels[id].producers
	if p == nil {
		return
	}
	for _, w := range writers {
		p.Grant(producerName(role, w), b.now, b.x.idleMicros(w))
	}
}

// loadProducers restores the event-time state of a stream. The stream's own entry has the
// smallest key, so it comes first.
func loadProducers(r ledger.Reader, id uint32, p *window.Producers) (err error) {
	prefix := marksPrefix(id)
	r.Scan(prefix, marksPrefix(id+1), func(key, value []byte) bool {
		if kind, name := key[len(prefix)], key[len(prefix)+1:]; kind == 0 {
			err = p.LoadStream(value)
		} else {
			err = p.LoadProducer(string(name), value)
		}
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("watermarks of stream %d: %w", id, err)
	}
	return nil
}
