package tree

import (
	"math/bits"

	"weir/ledger/proof"
)

// hashCount is the number of hashes of a binary tree over n > 0 entries, all levels together.
func hashCount(n int) int {
	total := n
	for ; n > 1; total += n {
		n = (n + 1) / 2
	}
	return total
}

// rehash fills in the hashes of a page and of all below it that are not hashed yet.
func (p *Page) rehash() {
	if p.hashed {
		return
	}
	for m := p.fresh; m != 0; m &= m - 1 {
		i := bits.TrailingZeros32(m)
		if p.level == 0 {
			p.hashes[i] = proof.LeafHash(p.Entry(i))
			continue
		}
		p.kids[i].rehash()
		p.hashes[i] = p.kids[i].hash
	}
	switch {
	case p.aligned:
		copy(p.hashes[p.Len():], p.base.hashes[p.Len():])
		fillPaths(p.hashes, p.Len(), p.fresh)
	case p.base != nil:
		fillLevels(p.hashes, p.Len(), p.base.hashes, p.base.Len())
	default:
		fillLevels(p.hashes, p.Len(), nil, 0)
	}
	p.fresh, p.base, p.aligned, p.hashed = 0, nil, false, true
}

// fillPaths computes, in the levels above the first n hashes, those over a fresh one.
func fillPaths(hashes []proof.Hash, n int, fresh uint32) {
	for n > 1 {
		above, over := hashes[n:], uint32(0)
		for m := fresh; m != 0; {
			j := bits.TrailingZeros32(m) / 2
			m &^= 3 << (2 * j)
			over |= 1 << j
			if 2*j+1 < n {
				above[j] = proof.InnerHash(&hashes[2*j], &hashes[2*j+1])
			} else {
				above[j] = hashes[2*j]
			}
		}
		hashes, n, fresh = above, (n+1)/2, over
	}
}

// fillLevels computes the levels above the first n hashes. Where the same two children stand
// at the same place in the old tree of m entries, their parent is taken from there: comparing
// 64 bytes is far cheaper than hashing them.
func fillLevels(hashes []proof.Hash, n int, old []proof.Hash, m int) {
	for n > 1 {
		above, oldAbove := hashes[n:], []proof.Hash(nil)
		if m > 1 {
			oldAbove = old[m:]
		}
		for j := range n / 2 {
			left, right := &hashes[2*j], &hashes[2*j+1]
			if 2*j+1 < m && *left == old[2*j] && *right == old[2*j+1] {
				above[j] = oldAbove[j]
				continue
			}
			above[j] = proof.InnerHash(left, right)
		}
		if n%2 == 1 {
			above[n/2] = hashes[n-1]
		}
		hashes, n = above, (n+1)/2
		if m > 1 {
			old, m = oldAbove, (m+1)/2
		} else {
			old, m = nil, 0
		}
	}
}
