package comet

import (
	"encoding/hex"
	"strings"
)

// Limits on what is decoded.
const (
	MaxChainID    = 50     // bytes of a chain id, as in CometBFT
	MaxValidators = 10_000 // in a set or a commit, as in CometBFT
	MaxLinks      = 10_000 // changes of the validator set in one chain of trust
	// MaxTotalPower bounds the sum of a set's voting power, as in CometBFT: three times it
	// still fits an int64.
	MaxTotalPower = int64(1)<<60 - 1
)

// BlockProtocol is the only header version that this package knows.
const BlockProtocol = 11

// Sizes in bytes.
const (
	HashSize      = 32
	AddressSize   = 20
	KeySize       = 32
	SignatureSize = 64
)

// Hash is a SHA-256 hash.
type Hash [HashSize]byte

// String returns the hash in upper-case hexadecimal, as CometBFT prints it.
func (h Hash) String() string { return strings.ToUpper(hex.EncodeToString(h[:])) }

// Address is the first 20 bytes of the SHA-256 of a public key.
type Address [AddressSize]byte

// Time is a moment: seconds since 1970-01-01 UTC, and nanoseconds 0..999,999,999 within.
// It is always in the years 1 to 9999.
type Time struct {
	Seconds int64
	Nanos   int32
}

// The range of Time.Seconds.
const (
	minSeconds = -62_135_596_800 // 0001-01-01T00:00:00Z
	endSeconds = 253_402_300_800 // 10000-01-01T00:00:00Z
)

// valid reports whether t is in range.
func (t Time) valid() bool {
	return minSeconds <= t.Seconds && t.Seconds < endSeconds && 0 <= t.Nanos && t.Nanos < 1e9
}

// After reports whether t is later than u.
func (t Time) After(u Time) bool {
	return t.Seconds > u.Seconds || t.Seconds == u.Seconds && t.Nanos > u.Nanos
}

// BlockID names a block: its header's hash and its parts. Hash and PartsHash have 32 bytes, or
// none in the first header's LastBlockID.
type BlockID struct {
	Hash       []byte
	PartsTotal uint32
	PartsHash  []byte
}

// Header is CometBFT's block header. The hash fields have 32 bytes or none.
type Header struct {
	VersionBlock, VersionApp uint64

	ChainID     string
	Height      int64
	Time        Time
	LastBlockID BlockID

	LastCommitHash, DataHash           []byte
	ValidatorsHash, NextValidatorsHash []byte
	ConsensusHash, AppHash             []byte
	LastResultsHash, EvidenceHash      []byte

	Proposer Address
}

// Flag says what a commit signature is for. The numbers are CometBFT's.
type Flag uint8

// The flags.
const (
	FlagAbsent Flag = 1 // no vote seen
	FlagCommit Flag = 2 // a vote for the block
	FlagNil    Flag = 3 // a vote for no block
)

// CommitSig is one validator's part of a commit. An absent one has only its flag.
type CommitSig struct {
	Flag      Flag
	Address   Address
	Time      Time
	Signature [SignatureSize]byte
}

// Commit is the precommits for a block, one entry per validator of the set in charge.
type Commit struct {
	Height     int64
	Round      int32
	BlockID    BlockID
	Signatures []CommitSig
}

// SignedHeader is a header and the commit for it.
type SignedHeader struct {
	Header Header
	Commit Commit
}

// Validator is an Ed25519 public key and its voting power (> 0).
type Validator struct {
	Key   [KeySize]byte
	Power int64
}

// Set is a validator set in CometBFT's order: by power, greatest first, then by address.
type Set []Validator
