package proof

import (
	"crypto/sha256"
	"encoding/binary"
)

// Hash is a SHA-256 digest.
type Hash = [sha256.Size]byte

// Domain bytes: the first byte of every hashed preimage of the ledger.
const (
	DomainLeaf      = 0x00 // tree leaf; also a log's leaf, as in RFC 6962
	DomainInner     = 0x01 // inner node of trees and logs
	DomainLog       = 0x02 // unit root of a log
	DomainStatePage = 0x03 // page of operator state
	DomainState     = 0x04 // root of operator state
	DomainPage      = 0x05 // tree page, hashed for its page id
)

// MaxDepth bounds the binary depth of a tree, and so the recursion of a verifier.
const MaxDepth = 64

// The first and the last key of every tree are one byte long and belong to nobody: user keys
// start with 10 and unit names with 01..FE. Their value is SentinelValue.
const (
	SentinelLow   = 0x00
	SentinelHigh  = 0xFF
	SentinelValue = 0x00
)

// LeafHash is the hash of a tree entry: SHA-256(00 20 SHA-256(key) 20 SHA-256(value)).
func LeafHash(key, value []byte) Hash {
	vh := sha256.Sum256(value)
	return leafHash(key, &vh)
}

func leafHash(key []byte, valueHash *Hash) Hash {
	kh := sha256.Sum256(key)
	var b [3 + 2*sha256.Size]byte
	b[0] = DomainLeaf
	b[1] = sha256.Size
	copy(b[2:], kh[:])
	b[2+sha256.Size] = sha256.Size
	copy(b[3+sha256.Size:], valueHash[:])
	return sha256.Sum256(b[:])
}

// InnerHash is the hash of an inner node: SHA-256(01 left right).
func InnerHash(left, right *Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = DomainInner
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// LogLeafHash is the leaf hash of RFC 6962: SHA-256(00 leaf).
func LogLeafHash(leaf []byte) Hash {
	h := sha256.New()
	h.Write([]byte{DomainLeaf})
	h.Write(leaf)
	var out Hash
	h.Sum(out[:0])
	return out
}

// EmptyLogHash is the Merkle tree hash of a log without leaves: SHA-256 of nothing.
func EmptyLogHash() Hash { return sha256.Sum256(nil) }

// LogState is what the unit root of a log commits to.
type LogState struct {
	Size uint64 // number of leaves
	Next uint64 // offset that the next row will take
	MTH  Hash   // Merkle tree hash of RFC 6962 over the leaves
}

// Root is the unit root: SHA-256(02 || size u64 || next offset u64 || Merkle tree hash), with
// integers big-endian.
func (s LogState) Root() Hash {
	var b [17 + sha256.Size]byte
	b[0] = DomainLog
	binary.BigEndian.PutUint64(b[1:], s.Size)
	binary.BigEndian.PutUint64(b[9:], s.Next)
	copy(b[17:], s.MTH[:])
	return sha256.Sum256(b[:])
}
