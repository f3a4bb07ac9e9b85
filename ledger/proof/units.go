package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// UnitSize is the length of a unit name in bytes.
const UnitSize = 13

// Unit names what has a root under the app hash: kind u8, id u64, sub u32, big-endian. It
// holds no text of users.
type Unit [UnitSize]byte

// Kind ranges of units. The rest of 01..FE is reserved.
const (
	KindTreeMin  = 0x01 // trees: the value is the root of a Merkle B+tree
	KindTreeMax  = 0x3F
	KindLogMin   = 0x40 // logs: the value is LogState.Root
	KindLogMax   = 0x4F
	KindStateMin = 0x50 // operator state, as of the last checkpoint
	KindStateMax = 0x5F
	KindPageMin  = 0x60 // root page ids, as of the last checkpoint
	KindPageMax  = 0x6F
)

// UnitIDMax is the greatest id of a tree: a page id unit carries the kind of its tree in the
// top byte of its own id.
const UnitIDMax = 1<<56 - 1

// NewUnit makes a unit name.
func NewUnit(kind byte, id uint64, sub uint32) (u Unit) {
	u[0] = kind
	binary.BigEndian.PutUint64(u[1:], id)
	binary.BigEndian.PutUint32(u[9:], sub)
	return u
}

// Kind returns the unit's kind.
func (u Unit) Kind() byte { return u[0] }

// ID returns the unit's id.
func (u Unit) ID() uint64 { return binary.BigEndian.Uint64(u[1:]) }

// Sub returns the unit's sub number.
func (u Unit) Sub() uint32 { return binary.BigEndian.Uint32(u[9:]) }

// IsTree reports whether the unit's root is that of a tree.
func (u Unit) IsTree() bool {
	return u[0] >= KindTreeMin && u[0] <= KindTreeMax && u.ID() <= UnitIDMax
}

// IsLog reports whether the unit's root is that of a log.
func (u Unit) IsLog() bool { return u[0] >= KindLogMin && u[0] <= KindLogMax }

// IsState reports whether the unit's root is that of operator state.
func (u Unit) IsState() bool { return u[0] >= KindStateMin && u[0] <= KindStateMax }

// PageIDUnit returns the unit whose value is the root page id of a tree.
func (u Unit) PageIDUnit() Unit {
	return NewUnit(KindPageMin, uint64(u.Kind())<<56|u.ID(), u.Sub())
}

// IsPageID reports whether the unit's value is the root page id of a tree.
func (u Unit) IsPageID() bool { return u[0] >= KindPageMin && u[0] <= KindPageMax }

// PageIDOf returns the tree whose root page id the unit holds; the inverse of PageIDUnit.
func (u Unit) PageIDOf() Unit {
	return NewUnit(byte(u.ID()>>56), u.ID()&UnitIDMax, u.Sub())
}

// Compare orders units as the top tree does.
func (u Unit) Compare(v Unit) int { return bytes.Compare(u[:], v[:]) }

// UnitRoot is a unit with its root.
type UnitRoot struct {
	Unit Unit
	Root Hash
}

// UnitHash is the leaf hash of a unit in the top tree.
func UnitHash(u *Unit, root *Hash) Hash {
	vh := Hash(sha256.Sum256(root[:]))
	return leafHash(u[:], &vh)
}

// Units proves the roots of one or more units under one app hash. It is a pruned tree whose
// leaves have names of exactly 13 and roots of exactly 32 bytes. It says nothing about units
// that it does not name.
type Units struct {
	raw   []byte
	root  Hash
	units []UnitRoot
}

// DecodeUnits reads a proof of units. It keeps b.
func DecodeUnits(b []byte) (*Units, error) {
	v := &unitVisitor{}
	root, err := readPruned(b, v)
	if err != nil {
		return nil, err
	}
	if len(v.units) == 0 {
		return nil, invalid("no unit")
	}
	return &Units{raw: b, root: root, units: v.units}, nil
}

// AppendBinary appends the encoding.
func (p *Units) AppendBinary(b []byte) ([]byte, error) { return append(b, p.raw...), nil }

// Verify returns the proven units in ascending order.
func (p *Units) Verify(appHash Hash) ([]UnitRoot, error) {
	if p.root != appHash {
		return nil, invalid("wrong app hash")
	}
	return p.units, nil
}

// Root verifies the proof and returns the root of one of its units.
func (p *Units) Root(appHash Hash, u Unit) (Hash, error) {
	units, err := p.Verify(appHash)
	if err != nil {
		return Hash{}, err
	}
	i, ok := slices.BinarySearchFunc(units, u, func(e UnitRoot, u Unit) int {
		return e.Unit.Compare(u)
	})
	if !ok {
		return Hash{}, invalid("unit %x is not in the proof", u[:])
	}
	return units[i].Root, nil
}

// TreeRoot is Root for a unit that must be a tree.
func (p *Units) TreeRoot(appHash Hash, u Unit) (Hash, error) {
	if !u.IsTree() {
		return Hash{}, invalid("unit %x is not a tree", u[:])
	}
	return p.Root(appHash, u)
}

// LogRoot is Root for a unit that must be a log.
func (p *Units) LogRoot(appHash Hash, u Unit) (Hash, error) {
	if !u.IsLog() {
		return Hash{}, invalid("unit %x is not a log", u[:])
	}
	return p.Root(appHash, u)
}

type unitVisitor struct{ units []UnitRoot }

func (v *unitVisitor) opaque() error { return nil }

func (v *unitVisitor) leaf(tag byte, r *reader) (Hash, error) {
	if tag != tagUnit {
		return Hash{}, invalid("node tag %d", tag)
	}
	name, err := r.take(UnitSize)
	if err != nil {
		return Hash{}, err
	}
	e := UnitRoot{Unit: Unit(name)}
	if err := r.hash(&e.Root); err != nil {
		return Hash{}, err
	}
	if e.Unit[0] == SentinelLow || e.Unit[0] == SentinelHigh {
		return Hash{}, invalid("kind %d of unit", e.Unit[0])
	}
	if n := len(v.units); n > 0 && v.units[n-1].Unit.Compare(e.Unit) >= 0 {
		return Hash{}, invalid("units do not ascend")
	}
	v.units = append(v.units, e)
	return UnitHash(&e.Unit, &e.Root), nil
}
