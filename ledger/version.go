package ledger

import (
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/tree"
)

// Reader is a read-only view of one ordered keyspace. Values handed to visit are parts of the
// tree: not to be written to.
type Reader interface {
	// ProbeSorted calls visit once per key, in order; keys are strictly ascending. The value
	// is nil when the key is absent.
	ProbeSorted(keys [][]byte, visit func(i int, value []byte))
	// Scan visits the entries with lo <= key < hi in order until visit returns false; a nil hi
	// means to the end.
	Scan(lo, hi []byte, visit func(key, value []byte) bool)
}

// content is a unit with its tree or its log.
type content struct {
	unit Unit
	tree *tree.Tree
	log  *eventlog.Log
}

func (c *content) root() Hash {
	if c.tree != nil {
		return c.tree.Root()
	}
	return c.log.Root()
}

// Version is the state after one block. It is immutable and safe for concurrent use.
type Version struct {
	height   uint64
	time     int64
	top      *tree.Top
	contents []content // ascending by unit
	past     *past     // rebuilds contents; nil: they are all here
}

// Height is the height of the block.
func (v *Version) Height() uint64 { return v.height }

// Time is what Block.SetTime gave the block.
func (v *Version) Time() int64 { return v.time }

// AppHash is the root over all units.
func (v *Version) AppHash() Hash { return v.top.Root() }

// Units lists all units with their roots in ascending order; not to be written to.
func (v *Version) Units() []proof.UnitRoot { return v.top.Units() }

func (v *Version) find(u Unit) *content {
	if v.past != nil {
		return v.past.find(v, u)
	}
	i, ok := slices.BinarySearchFunc(v.contents, u, func(c content, u Unit) int {
		return c.unit.Compare(u)
	})
	if !ok {
		return nil
	}
	return &v.contents[i]
}

// Reader reads a tree unit. A unit that does not exist reads as empty.
func (v *Version) Reader(u Unit) Reader {
	if c := v.find(u); c != nil && c.tree != nil {
		return c.tree
	}
	return empty{}
}

// empty is the Reader of a unit that does not exist.
type empty struct{}

func (empty) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	for i := range keys {
		visit(i, nil)
	}
}

func (empty) Scan(_, _ []byte, _ func(key, value []byte) bool) {}

// Log returns a log unit, nil when it does not exist. Payloads of dropped logs may be gone.
func (v *Version) Log(u Unit) *eventlog.Log {
	if c := v.find(u); c != nil {
		return c.log
	}
	return nil
}

func (v *Version) tree(u Unit) (*tree.Tree, error) {
	if c := v.find(u); c != nil && c.tree != nil {
		return c.tree, nil
	}
	return nil, fmt.Errorf("%w: tree %x", ErrNoUnit, u[:])
}

// ProveRange returns an encoded proof.Range of the entries of a tree with lo <= key < hi; nil
// bounds are open.
//
// Errors: ErrNoUnit, tree.ErrBounds, tree.ErrProofTooLarge.
func (v *Version) ProveRange(u Unit, lo, hi []byte) ([]byte, error) {
	t, err := v.tree(u)
	if err != nil {
		return nil, err
	}
	return t.ProveRange(lo, hi)
}

// ProveKey returns an encoded proof.Key: the value of a key of a tree, or its absence.
//
// Errors: ErrNoUnit, tree.ErrBounds.
func (v *Version) ProveKey(u Unit, key []byte) ([]byte, error) {
	t, err := v.tree(u)
	if err != nil {
		return nil, err
	}
	p, err := t.ProveKey(key)
	if err != nil {
		return nil, err
	}
	return p.AppendBinary(nil)
}

// ProveUnits returns an encoded proof.Units of the roots of units, in any order.
//
// Errors: tree.ErrBounds when one does not exist.
func (v *Version) ProveUnits(units ...Unit) ([]byte, error) { return v.top.ProveUnits(units...) }

// ProveUnitRange returns an encoded proof.Range over the top tree: all units with
// lo <= name < hi. It shows which units do not exist.
//
// Errors: tree.ErrBounds, tree.ErrProofTooLarge.
func (v *Version) ProveUnitRange(lo, hi []byte) ([]byte, error) { return v.top.ProveRange(lo, hi) }

// Tree returns the tree of a unit, for proofs in other forms; nil when it does not exist.
func (v *Version) Tree(u Unit) *tree.Tree {
	if c := v.find(u); c != nil {
		return c.tree
	}
	return nil
}
