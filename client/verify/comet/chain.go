package comet

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"weir/client/verify/refusal"
	"weir/client/verify/wire"
)

// Root is what the verifier trusts before it reads a chain: a genesis document, or one header's
// height and hash. Exactly one of the two is set.
type Root struct {
	Genesis *Genesis
	Height  int64
	Hash    Hash
}

// ParseRoot reads "HEIGHT:HASH", the hash in hexadecimal.
func ParseRoot(text string) (Root, error) {
	height, hash, _ := strings.Cut(text, ":")
	h, err := strconv.ParseInt(height, 10, 64)
	b, err2 := hex.DecodeString(hash)
	if err != nil || err2 != nil || h <= 0 || len(b) != HashSize {
		return Root{}, refusal.New(refusal.Trust,
			"%.100q is not HEIGHT:HASH with a hash of 32 bytes", text)
	}
	return Root{Height: h, Hash: Hash(b)}, nil
}

// String names the root: "genesis <hash>" or "header <height>:<hash>".
func (r *Root) String() string {
	if r.Genesis != nil {
		return "genesis " + r.Genesis.Hash.String()
	}
	return fmt.Sprintf("header %d:%s", r.Height, r.Hash)
}

// Anchor is the header that a HEIGHT:HASH root names, and the set that it names as next.
type Anchor struct {
	Header Header
	Next   Set
}

// Link is a change of the validator set: the signed header that names the next set.
type Link struct {
	SignedHeader
	Next Set
}

// Chain leads from a root to one header. Anchor is present only for a HEIGHT:HASH root.
type Chain struct {
	Anchor *Anchor
	Links  []Link
	Final  SignedHeader
}

// Relied is a validator set that a verified chain rests on.
type Relied struct {
	From       int64 // first height of which it was in charge, as far as the chain shows
	Hash       Hash
	Validators int
	Power      int64
}

// Verify checks the chain from root to its final header and returns the sets that it rests on,
// oldest first. Headers ascend in height and time; each is signed by more than 2/3 of the set
// in charge, and each link hands over to the set that its header names.
func (c *Chain) Verify(root *Root) ([]Relied, error) {
	set, chainID, from, err := c.start(root)
	if err != nil {
		return nil, err
	}
	total, err := set.Check()
	if err != nil {
		return nil, err
	}
	relied := []Relied{{from, set.Hash(), len(set), total}}
	var last *Header
	if c.Anchor != nil {
		last = &c.Anchor.Header
	}
	for i := range c.Links {
		l := &c.Links[i]
		if err := follow(&l.SignedHeader, last, chainID, set, from); err != nil {
			return nil, err
		}
		if total, err = l.Next.Check(); err != nil {
			return nil, err
		}
		sum := l.Next.Hash()
		if !bytes.Equal(sum[:], l.Header.NextValidatorsHash) {
			return nil, refusal.New(refusal.Set,
				"the validator set that follows height %d is not the one that its header names",
				l.Header.Height)
		}
		if bytes.Equal(l.Header.ValidatorsHash, l.Header.NextValidatorsHash) {
			return nil, refusal.New(refusal.Malformed, "header %d changes no validator set",
				l.Header.Height)
		}
		last, set, from = &l.Header, l.Next, l.Header.Height+1
		relied = append(relied, Relied{from, sum, len(set), total})
	}
	if err := follow(&c.Final, last, chainID, set, from); err != nil {
		return nil, err
	}
	return relied, nil
}

// start returns the first set in charge, the chain's id and the first height of the set.
func (c *Chain) start(root *Root) (Set, string, int64, error) {
	if g := root.Genesis; g != nil {
		if c.Anchor != nil {
			return nil, "", 0, refusal.New(refusal.Root,
				"the headers start at height %d, not at the genesis document", c.Anchor.Header.Height)
		}
		return g.Set, g.ChainID, g.InitialHeight, nil
	}
	if c.Anchor == nil {
		return nil, "", 0, refusal.New(refusal.Root,
			"the headers start at the genesis document, not at height %d", root.Height)
	}
	h := &c.Anchor.Header
	if err := h.check(); err != nil {
		return nil, "", 0, err
	}
	if h.Height != root.Height || h.Hash() != root.Hash {
		return nil, "", 0, refusal.New(refusal.Root,
			"the headers start at %d:%s, not at the trusted header", h.Height, h.Hash())
	}
	if sum := c.Anchor.Next.Hash(); !bytes.Equal(sum[:], h.NextValidatorsHash) {
		return nil, "", 0, refusal.New(refusal.Set,
			"the validator set that follows the trusted header is not the one that it names")
	}
	return c.Anchor.Next, h.ChainID, h.Height + 1, nil
}

// follow verifies a header that comes after last (nil: the first) while set is in charge.
func follow(sh *SignedHeader, last *Header, chainID string, set Set, from int64) error {
	h := &sh.Header
	if h.Height < from || last != nil && !h.Time.After(last.Time) {
		return refusal.New(refusal.Root, "header %d does not follow what comes before it", h.Height)
	}
	return VerifySigned(sh, chainID, set)
}

// Append appends the chain's canonical encoding.
func (c *Chain) Append(dst []byte) []byte {
	if c.Anchor == nil {
		dst = append(dst, 0)
	} else {
		dst = AppendSet(AppendHeader(append(dst, 1), &c.Anchor.Header), c.Anchor.Next)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(c.Links)))
	for i := range c.Links {
		dst = AppendSet(AppendSignedHeader(dst, &c.Links[i].SignedHeader), c.Links[i].Next)
	}
	return AppendSignedHeader(dst, &c.Final)
}

// DecodeChain reads what Chain.Append wrote.
func DecodeChain(r *wire.Reader) (c Chain) {
	switch flag := r.U8(); flag {
	case 0:
	case 1:
		h := DecodeHeader(r)
		c.Anchor = &Anchor{h, DecodeSet(r)}
	default:
		r.Fail(refusal.Malformed, "the chain of trust has the unknown flag %d", flag)
	}
	c.Links = make([]Link, r.Count(MaxLinks, minLink, "changes of the validator set"))
	for i := range c.Links {
		sh := DecodeSignedHeader(r)
		c.Links[i] = Link{sh, DecodeSet(r)}
		if r.Err() != nil {
			return c
		}
	}
	c.Final = DecodeSignedHeader(r)
	return c
}
