package lane

import (
	"encoding/binary"

	"weir/app/tx"
)

// Reader is agreed state, read one key at a time. An error is trouble of this node.
type Reader interface {
	// Probe returns the value of key, which the caller must not change.
	Probe(key []byte) (value []byte, found bool, err error)
}

// State is agreed state that can be written. It may keep key and value.
type State interface {
	Reader
	Set(key, value []byte)
	Delete(key []byte)
}

// Kinds of keys. Each is the first byte of its keys, within the range of user keys of a tree.
const (
	kindHead     = 0x10 // lane -> Head
	kindReceipt  = 0x11 // lane, u64 first sequence, u8 1 if it has rows -> Receipt
	kindNonce    = 0x12 // signer, u64 nonce -> nonce record
	kindRejected = 0x13 // body hash -> rejection record
	kindSigner   = 0x14 // signer -> u32 number of its records
	kindBucket   = 0x15 // u64 valid_until -> u32 number of entries
	kindEntry    = 0x16 // u64 valid_until, u32 index -> key of a record
	kindSwept    = 0x17 // -> u64 swept up to, u64 greatest bucket
)

// appendLane appends the canonical bytes of a lane: u8 length and role, u8 length and writer,
// u32 relation. Names are at most 255 bytes by the header check.
func appendLane(b []byte, l tx.Lane) []byte {
	b = append(append(b, byte(len(l.Role))), l.Role...)
	b = append(append(b, byte(len(l.Writer))), l.Writer...)
	return binary.BigEndian.AppendUint32(b, l.Relation)
}

// HeadKey returns the state key of a lane's head.
func HeadKey(l tx.Lane) []byte { return appendLane([]byte{kindHead}, l) }

// ReceiptKey returns the state key of the receipt for the batch of l that starts at firstSeq; a
// close without rows has its own, because it uses no number.
func ReceiptKey(l tx.Lane, firstSeq uint64, hasRows bool) []byte {
	b := binary.BigEndian.AppendUint64(appendLane([]byte{kindReceipt}, l), firstSeq)
	if hasRows {
		return append(b, 1)
	}
	return append(b, 0)
}

func nonceKey(signer [tx.KeySize]byte, nonce uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte{kindNonce}, signer[:]...), nonce)
}

func rejectedKey(body [tx.HashSize]byte) []byte { return append([]byte{kindRejected}, body[:]...) }

func signerKey(signer [tx.KeySize]byte) []byte { return append([]byte{kindSigner}, signer[:]...) }

func bucketKey(until uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kindBucket}, until)
}

func entryKey(until uint64, index uint32) []byte {
	b := binary.BigEndian.AppendUint64([]byte{kindEntry}, until)
	return binary.BigEndian.AppendUint32(b, index)
}

func sweptKey() []byte { return []byte{kindSwept} }
