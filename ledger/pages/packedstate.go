package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// State is one version of one operator's state: a packed tree, of which the inner pages are in
// memory. It is immutable; Apply makes the next version.
type State struct {
	root ref // entries 0: empty
}

// RootRef is what must be known to open a stored State again. The zero value is the empty one.
type RootRef struct {
	Entries uint64
	ID      ID
	Loc     Loc
}

// Root is the unit root: SHA-256(04 || entries u64 || root page id), with an id of zeros for the
// empty state.
func (r RootRef) Root() [32]byte {
	var b [1 + 8 + sha256.Size]byte
	b[0] = domainState
	binary.BigEndian.PutUint64(b[1:], r.Entries)
	copy(b[9:], r.ID[:])
	return sha256.Sum256(b[:])
}

// EmptyState is the state without entries.
func EmptyState() *State { return &State{} }

// Root is the unit root of the state.
func (s *State) Root() [32]byte { return s.RootRef().Root() }

// Entries is the number of entries.
func (s *State) Entries() uint64 { return s.root.entries }

// RootRef is what OpenState takes.
func (s *State) RootRef() RootRef { return RootRef{s.root.entries, s.root.id, s.root.loc} }

// OpenState opens a stored state. It reads and verifies the root and all inner pages; leaves are
// read when they are needed.
//
// Errors: ErrInvalid, and those of the keeper.
func OpenState(r RootRef, k Keeper) (*State, error) {
	if r.Entries == 0 {
		if r != (RootRef{}) {
			return nil, invalid("an empty state with a page")
		}
		return EmptyState(), nil
	}
	b, err := k.Fetch(r.Loc)
	if err != nil {
		return nil, err
	}
	level, _, err := packedHeader(b)
	if err != nil {
		return nil, err
	}
	root := ref{id: r.ID, loc: r.Loc, entries: r.Entries}
	if level == 0 {
		var l leaf
		if err := l.verify(b, &root); err != nil {
			return nil, err
		}
		root.key, root.cost = bytes.Clone(l.key(0)), l.cost
		return &State{root}, nil
	}
	if err := root.open(b, level, k); err != nil {
		return nil, err
	}
	root.key, root.cost = root.kid.refs[0].key, root.kid.cost()
	return &State{root}, nil
}

// cost is what the references of a page cost together.
func (p *inner) cost() (sum uint64) {
	for i := range p.refs {
		sum += p.refs[i].refCost()
	}
	return sum
}

// open verifies the stored bytes of an inner page and reads the inner pages below it. It checks
// what a parent says of a page, other than its key and cost, which a root has no parent for.
func (r *ref) open(stored []byte, level int, k Keeper) error {
	b, err := CanonicalState(bytes.Clone(stored))
	if err != nil {
		return err
	}
	if sha256.Sum256(b) != r.id {
		return invalid("state page %x has other bytes", r.id[:8])
	}
	p, err := decodeInner(b)
	if err != nil {
		return err
	}
	if p.level != level {
		return invalid("state page %x is at level %d, not %d", r.id[:8], p.level, level)
	}
	locs := stored[len(b):]
	sum := checkLocs(r.id, locs[:len(locs)-locCheck])
	if !bytes.Equal(sum[:locCheck], locs[len(locs)-locCheck:]) {
		return invalid("the locations of state page %x are damaged", r.id[:8])
	}
	entries := uint64(0)
	for i := range p.refs {
		kid := &p.refs[i]
		kid.loc.Batch = binary.BigEndian.Uint64(locs[i*locSize:])
		kid.loc.Seq = binary.BigEndian.Uint32(locs[i*locSize+8:])
		entries += kid.entries
		if level == 1 {
			continue
		}
		below, err := k.Fetch(kid.loc)
		if err != nil {
			return err
		}
		if err := kid.open(below, level-1, k); err != nil {
			return err
		}
		if !bytes.Equal(kid.key, kid.kid.refs[0].key) || kid.cost != kid.kid.cost() {
			return invalid("state page %x does not fit its parent", kid.id[:8])
		}
	}
	if entries != r.entries {
		return invalid("state page %x has %d entries, not %d", r.id[:8], entries, r.entries)
	}
	r.kid = p
	return nil
}

// verify reads a leaf whose id and number of entries are known.
func (l *leaf) verify(b []byte, r *ref) error {
	if sha256.Sum256(b) != r.id {
		return invalid("state page %x has other bytes", r.id[:8])
	}
	if err := l.index(b); err != nil {
		return err
	}
	if uint64(len(l.spans)) != r.entries {
		return invalid("state page %x has %d entries, not %d", r.id[:8], len(l.spans), r.entries)
	}
	return nil
}

// fetch reads a stored leaf and checks it against what its parent says.
func (l *leaf) fetch(r *ref, k Keeper) error {
	b, err := k.Fetch(r.loc)
	if err != nil {
		return err
	}
	if err := l.verify(b, r); err != nil {
		return err
	}
	if l.cost != r.cost || !bytes.Equal(l.key(0), r.key) {
		return invalid("state page %x does not fit its parent", r.id[:8])
	}
	return nil
}

// Scan visits every entry in ascending key order until visit returns false; each page is
// verified by its id before. Slices are valid only during the call.
//
// Errors: ErrInvalid, and those of the keeper.
func (s *State) Scan(k Keeper, visit func(key, value []byte) bool) error {
	var l leaf
	var last []byte
	var err error
	first := true
	eachLeaf(&s.root, func(r *ref) bool {
		if err = l.fetch(r, k); err == nil {
			err = l.decode(l.b)
		}
		if err != nil {
			return false
		}
		if !first && bytes.Compare(last, l.key(0)) >= 0 {
			err = invalid("keys do not ascend from page to page")
			return false
		}
		for i := range l.spans {
			if !visit(l.key(i), l.value(i)) {
				return false
			}
		}
		first, last = false, append(last[:0], l.key(len(l.spans)-1)...)
		return true
	})
	return err
}

func eachLeaf(r *ref, visit func(*ref) bool) bool {
	if r.entries == 0 || r.kid == nil {
		return r.entries == 0 || visit(r)
	}
	for i := range r.kid.refs {
		if !eachLeaf(&r.kid.refs[i], visit) {
			return false
		}
	}
	return true
}

// EachPage visits every page, children before their parent.
func (s *State) EachPage(visit func(level int, id ID, loc Loc)) {
	if s.root.entries > 0 {
		eachPage(&s.root, visit)
	}
}

func eachPage(r *ref, visit func(level int, id ID, loc Loc)) {
	if r.kid != nil {
		for i := range r.kid.refs {
			eachPage(&r.kid.refs[i], visit)
		}
	}
	visit(r.level(), r.id, r.loc)
}

// OrphanAll orphans every page: the state is dropped.
func (s *State) OrphanAll(k Keeper) {
	s.EachPage(func(_ int, _ ID, loc Loc) { k.Orphan(loc) })
}
