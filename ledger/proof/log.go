package proof

import (
	"encoding/binary"
	"math/bits"
)

// MaxLogSize bounds the leaves of a log, so that no arithmetic on sizes can overflow.
const MaxLogSize = 1 << 56

// Inclusion proves that a leaf has an index in a log (RFC 6962, section 2.1.1).
type Inclusion struct {
	Index, Size, Next uint64
	Path              []Hash // from the leaf up
}

// DecodeInclusion reads an inclusion proof.
func DecodeInclusion(b []byte) (*Inclusion, error) {
	r, p := &reader{b}, &Inclusion{}
	var err error
	for _, f := range []*uint64{&p.Index, &p.Size, &p.Next} {
		if *f, err = r.uint64(); err != nil {
			return nil, err
		}
	}
	if p.Path, err = r.hashes(); err != nil {
		return nil, err
	}
	return p, r.end()
}

// AppendBinary appends the encoding.
func (p *Inclusion) AppendBinary(b []byte) ([]byte, error) {
	if len(p.Path) > MaxDepth {
		return nil, invalid("deeper than %d", MaxDepth)
	}
	for _, f := range []uint64{p.Index, p.Size, p.Next} {
		b = binary.BigEndian.AppendUint64(b, f)
	}
	return appendHashes(append(b, byte(len(p.Path))), p.Path), nil
}

// Verify proves that the log with this unit root holds leaf at p.Index.
func (p *Inclusion) Verify(root Hash, leaf []byte) error {
	return guard(func() error {
		if p.Size > MaxLogSize || p.Index >= p.Size {
			return invalid("index or size")
		}
		h := LogLeafHash(leaf)
		at, last := p.Index, p.Size-1
		for i := range p.Path {
			if last == 0 {
				return invalid("path is too long")
			}
			if at&1 == 1 || at == last {
				h = InnerHash(&p.Path[i], &h)
				at, last = skipRight(at, last)
			} else {
				h = InnerHash(&h, &p.Path[i])
			}
			at, last = at>>1, last>>1
		}
		if last != 0 || (LogState{p.Size, p.Next, h}).Root() != root {
			return invalid("wrong root")
		}
		return nil
	})
}

// skipRight climbs over the levels at which a node is the last one and moves up unpaired.
func skipRight(at, last uint64) (uint64, uint64) {
	for at&1 == 0 && at != 0 {
		at, last = at>>1, last>>1
	}
	return at, last
}

// Consistency proves that a newer state of a log continues an older one (RFC 6962, 2.1.2).
type Consistency struct {
	Old, New LogState
	Path     []Hash
}

// DecodeConsistency reads a consistency proof.
func DecodeConsistency(b []byte) (*Consistency, error) {
	r, p := &reader{b}, &Consistency{}
	var err error
	for _, s := range []*LogState{&p.Old, &p.New} {
		if s.Size, err = r.uint64(); err != nil {
			return nil, err
		}
		if s.Next, err = r.uint64(); err != nil {
			return nil, err
		}
		if err = r.hash(&s.MTH); err != nil {
			return nil, err
		}
	}
	if p.Path, err = r.hashes(); err != nil {
		return nil, err
	}
	return p, r.end()
}

// AppendBinary appends the encoding.
func (p *Consistency) AppendBinary(b []byte) ([]byte, error) {
	if len(p.Path) > 2*MaxDepth {
		return nil, invalid("path is too long")
	}
	for _, s := range []LogState{p.Old, p.New} {
		b = binary.BigEndian.AppendUint64(b, s.Size)
		b = binary.BigEndian.AppendUint64(b, s.Next)
		b = append(b, s.MTH[:]...)
	}
	return appendHashes(append(b, byte(len(p.Path))), p.Path), nil
}

// Verify proves that the log with the unit root newRoot has the log with oldRoot as its
// beginning.
func (p *Consistency) Verify(oldRoot, newRoot Hash) error {
	return guard(func() error {
		if p.Old.Root() != oldRoot || p.New.Root() != newRoot {
			return invalid("wrong root")
		}
		if p.Old.Size > p.New.Size || p.Old.Next > p.New.Next || p.New.Size > MaxLogSize {
			return invalid("sizes or offsets")
		}
		switch {
		case p.Old.Size == p.New.Size:
			if len(p.Path) != 0 || p.Old != p.New {
				return invalid("equal sizes, other states")
			}
			return nil
		case p.Old.Size == 0:
			if len(p.Path) != 0 || p.Old.MTH != EmptyLogHash() || p.Old.Next != 0 {
				return invalid("not an empty log")
			}
			return nil
		}
		return p.climb()
	})
}

// climb rebuilds both tree hashes from the path; 0 < old size < new size.
func (p *Consistency) climb() error {
	path := p.Path
	at, last := p.Old.Size-1, p.New.Size-1
	for at&1 == 1 {
		at, last = at>>1, last>>1
	}
	oldHash := p.Old.MTH // the old tree is a complete subtree: the path leaves it out
	if bits.OnesCount64(p.Old.Size) != 1 {
		if len(path) == 0 {
			return invalid("path is too short")
		}
		oldHash, path = path[0], path[1:]
	}
	newHash := oldHash
	for i := range path {
		if last == 0 {
			return invalid("path is too long")
		}
		if at&1 == 1 || at == last {
			oldHash = InnerHash(&path[i], &oldHash)
			newHash = InnerHash(&path[i], &newHash)
			at, last = skipRight(at, last)
		} else {
			newHash = InnerHash(&newHash, &path[i])
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || oldHash != p.Old.MTH || newHash != p.New.MTH {
		return invalid("the new log does not continue the old one")
	}
	return nil
}
