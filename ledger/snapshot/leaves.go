package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
)

// Leaf is a leaf of a log with its payload.
type Leaf struct {
	Leaf    []byte
	Payload []byte
	Erased  bool // there is no payload any more
	Bound   Bound
}

// Bound is what a leaf says of its rows.
type Bound struct {
	First   uint64   // offset of the first row
	Rows    uint32   // number of rows
	Payload [32]byte // SHA-256 of the payload
}

// Trees scans the entries of a tree that has been restored; of one that has not, there are none.
type Trees func(u proof.Unit, lo, hi []byte, visit func(key, value []byte) bool)

// Leaves knows what the application's leaves bind: the ledger does not.
type Leaves interface {
	// Begin hands over the trees, in which it stands what was forgotten and erased by agreement.
	// They come before the logs.
	Begin(trees Trees)
	// Bound reads a leaf.
	Bound(u proof.Unit, leaf []byte) (Bound, error)
	// Erased is nil if the payload of a leaf has been erased by agreement.
	Erased(u proof.Unit, index uint64, leaf []byte) error
	// Kept is nil if it is agreed that a log of a state keeps records only from a leaf on.
	Kept(u proof.Unit, log proof.LogState, kept eventlog.Kept) error
}

// A part of leaves: the kind, then per leaf its length and bytes, and 00 for an erased payload
// or 01 and the payload's length and bytes.
const (
	payloadErased = 0
	payloadHere   = 1
)

// AppendLeaf appends a leaf to a part.
func AppendLeaf(b []byte, l *Leaf) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(l.Leaf))), l.Leaf...)
	if l.Erased {
		return append(b, payloadErased)
	}
	b = binary.AppendUvarint(append(b, payloadHere), uint64(len(l.Payload)))
	return append(b, l.Payload...)
}

// LeafSize is how many bytes AppendLeaf appends.
func LeafSize(l *Leaf) int {
	var b [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(b[:], uint64(len(l.Leaf))) + len(l.Leaf) + 1
	if !l.Erased {
		n += binary.PutUvarint(b[:], uint64(len(l.Payload))) + len(l.Payload)
	}
	return n
}

// DecodeLeaves reads a part of leaves of a unit, the first of which has an index, and verifies
// it: the leaves give the part's hash, each binds its payload, and offsets have no gap.
//
// Errors: ErrInvalid.
func DecodeLeaves(p Part, b []byte, u proof.Unit, index uint64, by Leaves) ([]Leaf, error) {
	if err := p.head(KindLeaves, b); err != nil {
		return nil, err
	}
	d := decoder{b: b[1:]}
	var out []Leaf
	var sum Fold
	for i := range uint64(1) << p.Level {
		l := Leaf{Leaf: d.field(eventlog.LeafMax)}
		switch d.uint8() {
		case payloadErased:
			l.Erased = true
		case payloadHere:
			l.Payload = d.field(eventlog.PayloadMax)
		default:
			d.bad = true
		}
		if d.bad || len(l.Leaf) == 0 {
			return nil, invalid("leaf %d", index+i)
		}
		out = append(out, l)
		sum.Add(proof.LogLeafHash(l.Leaf))
	}
	if len(d.b) > 0 || sum.Root() != p.ID {
		return nil, invalid("leaves from %d on are other ones", index)
	}
	for i := range out {
		if err := out[i].check(u, index+uint64(i), by); err != nil {
			return nil, fmt.Errorf("%w: leaf %d: %w", ErrInvalid, index+uint64(i), err)
		}
		if i > 0 && out[i].Bound.First != out[i-1].Bound.end() {
			return nil, invalid("leaf %d leaves a gap of offsets", index+uint64(i))
		}
	}
	return out, nil
}

// head checks the length and the kind of a part of a log.
func (p Part) head(kind Kind, b []byte) error {
	const levelMax = 30 // of what fits into a part
	if len(b) == 0 || len(b) != int(p.Size) || p.Kind != kind || b[0] != byte(kind) ||
		p.Level > levelMax {
		return invalid("a part of %d bytes, want %d", len(b), p.Size)
	}
	return nil
}

func (b *Bound) end() uint64 { return b.First + uint64(b.Rows) }

// check asks what the leaf binds; its hash has been verified.
func (l *Leaf) check(u proof.Unit, index uint64, by Leaves) (err error) {
	if l.Bound, err = by.Bound(u, l.Leaf); err != nil {
		return err
	}
	if l.Bound.Rows > eventlog.RowsMax ||
		l.Bound.First > eventlog.OffsetMax-uint64(l.Bound.Rows) {
		return invalid("offsets")
	}
	if l.Erased {
		return by.Erased(u, index, l.Leaf)
	}
	if sha256.Sum256(l.Payload) != l.Bound.Payload {
		return invalid("it binds another payload")
	}
	return nil
}

// DecodeHashes reads a part of hashes of leaves and verifies that they give its hash.
//
// Errors: ErrInvalid.
func DecodeHashes(p Part, b []byte) ([]proof.Hash, error) {
	const size = len(proof.Hash{})
	if err := p.head(KindHashes, b); err != nil {
		return nil, err
	}
	if len(b) != 1+size<<p.Level {
		return nil, invalid("%d bytes of hashes", len(b))
	}
	out := make([]proof.Hash, 1<<p.Level)
	var sum Fold
	for i := range out {
		copy(out[i][:], b[1+i*size:])
		sum.Add(out[i])
	}
	if sum.Root() != p.ID {
		return nil, invalid("hashes of leaves are other ones")
	}
	return out, nil
}
