package pages

import (
	"crypto/sha256"
	"encoding/binary"

	"weir/ledger/tree"
)

// Link is what a stored inner page says of a child.
type Link struct {
	ID  ID
	Loc Loc
}

// SplitTree splits the stored bytes of a tree page into its canonical encoding and the links of
// an inner page. Nothing is verified but the form.
//
// Errors: ErrInvalid.
func SplitTree(stored []byte) (canonical []byte, links []Link, err error) {
	d, locs, err := decode(stored)
	if err != nil {
		return nil, nil, err
	}
	if len(locs) != len(d.Children)*locLen {
		return nil, nil, invalid("%d bytes of locations", len(locs))
	}
	links = make([]Link, len(d.Children))
	for i := range links {
		links[i].ID = d.Children[i].ID
		links[i].Loc, locs, _ = CutLoc(locs)
	}
	end := len(stored) - len(links)*locLen
	return stored[:end:end], links, nil
}

// SplitState is SplitTree for a page of operator state.
//
// Errors: ErrInvalid.
func SplitState(stored []byte) (canonical []byte, links []Link, err error) {
	canonical, err = CanonicalState(stored)
	if err != nil {
		return nil, nil, err
	}
	ids, err := StateKids(canonical)
	if err != nil {
		return nil, nil, err
	}
	links = make([]Link, len(ids))
	locs := stored[len(canonical):]
	for i := range links {
		links[i].ID = ids[i]
		links[i].Loc, locs, _ = CutLoc(locs)
	}
	return canonical, links, nil
}

// TreeKids verifies the canonical encoding of a tree page and returns its id, and the ids of the
// children of an inner page.
//
// Errors: ErrInvalid, tree.ErrPage.
func TreeKids(canonical []byte) (id ID, kids []ID, err error) {
	d, err := Decode(canonical)
	if err != nil {
		return ID{}, nil, err
	}
	if d.Level == 0 {
		p, err := tree.LoadLeaf(d.Body, d.Len)
		if err != nil {
			return ID{}, nil, err
		}
		return LeafID(d.Len, p.Hash()), nil, nil
	}
	for i := range d.Children {
		kids = append(kids, d.Children[i].ID)
	}
	return sha256.Sum256(canonical), kids, nil
}

// StateKids returns the ids of the children of an inner page of operator state, none of a leaf,
// by its canonical encoding, whose id is its SHA-256.
//
// Errors: ErrInvalid.
func StateKids(canonical []byte) (kids []ID, err error) {
	level, _, err := packedHeader(canonical)
	if err != nil {
		return nil, err
	}
	if level == 0 {
		var l leaf
		return nil, l.decode(canonical)
	}
	p, err := decodeInner(canonical)
	if err != nil {
		return nil, err
	}
	for i := range p.refs {
		kids = append(kids, p.refs[i].id)
	}
	return kids, nil
}

// JoinTree appends to the canonical encoding of a tree page the locations of its children.
func JoinTree(canonical []byte, locs []Loc) []byte {
	b := make([]byte, 0, len(canonical)+len(locs)*locLen)
	return appendLocs(append(b, canonical...), locs)
}

// JoinState is JoinTree for a page of operator state, whose id it takes.
func JoinState(canonical []byte, id ID, locs []Loc) []byte {
	b := make([]byte, 0, len(canonical)+len(locs)*locSize+locCheck)
	b = append(b, canonical...)
	if len(locs) == 0 {
		return b
	}
	b = appendLocs(b, locs)
	sum := checkLocs(id, b[len(canonical):])
	return append(b, sum[:locCheck]...)
}

func appendLocs(b []byte, locs []Loc) []byte {
	for _, loc := range locs {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, loc.Batch), loc.Seq)
	}
	return b
}
