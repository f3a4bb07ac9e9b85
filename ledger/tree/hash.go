package tree

import "weir/ledger/proof"

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
	for i := range p.at {
		if p.fresh>>i&1 == 1 {
			p.hashes[i] = proof.LeafHash(p.Entry(i))
		}
	}
	for i, kid := range p.kids {
		kid.rehash()
		p.hashes[i] = kid.hash
	}
	var old []proof.Hash
	oldLen := 0
	if p.base != nil {
		old, oldLen = p.base.hashes, p.base.Len()
	}
	fillLevels(p.hashes, p.Len(), old, oldLen)
	p.fresh, p.base, p.hashed = 0, nil, true
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
