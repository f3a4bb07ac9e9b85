package eventlog

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A record of a leaf: first offset u64, rows u32, check sum of them and the index, leaf bytes.
// A record of a payload: one byte that says whether it was erased, and the payload if not.
const (
	headSize = 8 + 4 + checkSize
	// checkSize is the length of a head's check sum: the start of a SHA-256.
	checkSize = 8

	payloadErased = 0
	payloadHere   = 1
)

// Head is the part of a leaf's record that says which offsets it covers.
type Head struct {
	First uint64 // offset of the first row
	Rows  uint32 // number of rows
}

// end is the offset behind the last row.
func (h Head) end() uint64 { return h.First + uint64(h.Rows) }

func (h Head) append(b []byte, index uint64) []byte {
	b = binary.BigEndian.AppendUint64(b, h.First)
	b = binary.BigEndian.AppendUint32(b, h.Rows)
	sum := h.check(index)
	return append(b, sum[:checkSize]...)
}

// check is the check sum of the head of the leaf with this index.
func (h Head) check(index uint64) [sha256.Size]byte {
	var b [20]byte
	binary.BigEndian.PutUint64(b[:], index)
	binary.BigEndian.PutUint64(b[8:], h.First)
	binary.BigEndian.PutUint32(b[16:], h.Rows)
	return sha256.Sum256(b[:])
}

// DecodeHead reads the head of the record of the leaf with this index.
//
// Errors: ErrRecord.
func DecodeHead(index uint64, record []byte) (Head, error) {
	if len(record) < headSize {
		return Head{}, fmt.Errorf("%w: leaf %d is too short", ErrRecord, index)
	}
	h := Head{binary.BigEndian.Uint64(record), binary.BigEndian.Uint32(record[8:])}
	sum := h.check(index)
	if string(sum[:checkSize]) != string(record[12:headSize]) || h.Rows > RowsMax ||
		h.First > OffsetMax-uint64(h.Rows) {
		return Head{}, fmt.Errorf("%w: head of leaf %d", ErrRecord, index)
	}
	return h, nil
}

// DecodeLeaf reads the record of the leaf with this index. It does not know whether the leaf
// is in the log.
//
// Errors: ErrRecord.
func DecodeLeaf(index uint64, record []byte) (Head, []byte, error) {
	h, err := DecodeHead(index, record)
	if err != nil {
		return Head{}, nil, err
	}
	leaf := record[headSize:]
	if len(leaf) == 0 || len(leaf) > LeafMax {
		return Head{}, nil, fmt.Errorf("%w: leaf %d of %d bytes", ErrRecord, index, len(leaf))
	}
	return h, leaf, nil
}

func appendLeaf(b []byte, index uint64, r *Record) []byte {
	if b == nil {
		b = make([]byte, 0, headSize+len(r.Leaf))
	}
	return append(Head{r.First, r.Rows}.append(b, index), r.Leaf...)
}

// DecodePayload reads the record of the payload beside the leaf with this index.
//
// Errors: ErrErased, ErrRecord.
func DecodePayload(index uint64, record []byte) ([]byte, error) {
	switch {
	case len(record) == 1 && record[0] == payloadErased:
		return nil, fmt.Errorf("%w: leaf %d", ErrErased, index)
	case len(record) == 0 || record[0] != payloadHere || len(record) > 1+PayloadMax:
		return nil, fmt.Errorf("%w: payload %d", ErrRecord, index)
	}
	return record[1:], nil
}

func appendPayload(b, payload []byte) []byte {
	if b == nil {
		b = make([]byte, 0, 1+len(payload))
	}
	return append(append(b, payloadHere), payload...)
}

// IsErased tells whether a record of a payload says that it was erased.
func IsErased(record []byte) bool { return len(record) == 1 && record[0] == payloadErased }
