package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"weir/ledger/pages"
	"weir/ledger/proof"
)

// A part of pages: the kind, then pages in pre-order, each with its length before it, and behind
// an inner page one byte that says where its children are.
const (
	kidsElsewhere = 0 // each is the first page of a part
	kidsHere      = 1 // they follow
)

// depthMax is more than the levels of the highest tree.
const depthMax = 64

// Page is a page of a part.
type Page struct {
	ID    proof.Hash
	Bytes []byte       // canonical
	Kids  []proof.Hash // of an inner page
	Here  bool         // the children follow
}

// Level is the page's height above the leaves.
func (p *Page) Level() int { return int(p.Bytes[1]) }

// AppendPage appends a page to a part; here counts for an inner page.
func AppendPage(b, canonical []byte, inner, here bool) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(canonical))), canonical...)
	switch {
	case !inner:
		return b
	case here:
		return append(b, kidsHere)
	}
	return append(b, kidsElsewhere)
}

// PageSize is how many bytes AppendPage appends.
func PageSize(canonical int, inner bool) int {
	var b [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(b[:], uint64(canonical)) + canonical
	if inner {
		n++
	}
	return n
}

// DecodePages reads a part of pages and verifies every page by its id, from that of the part
// down. Pages come in pre-order and are slices of b.
//
// Errors: ErrInvalid.
func DecodePages(p Part, b []byte) ([]Page, error) {
	if len(b) == 0 || len(b) != int(p.Size) || b[0] != byte(p.Kind) {
		return nil, invalid("a part of %d bytes, want %d", len(b), p.Size)
	}
	d := pageDecoder{kind: p.Kind, decoder: decoder{b: b[1:]}}
	if err := d.page(p.ID, -1, 0); err != nil {
		return nil, err
	}
	if len(d.b) > 0 {
		return nil, invalid("a part with %d bytes too many", len(d.b))
	}
	return d.pages, nil
}

type pageDecoder struct {
	decoder
	kind  Kind
	pages []Page
}

// page reads the page with an id, at a level unless that is -1, and the children that follow.
func (d *pageDecoder) page(want proof.Hash, level, depth int) error {
	p := Page{ID: want, Bytes: d.field(PartMax)}
	if d.bad || depth > depthMax {
		return invalid("truncated part")
	}
	var id proof.Hash
	var err error
	if d.kind == KindTree {
		id, p.Kids, err = pages.TreeKids(p.Bytes)
	} else {
		id = sha256.Sum256(p.Bytes)
		if id == want {
			p.Kids, err = pages.StateKids(p.Bytes)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if id != want || level >= 0 && p.Level() != level {
		return invalid("page %x is another one", want[:8])
	}
	if len(p.Kids) > 0 {
		here := d.uint8()
		if d.bad || here > kidsHere {
			return invalid("truncated part")
		}
		p.Here = here == kidsHere
	}
	d.pages = append(d.pages, p)
	if !p.Here {
		return nil
	}
	for _, kid := range p.Kids {
		if err := d.page(kid, p.Level()-1, depth+1); err != nil {
			return err
		}
	}
	return nil
}
