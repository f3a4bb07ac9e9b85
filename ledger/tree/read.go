package tree

import (
	"bytes"
	"slices"

	"weir/ledger/proof"
)

// ProbeSorted calls visit once per key, in order; keys are strictly ascending. The value is a
// part of the tree, not to be written to, and nil when the key is absent.
func (t *Tree) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	t.root.Page().probe(keys, 0, visit)
}

func (p *Page) probe(keys [][]byte, first int, visit func(i int, value []byte)) {
	at := 0
	for i := 0; i < len(keys); {
		if p.level == 0 {
			at = p.ceil(at, keys[i])
			visit(first+i, p.match(at, keys[i]))
			i++
			continue
		}
		at = max(p.floor(at, keys[i]), at)
		end := len(keys)
		if at+1 < len(p.kids) {
			n, _ := slices.BinarySearchFunc(keys[i:], p.Key(at+1), bytes.Compare)
			end = i + n
		}
		p.kids[at].Page().probe(keys[i:end], first+i, visit)
		i = end
	}
}

// match returns the value of entry i if it has this user key.
func (p *Page) match(i int, key []byte) []byte {
	if i == p.Len() || !isUserKey(key) {
		return nil
	}
	if k, value := p.Entry(i); bytes.Equal(k, key) {
		return value
	}
	return nil
}

// Scan visits the entries with lo <= key < hi in order until visit returns false; an empty lo
// means from the beginning, a nil hi to the end. The slices are parts of the tree, not to be
// written to.
func (t *Tree) Scan(lo, hi []byte, visit func(key, value []byte) bool) {
	if first := []byte{proof.SentinelLow + 1}; bytes.Compare(lo, first) < 0 {
		lo = first
	}
	if last := []byte{proof.SentinelHigh}; hi == nil || bytes.Compare(hi, last) > 0 {
		hi = last
	}
	t.root.Page().scan(lo, hi, visit)
}

func (p *Page) scan(lo, hi []byte, visit func(key, value []byte) bool) bool {
	if p.level > 0 {
		for i := max(p.floor(0, lo), 0); i < len(p.kids); i++ {
			if bytes.Compare(p.Key(i), hi) >= 0 {
				return true
			}
			if !p.kids[i].Page().scan(lo, hi, visit) {
				return false
			}
		}
		return true
	}
	for i := p.ceil(0, lo); i < len(p.at); i++ {
		key, value := p.Entry(i)
		if bytes.Compare(key, hi) >= 0 {
			return true
		}
		if !visit(key, value) {
			return false
		}
	}
	return true
}

// Neighbours returns the greatest key below k and the smallest key at or above it, sentinels
// included; k must be above 00 and not above FF.
func (t *Tree) Neighbours(k []byte) (below, atOrAbove []byte) {
	for p := t.root.Page(); ; {
		i := p.ceil(0, k)
		if i < p.Len() {
			atOrAbove = p.Key(i)
		}
		if i == 0 {
			return below, atOrAbove
		}
		if p.level == 0 {
			return p.Key(i - 1), atOrAbove
		}
		below = p.Key(i - 1)
		p = p.kids[i-1].Page()
	}
}
