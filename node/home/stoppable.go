package home

import (
	"context"

	"weir/ledger/store"
)

// stoppable is a store whose reading ends when a context does. What goes over all of a store looks
// at nothing else for hours.
type stoppable struct {
	store.KV
	ctx context.Context
}

// Get implements store.KV.
func (s stoppable) Get(key []byte) ([]byte, bool, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, false, err
	}
	return s.KV.Get(key)
}

// Scan implements store.KV.
func (s stoppable) Scan(lo, hi []byte, visit func(key, value []byte) error) error {
	return s.KV.Scan(lo, hi, func(key, value []byte) error {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		return visit(key, value)
	})
}
