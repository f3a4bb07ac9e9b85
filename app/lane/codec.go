package lane

import (
	"encoding/binary"
	"errors"

	"weir/app/tx"
)

// Receipts is how many receipts a lane keeps.
const Receipts = 256

// Head is where a lane stands. The zero Head is a lane that has had no batch.
type Head struct {
	LastSeq  uint64            // of the last row applied, 0 before the first
	LastHash [tx.HashSize]byte // payload hash of the last batch, zero before the first
	Closed   bool              // the last batch was a close without rows
	Kept     uint16            // receipts in state, at most Receipts
	Oldest   uint64            // first sequence of the oldest one
	OldRows  bool              // whether the oldest one has rows
}

// Receipt is what is known of an applied batch.
type Receipt struct {
	FirstSeq    uint64 // part of the key
	Rows        uint32
	PayloadHash [tx.HashSize]byte
	Height      uint64 // of the block in which it applied
	FirstOffset uint64 // of its first row in the relation
}

const (
	headSize    = 8 + tx.HashSize + 1 + 2 + 8
	receiptSize = 4 + tx.HashSize + 8 + 8
	nonceSize   = 8 + tx.HashSize + 8

	flagClosed  = 1
	flagOldRows = 2
)

var errCodec = errors.New("lane: a state value is not in its canonical form")

// Encode returns the 51 canonical bytes of a head: u64 last sequence, last payload hash, u8
// flags (1 closed, 2 oldest has rows), u16 kept, u64 oldest.
func (h Head) Encode() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, headSize), h.LastSeq)
	b = append(b, h.LastHash[:]...)
	var flags byte
	if h.Closed {
		flags |= flagClosed
	}
	if h.OldRows {
		flags |= flagOldRows
	}
	b = binary.BigEndian.AppendUint16(append(b, flags), h.Kept)
	return binary.BigEndian.AppendUint64(b, h.Oldest)
}

// DecodeHead is the inverse of Encode. It refuses everything that Encode does not write for a
// lane that has had a batch.
func DecodeHead(b []byte) (h Head, err error) {
	if len(b) != headSize {
		return Head{}, errCodec
	}
	h.LastSeq = binary.BigEndian.Uint64(b)
	copy(h.LastHash[:], b[8:])
	rest := b[8+tx.HashSize:]
	h.Closed, h.OldRows = rest[0]&flagClosed != 0, rest[0]&flagOldRows != 0
	h.Kept, h.Oldest = binary.BigEndian.Uint16(rest[1:]), binary.BigEndian.Uint64(rest[3:])
	if rest[0] > flagClosed|flagOldRows || h.Kept == 0 || h.Kept > Receipts ||
		h.LastSeq > tx.MaxSequence || h.Oldest == 0 || h.Oldest > h.LastSeq+1 {
		return Head{}, errCodec
	}
	return h, nil
}

// Encode returns the 52 canonical bytes of a receipt: u32 rows, payload hash, u64 height, u64
// first offset. The first sequence is in the key.
func (r Receipt) Encode() []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, receiptSize), r.Rows)
	b = append(b, r.PayloadHash[:]...)
	b = binary.BigEndian.AppendUint64(b, r.Height)
	return binary.BigEndian.AppendUint64(b, r.FirstOffset)
}

// DecodeReceipt is the inverse of Encode for a receipt whose key says firstSeq.
func DecodeReceipt(firstSeq uint64, b []byte) (r Receipt, err error) {
	if len(b) != receiptSize {
		return Receipt{}, errCodec
	}
	r.FirstSeq = firstSeq
	r.Rows = binary.BigEndian.Uint32(b)
	copy(r.PayloadHash[:], b[4:])
	rest := b[4+tx.HashSize:]
	r.Height, r.FirstOffset = binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:])
	return r, nil
}

// record is a remembered nonce or rejection: u64 valid_until, a hash, u64 height. For a nonce
// the hash is the body's; for a rejection it is the signer's key.
type record struct {
	until  uint64
	hash   [32]byte
	height uint64
}

func (r record) encode() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, nonceSize), r.until)
	return binary.BigEndian.AppendUint64(append(b, r.hash[:]...), r.height)
}

func decodeRecord(b []byte) (r record, err error) {
	if len(b) != nonceSize {
		return record{}, errCodec
	}
	r.until = binary.BigEndian.Uint64(b)
	copy(r.hash[:], b[8:])
	r.height = binary.BigEndian.Uint64(b[40:])
	return r, nil
}
