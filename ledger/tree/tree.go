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
type Tree struct{ root *Page }

var sentinelValue = []byte{proof.SentinelValue}

// New returns a tree without user entries: the two sentinels.
func New() *Tree {
	return &Tree{newLeaf([]row{
		{key: []byte{proof.SentinelLow}, value: sentinelValue},
		{key: []byte{proof.SentinelHigh}, value: sentinelValue},
	}, nil)}
}

// Root returns the root hash. The first call hashes every page that Apply made since the last
// hashed version, each once; it belongs to the writer.
func (t *Tree) Root() proof.Hash {
	t.root.rehash()
	return t.root.Hash()
}

// Page returns the root page.
func (t *Tree) Page() *Page { return t.root }

// FromPage returns the tree under a loaded root page, which must obey all rules of shape.
func FromPage(root *Page) (*Tree, error) {
	if err := root.check(true); err != nil {
		return nil, err
	}
	first, last := root, root
	for first.level > 0 {
		first, last = first.kids[0], last.kids[len(last.kids)-1]
	}
	lowKey, lowValue := first.Entry(0)
	highKey, highValue := last.Entry(last.Len() - 1)
	if first == last && first.Len() < 2 || len(lowKey) != 1 || lowKey[0] != proof.SentinelLow ||
		len(highKey) != 1 || highKey[0] != proof.SentinelHigh ||
		!bytes.Equal(lowValue, sentinelValue) || !bytes.Equal(highValue, sentinelValue) {
		return nil, fmt.Errorf("%w: sentinels are missing", ErrPage)
	}
	return &Tree{root}, nil
}

// check tells whether a page and all below it obey the rules of shape and order.
func (p *Page) check(isRoot bool) error {
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
	for i, kid := range p.kids {
		if kid.level != p.level-1 || !bytes.Equal(kid.Key(0), p.keys[i]) {
			return fmt.Errorf("%w: a child does not fit", ErrPage)
		}
		if err := kid.check(false); err != nil {
			return err
		}
		if i+1 < n && bytes.Compare(kid.lastKey(), p.keys[i+1]) >= 0 {
			return fmt.Errorf("%w: children overlap", ErrPage)
		}
	}
	return nil
}

func (p *Page) lastKey() []byte {
	for p.level > 0 {
		p = p.kids[len(p.kids)-1]
	}
	return p.Key(p.Len() - 1)
}

// checkShape is the whole-structure check of Apply's result.
func (t *Tree) checkShape() {
	_, err := FromPage(t.root)
	invariant.Check(err == nil, "tree after a batch: %v", err)
}
