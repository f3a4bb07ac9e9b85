package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"weir/internal/invariant"
	"weir/ledger/tree"
)

// ID is the identity of a page. It commits to everything below the page and to every cut.
type ID = [sha256.Size]byte

// domainPage is the first byte of a page's encoding.
const domainPage = 0x05

// levelMax is the greatest level of a page: trees are far lower.
const levelMax = 12

// locLen is the length of a stored location.
const locLen = 12

// SizeMax is the length of the longest stored page in bytes.
const SizeMax = 3 + tree.Fanout*(tree.KeyMax+tree.ValueMax+2*binary.MaxVarintLen32+locLen)

// ErrInvalid is in the chain of every error about bytes that are not what they should be.
var ErrInvalid = errors.New("pages: invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Append appends the canonical encoding of a hashed page, whose children must have their ids.
func Append(b []byte, p *tree.Page) []byte {
	b = append(b, domainPage, byte(p.Level()), byte(p.Len()))
	if p.Level() == 0 {
		return append(b, p.Body()...)
	}
	for i := range p.Len() {
		kid := p.Child(i)
		id, ok := kid.ID()
		invariant.Check(ok, "a child page has no id")
		hash := kid.Hash()
		b = binary.AppendUvarint(b, uint64(len(kid.First())))
		b = append(b, kid.First()...)
		b = append(b, hash[:]...)
		b = append(b, id[:]...)
	}
	return b
}

// LeafID is the id of a leaf page of n entries with a Merkle root, which commits to all else:
// SHA-256(05 || 00 || n u8 || root). It costs one block of SHA-256 beside the root.
func LeafID(n int, root [32]byte) ID {
	var b [3 + 32]byte
	b[0], b[2] = domainPage, byte(n)
	copy(b[3:], root[:])
	return sha256.Sum256(b[:])
}

// SetIDs gives every page of a hashed tree that lacks it its id, children first, and returns
// the root page's. A page that is not in memory has one.
func SetIDs(r *tree.Ref) ID {
	var buf []byte
	return setIDs(r, &buf)
}

func setIDs(r *tree.Ref, buf *[]byte) ID {
	if id, ok := r.ID(); ok {
		return id
	}
	p := r.Page()
	if p.Level() == 0 {
		id := LeafID(p.Len(), p.Hash())
		r.SetID(id)
		return id
	}
	for i := range p.Len() {
		setIDs(p.Child(i), buf)
	}
	*buf = Append((*buf)[:0], p)
	id := sha256.Sum256(*buf)
	r.SetID(id)
	return id
}

// AppendStored appends what is stored of a page: its encoding, and for an inner page the
// locations of its children, which are local to the node and not hashed.
func AppendStored(b []byte, p *tree.Page) []byte {
	b = Append(b, p)
	if p.Level() == 0 {
		return b
	}
	for i := range p.Len() {
		loc := p.Child(i).Loc()
		invariant.Check(loc != (tree.Loc{}), "a child page is stored nowhere")
		b = AppendLoc(b, loc)
	}
	return b
}

// AppendLoc appends a location: batch u64, number u32.
func AppendLoc(b []byte, loc tree.Loc) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, loc.Batch), loc.Seq)
}

// CutLoc reads a location from the front of b.
func CutLoc(b []byte) (tree.Loc, []byte, bool) {
	if len(b) < locLen {
		return tree.Loc{}, nil, false
	}
	return tree.Loc{
		Batch: binary.BigEndian.Uint64(b), Seq: binary.BigEndian.Uint32(b[8:]),
	}, b[locLen:], true
}

// Child is an entry of an inner page.
type Child struct {
	Key  []byte   // smallest key below the child
	Hash [32]byte // Merkle root of the child
	ID   ID       // page id of the child
}

// Decoded is a page, alone.
type Decoded struct {
	Level    int
	Len      int
	Body     []byte // level 0: the encoded entries
	Children []Child
}

// Decode reads a page's canonical encoding, of which it returns slices. It checks all that can
// be checked without the children, the order of keys included.
//
// Errors: ErrInvalid.
func Decode(b []byte) (Decoded, error) {
	d, rest, err := decode(b)
	if err == nil && len(rest) != 0 {
		err = invalid("%d bytes too many", len(rest))
	}
	return d, err
}

