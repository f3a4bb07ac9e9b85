package tree

import (
	"encoding/binary"
	"fmt"

	"weir/ledger/proof"
)

// LoadLeaf returns the leaf page with n entries in a stored body, which it keeps. The body
// must be canonical; order and fill are checked by Check.
func LoadLeaf(body []byte, n int) (*Page, error) {
	if n < 1 || n > Fanout {
		return nil, fmt.Errorf("%w: %d entries", ErrPage, n)
	}
	p := &Page{body: body, at: make([]uint32, n)}
	rest := body
	for i := range p.at {
		p.at[i] = uint32(len(body) - len(rest))
		for _, limit := range [...]uint64{KeyMax, ValueMax} {
			size, used := binary.Uvarint(rest)
			if used <= 0 || used > 1 && rest[used-1] == 0 || size == 0 || size > limit ||
				size > uint64(len(rest)-used) {
				return nil, fmt.Errorf("%w: length of a field", ErrPage)
			}
			rest = rest[used+int(size):]
		}
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrPage, len(rest))
	}
	p.hashes = make([]proof.Hash, hashCount(n))
	p.fresh = uint32(1<<n - 1)
	p.rehash()
	return p, nil
}

// LoadInner returns the inner page over stored children of one level.
//
// Errors: ErrPage.
func LoadInner(kids []*Ref) (*Page, error) {
	if len(kids) < 1 || len(kids) > Fanout {
		return nil, fmt.Errorf("%w: %d entries", ErrPage, len(kids))
	}
	for _, kid := range kids {
		if kid.level != kids[0].level {
			return nil, fmt.Errorf("%w: children of different levels", ErrPage)
		}
	}
	p := newInner(kids, nil)
	p.rehash()
	return p, nil
}
