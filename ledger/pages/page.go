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

// ID is the identity of a page: the SHA-256 of its encoding.
type ID = [sha256.Size]byte

// domainPage is the first byte of a page's encoding.
const domainPage = 0x05

// levelMax is the greatest level of a page: trees are far lower.
const levelMax = 12

// SizeMax is the length of the longest encoded page in bytes.
const SizeMax = 3 + tree.Fanout*(tree.KeyMax+tree.ValueMax+2*binary.MaxVarintLen32)

// ErrInvalid is in the chain of every error about bytes that are not what they should be.
var ErrInvalid = errors.New("pages: invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Append appends the encoding of a hashed page, whose children must have their ids.
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
		b = binary.AppendUvarint(b, uint64(len(p.Key(i))))
		b = append(b, p.Key(i)...)
		b = append(b, hash[:]...)
		b = append(b, id[:]...)
	}
	return b
}

// SetIDs gives every page of a hashed tree that lacks it its id, children first, and returns
// the root page's.
func SetIDs(p *tree.Page) ID {
	var buf []byte
	return setIDs(p, &buf)
}

func setIDs(p *tree.Page, buf *[]byte) ID {
	if id, ok := p.ID(); ok {
		return id
	}
	if p.Level() > 0 {
		for i := range p.Len() {
			setIDs(p.Child(i), buf)
		}
	}
	*buf = Append((*buf)[:0], p)
	id := sha256.Sum256(*buf)
	p.SetID(id)
	return id
}

// Ref is an entry of an inner page.
type Ref struct {
	Key  []byte   // smallest key below the child
	Hash [32]byte // Merkle root of the child
	ID   ID       // page id of the child
}

// Decoded is a page as stored, alone.
type Decoded struct {
	Level int
	Len   int
	Body  []byte // level 0: the encoded entries
	Refs  []Ref  // other levels
}

// Decode reads an encoded page, of which it returns slices. It checks all that can be checked
// without the children, the order of keys included.
//
// Errors: ErrInvalid.
func Decode(b []byte) (Decoded, error) {
	if len(b) < 3 || len(b) > SizeMax || b[0] != domainPage {
		return Decoded{}, invalid("head of a page")
	}
	d := Decoded{Level: int(b[1]), Len: int(b[2])}
	if d.Level > levelMax || d.Len < 1 || d.Len > tree.Fanout {
		return Decoded{}, invalid("%d entries at level %d", d.Len, d.Level)
	}
	rest := b[3:]
	if d.Level == 0 {
		d.Body = rest
		return d, checkBody(rest, d.Len)
	}
	var last []byte
	for i := range d.Len {
		var r Ref
		var err error
		if r.Key, rest, err = field(rest, tree.KeyMax); err != nil {
			return Decoded{}, err
		}
		if len(rest) < 64 {
			return Decoded{}, invalid("truncated")
		}
		copy(r.Hash[:], rest)
		copy(r.ID[:], rest[32:])
		rest = rest[64:]
		if i > 0 && bytes.Compare(last, r.Key) >= 0 {
			return Decoded{}, invalid("keys do not ascend")
		}
		last = r.Key
		d.Refs = append(d.Refs, r)
	}
	if len(rest) != 0 {
		return Decoded{}, invalid("%d bytes too many", len(rest))
	}
	return d, nil
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

// Load reads the tree under a root page id. fetch returns the stored bytes of a page, which
// Load keeps; they are verified by their hash. All pages are marked as stored.
//
// Errors: ErrInvalid, tree.ErrPage, and those of fetch.
func Load(root ID, fetch func(id ID) ([]byte, error)) (*tree.Tree, error) {
	p, err := load(root, fetch, levelMax)
	if err != nil {
		return nil, err
	}
	return tree.FromPage(p)
}

func load(id ID, fetch func(id ID) ([]byte, error), levels int) (*tree.Page, error) {
	b, err := fetch(id)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(b) != id {
		return nil, invalid("page %x has other bytes", id[:8])
	}
	d, err := Decode(b)
	if err != nil {
		return nil, err
	}
	if d.Level > levels {
		return nil, invalid("page %x at level %d", id[:8], d.Level)
	}
	var p *tree.Page
	if d.Level == 0 {
		p, err = tree.LoadLeaf(d.Body, d.Len)
	} else {
		p, err = loadInner(d, fetch)
	}
	if err != nil {
		return nil, err
	}
	p.SetID(id)
	p.MarkStored()
	return p, nil
}

func loadInner(d Decoded, fetch func(id ID) ([]byte, error)) (*tree.Page, error) {
	kids := make([]*tree.Page, d.Len)
	for i, r := range d.Refs {
		kid, err := load(r.ID, fetch, d.Level-1)
		if err != nil {
			return nil, err
		}
		if kid.Level() != d.Level-1 || kid.Hash() != r.Hash || !bytes.Equal(kid.Key(0), r.Key) {
			return nil, invalid("page %x does not fit its parent", r.ID[:8])
		}
		kids[i] = kid
	}
	return tree.LoadInner(kids)
}
