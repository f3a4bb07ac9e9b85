package store

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"sync"
)

// ErrCrashed is returned by every call after the write at which a Memory was told to stop.
var ErrCrashed = errors.New("store: crashed")

// Memory is a KV in memory that knows what a loss of power would leave: a prefix of the
// batches written, which includes all up to the last synced one.
type Memory struct {
	mu       sync.RWMutex
	live     map[string][]byte
	durable  map[string][]byte
	unsynced [][]op
	writes   int
	stopAt   int // write that fails, counted from 1; 0 for none
	dead     bool
}

var _ KV = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{live: map[string][]byte{}, durable: map[string][]byte{}}
}

// StopAt makes the n-th write from now, counted from 1, and every later call fail with
// ErrCrashed; that write is lost. Zero takes it back.
func (m *Memory) StopAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopAt = 0
	if n > 0 {
		m.stopAt = m.writes + n
	}
}

// Writes is the number of batches written so far.
func (m *Memory) Writes() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.writes
}

// Unsynced is the number of batches that a crash may lose.
func (m *Memory) Unsynced() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.unsynced)
}

// Crash returns the store as it comes back after a loss of power that spared the first keep of
// the unsynced batches.
func (m *Memory) Crash(keep int) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := &Memory{live: maps.Clone(m.durable)}
	for _, ops := range m.unsynced[:min(keep, len(m.unsynced))] {
		apply(next.live, ops)
	}
	next.durable = maps.Clone(next.live)
	return next
}

type entry struct{ key, value []byte }

// Get implements KV.
func (m *Memory) Get(key []byte) ([]byte, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return nil, false, ErrCrashed
	}
	v, ok := m.live[string(key)]
	return bytes.Clone(v), ok, nil
}

// Scan implements KV. It sees the store as of its begin.
func (m *Memory) Scan(lo, hi []byte, visit func(key, value []byte) error) error {
	m.mu.RLock()
	if m.dead {
		m.mu.RUnlock()
		return ErrCrashed
	}
	var found []entry
	for _, k := range slices.Sorted(maps.Keys(m.live)) {
		if k >= string(lo) && (hi == nil || k < string(hi)) {
			found = append(found, entry{[]byte(k), m.live[k]})
		}
	}
	m.mu.RUnlock()
	for _, o := range found {
		if err := visit(o.key, o.value); err != nil {
			return err
		}
	}
	return nil
}

// Write implements KV.
func (m *Memory) Write(b *Batch, sync bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes++; m.stopAt > 0 && m.writes >= m.stopAt {
		m.dead = true
	}
	if m.dead {
		return ErrCrashed
	}
	ops := make([]op, len(b.ops))
	for i, o := range b.ops {
		ops[i] = op{o.kind, bytes.Clone(o.key), bytes.Clone(o.value)}
	}
	apply(m.live, ops)
	m.unsynced = append(m.unsynced, ops)
	if sync {
		for _, ops := range m.unsynced {
			apply(m.durable, ops)
		}
		m.unsynced = nil
	}
	return nil
}

func apply(to map[string][]byte, ops []op) {
	for _, o := range ops {
		switch o.kind {
		case opSet:
			to[string(o.key)] = o.value
		case opDelete:
			delete(to, string(o.key))
		case opDeleteRange:
			maps.DeleteFunc(to, func(k string, _ []byte) bool {
				return k >= string(o.key) && k < string(o.value)
			})
		}
	}
}

// Flush implements KV.
func (m *Memory) Flush() error { return nil }

// Close implements KV.
func (m *Memory) Close() error { return nil }
