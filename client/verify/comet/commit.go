package comet

import (
	"bytes"
	"encoding/binary"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"weir/client/verify/refusal"
)

// precommit is CometBFT's SignedMsgType for the second vote of a round.
const precommit = 2

// zip215 selects the rules under which CometBFT's validators accept signatures.
var zip215 = &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}

// VerifySignature reports whether sig is key's signature over msg under ZIP-215.
func VerifySignature(key *[KeySize]byte, msg []byte, sig *[SignatureSize]byte) bool {
	return ed25519.VerifyWithOptions(key[:], msg, sig[:], zip215)
}

// SignBytes returns what the validator of signature i signed: the tendermint.types.CanonicalVote
// of its precommit with its length in front. A vote for no block leaves the block id out.
func (c *Commit) SignBytes(chainID string, i int) []byte {
	s := &c.Signatures[i]
	m := make([]byte, 0, 192)
	m = appendVarint(m, 1, precommit)
	m = appendFixed64(m, 2, c.Height)
	m = appendFixed64(m, 3, int64(c.Round))
	if s.Flag == FlagCommit {
		m = appendMessage(m, 4, appendBlockID(nil, c.BlockID))
	}
	m = appendMessage(m, 5, appendTime(nil, s.Time))
	m = appendBytes(m, 6, chainID)
	return append(binary.AppendUvarint(make([]byte, 0, len(m)+2), uint64(len(m))), m...)
}

// VerifySigned returns nil if set is the one that the header says is in charge and more than
// 2/3 of its power signed this very header on this chain. Every vote that is not absent must
// carry a valid signature, also those beyond 2/3 and those for no block, which count for
// nothing: the rule of CometBFT's VerifyCommit, under which validators accept commits.
func VerifySigned(sh *SignedHeader, chainID string, set Set) error {
	h, c := &sh.Header, &sh.Commit
	if err := h.check(); err != nil {
		return err
	}
	if h.ChainID != chainID {
		return refusal.New(refusal.Chain, "header %d is of chain %q, not of %q",
			h.Height, h.ChainID, chainID)
	}
	total, err := set.Check()
	if err != nil {
		return err
	}
	if sum := set.Hash(); !bytes.Equal(h.ValidatorsHash, sum[:]) {
		return refusal.New(refusal.Set,
			"header %d is of another validator set than the one in charge", h.Height)
	}
	if c.Height != h.Height {
		return refusal.New(refusal.Signature, "the commit is for height %d, the header is %d",
			c.Height, h.Height)
	}
	if sum := h.Hash(); !bytes.Equal(c.BlockID.Hash, sum[:]) {
		return refusal.New(refusal.Signature, "the commit at height %d is for another block", h.Height)
	}
	if len(c.Signatures) != len(set) {
		return refusal.New(refusal.Signature, "the commit at height %d has %d votes for %d validators",
			h.Height, len(c.Signatures), len(set))
	}
	return c.tally(chainID, set, total)
}

// tally verifies the votes and adds up the power of those for the block.
func (c *Commit) tally(chainID string, set Set, total int64) error {
	var signed int64
	for i := range c.Signatures {
		s, v := &c.Signatures[i], &set[i]
		if s.Flag == FlagAbsent {
			continue
		}
		if s.Address != v.Address() {
			return refusal.New(refusal.Signature,
				"vote %d at height %d is of another validator than the set's", i, c.Height)
		}
		if !VerifySignature(&v.Key, c.SignBytes(chainID, i), &s.Signature) {
			return refusal.New(refusal.Signature,
				"the signature of validator %d at height %d is wrong", i, c.Height)
		}
		if s.Flag == FlagCommit {
			signed += v.Power
		}
	}
	if signed*3 <= total*2 { // no overflow: total <= MaxTotalPower
		return refusal.New(refusal.Power,
			"%d of %d voting power signed at height %d, which is not more than 2/3",
			signed, total, c.Height)
	}
	return nil
}

// Shorten returns the commit with every vote marked absent that is not needed: those not for
// the block, and those of the least power beyond 2/3. It stays valid for set.
func (c *Commit) Shorten(set Set) Commit {
	var total, signed int64
	for i := range set {
		total += set[i].Power
	}
	out := *c
	out.Signatures = make([]CommitSig, len(c.Signatures))
	for i := range c.Signatures {
		out.Signatures[i] = CommitSig{Flag: FlagAbsent}
		if i < len(set) && c.Signatures[i].Flag == FlagCommit && signed*3 <= total*2 {
			out.Signatures[i] = c.Signatures[i]
			signed += set[i].Power
		}
	}
	return out
}

// check refuses headers that no CometBFT chain makes.
func (h *Header) check() error {
	switch {
	case h.VersionBlock != BlockProtocol:
		return refusal.New(refusal.Version, "a header has block protocol %d, only %d is known",
			h.VersionBlock, BlockProtocol)
	case h.Height <= 0:
		return refusal.New(refusal.Malformed, "a header has height %d", h.Height)
	case !h.Time.valid():
		return refusal.New(refusal.Malformed, "header %d has a time out of range", h.Height)
	case len(h.ValidatorsHash) != HashSize || len(h.NextValidatorsHash) != HashSize:
		return refusal.New(refusal.Malformed, "header %d names no validator set", h.Height)
	}
	return nil
}
