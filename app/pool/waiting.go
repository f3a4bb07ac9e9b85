package pool

import (
	"slices"

	"weir/app/tx"
)

// usage is how much of the waiting room something takes.
type usage struct{ count, bytes int }

// waiting is the waiting room of the node of entry, in order of arrival.
type waiting struct {
	limits  Limits
	order   []*tx.Tx
	bytes   int
	lanes   map[tx.Lane]usage
	signers map[[tx.KeySize]byte]usage
}

func newWaiting(lim Limits) waiting {
	return waiting{
		limits: lim, lanes: map[tx.Lane]usage{}, signers: map[[tx.KeySize]byte]usage{},
	}
}

// add lets t wait, or returns WAITING_FULL.
func (w *waiting) add(t *tx.Tx) error {
	if slices.ContainsFunc(w.order, func(o *tx.Tx) bool { return o.Hash == t.Hash }) {
		return nil
	}
	n := len(t.Raw)
	full := w.bytes+n > w.limits.WaitingBytes ||
		w.signers[t.Signer()].bytes+n > w.limits.WaitingPerSigner
	for i := range t.Batches {
		u := w.lanes[t.Batches[i].Lane]
		full = full || u.count >= w.limits.WaitingPerLane ||
			u.bytes+n > w.limits.WaitingBytesPerLane
	}
	if full {
		return tx.Rejectf(tx.CodeWaitingFull, "too many batches wait for the ones before them")
	}
	w.order = append(w.order, t)
	w.count(t, 1)
	return nil
}

// remove takes t out.
func (w *waiting) remove(t *tx.Tx) {
	if i := slices.Index(w.order, t); i >= 0 {
		w.order = slices.Delete(w.order, i, i+1)
		w.count(t, -1)
	}
}

// expire drops what can no longer apply in the block of the given height.
func (w *waiting) expire(height uint64) {
	for _, t := range slices.Clone(w.order) {
		if t.Header.GetValidUntil() < height {
			w.remove(t)
		}
	}
}

func (w *waiting) count(t *tx.Tx, sign int) {
	n := sign * len(t.Raw)
	w.bytes += n
	add(w.signers, t.Signer(), sign, n)
	for i := range t.Batches {
		add(w.lanes, t.Batches[i].Lane, sign, n)
	}
}

func add[K comparable](m map[K]usage, k K, count, bytes int) {
	u := m[k]
	u.count, u.bytes = u.count+count, u.bytes+bytes
	if u == (usage{}) {
		delete(m, k)
	} else {
		m[k] = u
	}
}
