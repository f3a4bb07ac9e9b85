package comet

import (
	"encoding/binary"

	"weir/client/verify/refusal"
	"weir/client/verify/wire"
)

// Smallest encodings of repeated items, in bytes: they bound what a count may allocate.
const (
	minCommitSig = 1
	minValidator = 1 + KeySize + 8
	minLink      = 94
)

// keyEd25519 is the key type byte in front of every public key of a set.
const keyEd25519 = 1

// AppendSignedHeader appends sh in its canonical encoding (docs/spec/evidence.md). Fields must
// be within the limits that DecodeSignedHeader sets.
func AppendSignedHeader(dst []byte, sh *SignedHeader) []byte {
	return appendCommit(AppendHeader(dst, &sh.Header), &sh.Commit)
}

// DecodeSignedHeader reads what AppendSignedHeader wrote.
func DecodeSignedHeader(r *wire.Reader) SignedHeader {
	h := DecodeHeader(r)
	return SignedHeader{h, decodeCommit(r)}
}

// AppendHeader appends h without a commit.
func AppendHeader(dst []byte, h *Header) []byte {
	dst = binary.BigEndian.AppendUint64(dst, h.VersionBlock)
	dst = binary.BigEndian.AppendUint64(dst, h.VersionApp)
	dst = wire.AppendShort(dst, []byte(h.ChainID))
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.Height))
	dst = encodeTime(dst, h.Time)
	dst = encodeBlockID(dst, &h.LastBlockID)
	for _, f := range h.hashes() {
		dst = wire.AppendShort(dst, *f)
	}
	return append(dst, h.Proposer[:]...)
}

// DecodeHeader reads what AppendHeader wrote. The byte strings alias the input.
func DecodeHeader(r *wire.Reader) (h Header) {
	h.VersionBlock, h.VersionApp = r.U64(), r.U64()
	h.ChainID = decodeChainID(r)
	if h.Height = r.I64(); h.Height <= 0 {
		r.Fail(refusal.Malformed, "a header has height %d", h.Height)
	}
	h.Time = decodeTime(r)
	h.LastBlockID = decodeBlockID(r)
	for _, f := range h.hashes() {
		*f = decodeHash(r)
	}
	copy(h.Proposer[:], r.Take(AddressSize))
	return h
}

// hashes returns the header's hash fields in their order.
func (h *Header) hashes() [8]*[]byte {
	return [...]*[]byte{
		&h.LastCommitHash, &h.DataHash, &h.ValidatorsHash, &h.NextValidatorsHash,
		&h.ConsensusHash, &h.AppHash, &h.LastResultsHash, &h.EvidenceHash,
	}
}

func appendCommit(dst []byte, c *Commit) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.Height))
	dst = binary.BigEndian.AppendUint32(dst, uint32(c.Round))
	dst = encodeBlockID(dst, &c.BlockID)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(c.Signatures)))
	for i := range c.Signatures {
		s := &c.Signatures[i]
		dst = append(dst, byte(s.Flag))
		if s.Flag == FlagAbsent {
			continue
		}
		dst = append(dst, s.Address[:]...)
		dst = append(encodeTime(dst, s.Time), s.Signature[:]...)
	}
	return dst
}

func decodeCommit(r *wire.Reader) (c Commit) {
	c.Height = r.I64()
	if c.Round = int32(r.U32()); c.Height <= 0 || c.Round < 0 {
		r.Fail(refusal.Malformed, "a commit has height %d and round %d", c.Height, c.Round)
	}
	c.BlockID = decodeBlockID(r)
	c.Signatures = make([]CommitSig, r.Count(MaxValidators, minCommitSig, "votes in a commit"))
	for i := range c.Signatures {
		s := &c.Signatures[i]
		switch s.Flag = Flag(r.U8()); s.Flag {
		case FlagAbsent:
		case FlagCommit, FlagNil:
			copy(s.Address[:], r.Take(AddressSize))
			s.Time = decodeTime(r)
			copy(s.Signature[:], r.Take(SignatureSize))
		default:
			r.Fail(refusal.Malformed, "a vote has the unknown flag %d", s.Flag)
			return c
		}
	}
	return c
}

// AppendSet appends s in its canonical encoding.
func AppendSet(dst []byte, s Set) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
	for i := range s {
		dst = append(append(dst, keyEd25519), s[i].Key[:]...)
		dst = binary.BigEndian.AppendUint64(dst, uint64(s[i].Power))
	}
	return dst
}

// DecodeSet reads what AppendSet wrote. It does not judge order and powers: Set.Check does.
func DecodeSet(r *wire.Reader) Set {
	s := make(Set, r.Count(MaxValidators, minValidator, "validators in a set"))
	for i := range s {
		if kind := r.U8(); kind != keyEd25519 {
			r.Fail(refusal.Version, "a validator has key type %d, only Ed25519 (1) is known", kind)
			return nil
		}
		copy(s[i].Key[:], r.Take(KeySize))
		s[i].Power = r.I64()
	}
	return s
}

func encodeTime(dst []byte, t Time) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(t.Seconds))
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nanos))
}

func decodeTime(r *wire.Reader) Time {
	t := Time{r.I64(), int32(r.U32())}
	if !t.valid() {
		r.Fail(refusal.Malformed, "a time is out of range")
	}
	return t
}

func encodeBlockID(dst []byte, id *BlockID) []byte {
	dst = wire.AppendShort(dst, id.Hash)
	dst = binary.BigEndian.AppendUint32(dst, id.PartsTotal)
	return wire.AppendShort(dst, id.PartsHash)
}

func decodeBlockID(r *wire.Reader) BlockID {
	hash := decodeHash(r)
	return BlockID{hash, r.U32(), decodeHash(r)}
}

// decodeHash reads a hash of 32 bytes, or of none (then nil).
func decodeHash(r *wire.Reader) []byte {
	b := r.Short(HashSize, "a hash")
	switch len(b) {
	case 0:
		return nil
	case HashSize:
		return b
	}
	r.Fail(refusal.Malformed, "a hash has %d bytes", len(b))
	return nil
}

func decodeChainID(r *wire.Reader) string {
	id := string(r.Short(MaxChainID, "a chain id"))
	if r.Err() == nil && !validChainID(id) {
		r.Fail(refusal.Malformed, "a chain id is empty or not printable ASCII")
	}
	return id
}

// validChainID reports whether id has 1..MaxChainID printable ASCII characters, so that it can
// be shown to people as it is.
func validChainID(id string) bool {
	for i := range len(id) {
		if id[i] < ' ' || id[i] > '~' {
			return false
		}
	}
	return len(id) > 0 && len(id) <= MaxChainID
}
