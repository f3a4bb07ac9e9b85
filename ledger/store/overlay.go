package store

import (
	"bytes"
	"sync"
)

// Overlay is a KV that reads through to another one and writes beside it: what it was given to
// read stays as it is. Both are the caller's to close.
type Overlay struct {
	base, top KV

	mu   sync.RWMutex
	gone [][2][]byte // ranges of base that were deleted
}

var _ KV = (*Overlay)(nil)

// The first byte of a value in top.
const (
	overlayGone = 0
	overlayHere = 1
)

// NewOverlay returns a store with the contents of base. What is written goes to top, which has to
// be empty.
func NewOverlay(base, top KV) *Overlay { return &Overlay{base: base, top: top} }

// Get implements KV.
func (o *Overlay) Get(key []byte) ([]byte, bool, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	v, ok, err := o.top.Get(key)
	switch {
	case err != nil:
		return nil, false, err
	case ok && v[0] == overlayHere:
		return v[1:], true, nil
	case ok || o.deleted(key):
		return nil, false, nil
	}
	return o.base.Get(key)
}

// deleted tells whether a key of base has been deleted with a range.
func (o *Overlay) deleted(key []byte) bool {
	for _, r := range o.gone {
		if bytes.Compare(r[0], key) <= 0 && bytes.Compare(key, r[1]) < 0 {
			return true
		}
	}
	return false
}

// Scan implements KV. It reads what top has in the range before it begins.
func (o *Overlay) Scan(lo, hi []byte, visit func(key, value []byte) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var over []entry
	err := o.top.Scan(lo, hi, func(key, value []byte) error {
		over = append(over, entry{bytes.Clone(key), bytes.Clone(value)})
		return nil
	})
	if err != nil {
		return err
	}
	emit := func(before []byte) error {
		for len(over) > 0 && (before == nil || bytes.Compare(over[0].key, before) < 0) {
			e := over[0]
			over = over[1:]
			if e.value[0] == overlayHere {
				if err := visit(e.key, e.value[1:]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err = o.base.Scan(lo, hi, func(key, value []byte) error {
		if err := emit(key); err != nil {
			return err
		}
		if len(over) > 0 && bytes.Equal(over[0].key, key) || o.deleted(key) {
			return nil // top has it, in one way or the other
		}
		return visit(key, value)
	})
	if err != nil {
		return err
	}
	return emit(nil)
}

// Write implements KV.
func (o *Overlay) Write(b *Batch, sync bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var w Batch
	for _, op := range b.ops {
		switch op.kind {
		case opSet:
			w.Set(op.key, append([]byte{overlayHere}, op.value...))
		case opDelete:
			w.Set(op.key, []byte{overlayGone})
		case opDeleteRange:
			w.DeleteRange(op.key, op.value)
			o.hide(op.key, op.value)
		}
	}
	return o.top.Write(&w, sync)
}

// hide notes a deleted range of base. Pruning deletes ranges with one begin again and again, each
// longer than the last.
func (o *Overlay) hide(lo, hi []byte) {
	for i, r := range o.gone {
		if bytes.Equal(r[0], lo) {
			if bytes.Compare(r[1], hi) < 0 {
				o.gone[i][1] = bytes.Clone(hi)
			}
			return
		}
	}
	o.gone = append(o.gone, [2][]byte{bytes.Clone(lo), bytes.Clone(hi)})
}

// Close implements KV; it closes neither of the two.
func (o *Overlay) Close() error { return nil }

// Flush implements KV.
func (o *Overlay) Flush() error { return o.top.Flush() }

// overlayBulk is a bulk of the store beside.
type overlayBulk struct {
	Bulk
	buf []byte
}

// Bulk implements KV.
func (o *Overlay) Bulk() Bulk { return &overlayBulk{Bulk: o.top.Bulk()} }

// Set implements Bulk.
func (b *overlayBulk) Set(key, value []byte) error {
	b.buf = append(append(b.buf[:0], overlayHere), value...)
	return b.Bulk.Set(key, b.buf)
}