// decode reads a page and returns what follows it: nothing for a leaf.
func decode(b []byte) (d Decoded, rest []byte, err error) {
	if len(b) < 3 || len(b) > SizeMax || b[0] != domainPage {
		return Decoded{}, nil, invalid("head of a page")
	}
	d = Decoded{Level: int(b[1]), Len: int(b[2])}
	if d.Level > levelMax || d.Len < 1 || d.Len > tree.Fanout {
		return Decoded{}, nil, invalid("%d entries at level %d", d.Len, d.Level)
	}
	rest = b[3:]
	if d.Level == 0 {
		d.Body = rest
		return d, nil, checkBody(rest, d.Len)
	}
	d.Children = make([]Child, d.Len)
	for i := range d.Children {
		c := &d.Children[i]
		if c.Key, rest, err = field(rest, tree.KeyMax); err != nil {
			return Decoded{}, nil, err
		}
		if len(rest) < 64 {
			return Decoded{}, nil, invalid("truncated")
		}
		copy(c.Hash[:], rest)
		copy(c.ID[:], rest[32:])
		rest = rest[64:]
		if i > 0 && bytes.Compare(d.Children[i-1].Key, c.Key) >= 0 {
			return Decoded{}, nil, invalid("keys do not ascend")
		}
	}
	return d, rest, nil
}

// checkBody checks the n entries of a leaf.
func checkBody(rest []byte, n int) error {
	var last []byte
	for i := range n {
		key, after, err := field(rest, tree.KeyMax)
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return invalid("keys do not ascend")
		}
		last = key
		if _, rest, err = field(after, tree.ValueMax); err != nil {
			return err
		}
	}
	if len(rest) != 0 {
		return invalid("%d bytes too many", len(rest))
	}
	return nil
}

// field takes a shortest-form uvarint length of 1 to limit, and that many bytes.
func field(b []byte, limit uint64) (f, rest []byte, err error) {
	n, used := binary.Uvarint(b)
	if used <= 0 || used > 1 && b[used-1] == 0 || n == 0 || n > limit ||
		n > uint64(len(b)-used) {
		return nil, nil, invalid("length of a field")
	}
	end := used + int(n)
	return b[used:end:end], b[end:], nil
}

// Open turns the stored bytes of a page, which it keeps, into the page of a reference. It is
// verified: by its id, by the hash and the smallest key that the parent has, and by the rules
// of a page alone. Children are references to src.
//
// Errors: ErrInvalid, tree.ErrPage.
func Open(r *tree.Ref, stored []byte, src tree.Source) (*tree.Page, error) {
	d, locs, err := decode(stored)
	if err != nil {
		return nil, err
	}
	if d.Level != r.Level() {
		return nil, invalid("a page at level %d, want %d", d.Level, r.Level())
	}
	var p *tree.Page
	var id ID
	if d.Level == 0 {
		if p, err = tree.LoadLeaf(d.Body, d.Len); err != nil {
			return nil, err
		}
		id = LeafID(d.Len, p.Hash())
	} else {
		id = sha256.Sum256(stored[:len(stored)-len(locs)])
		if p, err = openInner(d, locs, src); err != nil {
			return nil, err
		}
	}
	if want, _ := r.ID(); id != want || p.Hash() != r.Hash() ||
		!bytes.Equal(p.Key(0), r.First()) {
		return nil, invalid("page %x has other bytes", want[:8])
	}
	return p, nil
}

func openInner(d Decoded, locs []byte, src tree.Source) (*tree.Page, error) {
	if len(locs) != d.Len*locLen {
		return nil, invalid("%d bytes of locations for %d children", len(locs), d.Len)
	}
	kids := make([]*tree.Ref, d.Len)
	for i, c := range d.Children {
		var loc tree.Loc
		loc, locs, _ = CutLoc(locs)
		kids[i] = tree.StoredRef(d.Level-1, c.Key, c.Hash, c.ID, loc, src)
	}
	return tree.LoadInner(kids)
}

// Save stores every page below a reference that is stored nowhere yet, children first. put
// takes what is to be stored and tells where it will be. shared gets the references at which
// Save stopped because they are stored.
func Save(r *tree.Ref, put func(r *tree.Ref, stored []byte) tree.Loc, src tree.Source,
	shared func(r *tree.Ref),
) {
	if r.Loc() != (tree.Loc{}) {
		shared(r)
		return
	}
	p := r.Resident()
	invariant.Check(p != nil, "a page that is not stored has left memory")
	if p.Level() > 0 {
		for i := range p.Len() {
			Save(p.Child(i), put, src, shared)
		}
	}
	r.Stored(put(r, AppendStored(nil, p)), src)
}
