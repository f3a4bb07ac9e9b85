package comet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"math/bits"

	"weir/client/verify/refusal"
)

// merkleRoot is the Merkle tree hash of RFC 6962, section 2.1.
func merkleRoot(leaves [][]byte) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1) // the greatest power of two below the number
	l, r := merkleRoot(leaves[:k]), merkleRoot(leaves[k:])
	var node [1 + 2*HashSize]byte
	node[0] = 1
	copy(node[1:], l[:])
	copy(node[1+HashSize:], r[:])
	return sha256.Sum256(node[:])
}

// Hash returns the header's hash: the Merkle root over its 14 fields, each in protobuf
// encoding (CometBFT types.Header.Hash).
func (h *Header) Hash() Hash {
	return merkleRoot([][]byte{
		appendVarint(appendVarint(nil, 1, h.VersionBlock), 2, h.VersionApp),
		appendBytes(nil, 1, h.ChainID),
		appendVarint(nil, 1, uint64(h.Height)),
		appendTime(nil, h.Time),
		appendBlockID(nil, h.LastBlockID),
		appendBytes(nil, 1, h.LastCommitHash),
		appendBytes(nil, 1, h.DataHash),
		appendBytes(nil, 1, h.ValidatorsHash),
		appendBytes(nil, 1, h.NextValidatorsHash),
		appendBytes(nil, 1, h.ConsensusHash),
		appendBytes(nil, 1, h.AppHash),
		appendBytes(nil, 1, h.LastResultsHash),
		appendBytes(nil, 1, h.EvidenceHash),
		appendBytes(nil, 1, h.Proposer[:]),
	})
}

// Address returns the validator's address.
func (v *Validator) Address() Address {
	sum := sha256.Sum256(v.Key[:])
	return Address(sum[:AddressSize])
}

// Hash returns the set's hash: the Merkle root over its tendermint.types.SimpleValidator
// messages, {1: {1: key}, 2: power}.
func (s Set) Hash() Hash {
	leaves := make([][]byte, len(s))
	for i := range s {
		key := appendBytes(nil, 1, s[i].Key[:])
		leaves[i] = appendVarint(appendMessage(nil, 1, key), 2, uint64(s[i].Power))
	}
	return merkleRoot(leaves)
}

// compareValidators is CometBFT's order of a set.
func compareValidators(a, b *Validator) int {
	if c := cmp.Compare(b.Power, a.Power); c != 0 {
		return c
	}
	x, y := a.Address(), b.Address()
	return bytes.Compare(x[:], y[:])
}

// Check returns the set's total power, or a refusal: it must have 1..MaxValidators different
// keys in order, every power above 0 and the sum at most MaxTotalPower.
func (s Set) Check() (total int64, err error) {
	if len(s) == 0 {
		return 0, refusal.New(refusal.Set, "a validator set is empty")
	}
	if len(s) > MaxValidators {
		return 0, refusal.New(refusal.TooLarge, "a validator set has %d validators, the limit is %d",
			len(s), MaxValidators)
	}
	seen := make(map[[KeySize]byte]bool, len(s))
	for i := range s {
		switch v := &s[i]; {
		case v.Power <= 0 || v.Power > MaxTotalPower-total:
			return 0, refusal.New(refusal.Set, "a validator set has powers out of range")
		case seen[v.Key]:
			return 0, refusal.New(refusal.Set, "a validator set holds a key twice")
		case i > 0 && compareValidators(&s[i-1], v) >= 0:
			return 0, refusal.New(refusal.Set, "a validator set is not in order of power and address")
		}
		seen[s[i].Key] = true
		total += s[i].Power
	}
	return total, nil
}
