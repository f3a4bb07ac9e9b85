package tx

import (
	"crypto/sha256"
	"sync"
)

// CacheLimits bound what a Verifier remembers. The greatest memory is twice Bytes.
type CacheLimits struct {
	Transactions int // per generation
	Bytes        int // of raw transactions, per generation
}

// DefaultCacheLimits returns limits that hold a full pool.
func DefaultCacheLimits() CacheLimits {
	return CacheLimits{Transactions: 8192, Bytes: 64 << 20}
}

// Verifier decodes and verifies transactions, and remembers the valid ones by the hash of their
// whole bytes, so that a node that saw a transaction in its pool does not verify it again in a
// proposal and in a block. Remembering changes the cost alone, never the answer. Two generations
// take turns: when the young one is full it becomes the old one, and the old one is forgotten; a
// hit in the old one moves the transaction to the young one. Safe for concurrent use.
type Verifier struct {
	domain Domain
	limits Limits
	cache  CacheLimits

	mu         sync.Mutex
	young, old map[[HashSize]byte]*Tx
	youngBytes int
}

// NewVerifier makes a Verifier for the network d.
func NewVerifier(d Domain, lim Limits, cache CacheLimits) *Verifier {
	return &Verifier{domain: d, limits: lim, cache: cache, young: map[[HashSize]byte]*Tx{}}
}

// Limits returns the limits that Open applies.
func (v *Verifier) Limits() Limits { return v.limits }

// Open returns the decoded and verified transaction, or a *Reject. The result may keep raw or an
// earlier equal slice.
func (v *Verifier) Open(raw []byte) (*Tx, error) {
	if len(raw) > v.limits.TxBytes {
		return Decode(raw, v.limits)
	}
	hash := sha256.Sum256(raw)
	if t := v.lookup(hash); t != nil {
		return t, nil
	}
	t, err := decodeHashed(raw, hash, v.limits)
	if err != nil {
		return nil, err
	}
	if err := Verify(t, v.domain); err != nil {
		return nil, err
	}
	v.remember(t)
	return t, nil
}

// Known says whether the transaction with this hash is remembered as valid.
func (v *Verifier) Known(hash [HashSize]byte) bool { return v.lookup(hash) != nil }

func (v *Verifier) lookup(hash [HashSize]byte) *Tx {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t := v.young[hash]; t != nil {
		return t
	}
	t := v.old[hash]
	if t != nil {
		v.insert(t)
	}
	return t
}

func (v *Verifier) remember(t *Tx) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.insert(t)
}

// insert puts t into the young generation; v.mu is held.
func (v *Verifier) insert(t *Tx) {
	if _, ok := v.young[t.Hash]; ok {
		return
	}
	if len(t.Raw) > v.cache.Bytes || v.cache.Transactions < 1 {
		return
	}
	if len(v.young) >= v.cache.Transactions || v.youngBytes+len(t.Raw) > v.cache.Bytes {
		v.old, v.young, v.youngBytes = v.young, map[[HashSize]byte]*Tx{}, 0
	}
	v.young[t.Hash] = t
	v.youngBytes += len(t.Raw)
}
