package tree

import (
	"bytes"
	"fmt"

	"weir/internal/invariant"
	"weir/ledger/proof"
)

// Tree is one version of an ordered, authenticated map. It is immutable; Apply returns the
// next version. A hashed tree may be read by many goroutines; one that is not belongs to its
// writer.
type Tree struct{ root *Ref }

var sentinelValue = []byte{proof.SentinelValue}

// New returns a tree without user entries: the two sentinels.
func New() *Tree {
	return &Tree{newRef(newLeaf([]row{
		{key: []byte{proof.SentinelLow}, value: sentinelValue},
		{key: []byte{proof.SentinelHigh}, value: sentinelValue},
	}, nil))}
}

// Root returns the root hash. The first call hashes every page that Apply made since the last
// hashed version, each once; it belongs to the writer.
func (t *Tree) Root() proof.Hash {
	t.root.rehash()
	return t.root.hash
}

// Ref returns the reference to the root page.
func (t *Tree) Ref() *Ref { return t.root }

// Open returns the tree under a stored root page. Pages are loaded when they are read.
func Open(root *Ref) *Tree { return &Tree{root} }

// Check reads the whole tree and tells whether it obeys all rules of shape and order.
//
// Errors: ErrPage.
func (t *Tree) Check() error {
	root := t.root.Page()
	if err := root.check(true, []byte{proof.SentinelHigh, 0}); err != nil {
		return err
	}
	first, last := root, root
	for first.level > 0 {
		first, last = first.kids[0].Page(), last.kids[len(last.kids)-1].Page()
	}
	lowKey, lowValue := first.Entry(0)
	highKey, highValue := last.Entry(last.Len() - 1)
	if first == last && first.Len() < 2 || len(lowKey) != 1 || lowKey[0] != proof.SentinelLow ||
		len(highKey) != 1 || highKey[0] != proof.SentinelHigh ||
		!bytes.Equal(lowValue, sentinelValue) || !bytes.Equal(highValue, sentinelValue) {
		return fmt.Errorf("%w: sentinels are missing", ErrPage)
	}
	return nil
}

// check tells whether a page and all below it obey the rules of shape and order, and lie below
// the key end.
func (p *Page) check(isRoot bool, end []byte) error {
	n := p.Len()
	least := MinFill
	if isRoot {
		least = min(1+p.level, 2) // an inner root has two children
	}
	if n < least || n > Fanout {
		return fmt.Errorf("%w: %d entries at level %d", ErrPage, n, p.level)
	}
	for i := 1; i < n; i++ {
		if bytes.Compare(p.Key(i-1), p.Key(i)) >= 0 {
			return fmt.Errorf("%w: keys do not ascend", ErrPage)
		}
	}
	if bytes.Compare(p.Key(n-1), end) >= 0 {
		return fmt.Errorf("%w: a key lies beyond its page", ErrPage)
	}
	for i, ref := range p.kids {
		kid := ref.Page()
		if kid.level != p.level-1 || !bytes.Equal(kid.Key(0), p.Key(i)) {
			return fmt.Errorf("%w: a child does not fit", ErrPage)
		}
		below := end
		if i+1 < n {
			below = p.Key(i + 1)
		}
		if err := kid.check(false, below); err != nil {
			return err
		}
	}
	return nil
}

// checkShape is the whole-structure check of Apply's result.
func (t *Tree) checkShape() {
	err := t.Check()
	invariant.Check(err == nil, "tree after a batch: %v", err)
}
