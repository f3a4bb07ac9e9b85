package comet

import "encoding/binary"

// Protobuf's wire format, as far as hashed and signed messages need it: fields in ascending
// order, zero values left out, except embedded messages that CometBFT declares non-nullable.

// appendVarint appends field n of varint type, unless v is 0.
func appendVarint(dst []byte, n int, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return binary.AppendUvarint(append(dst, byte(n<<3)), v)
}

// appendFixed64 appends field n of type sfixed64, unless v is 0.
func appendFixed64(dst []byte, n int, v int64) []byte {
	if v == 0 {
		return dst
	}
	return binary.LittleEndian.AppendUint64(append(dst, byte(n<<3|1)), uint64(v))
}

// appendBytes appends field n of bytes or string type, unless b is empty.
func appendBytes[B []byte | string](dst []byte, n int, b B) []byte {
	if len(b) == 0 {
		return dst
	}
	return appendMessage(dst, n, b)
}

// appendMessage appends field n as an embedded message, also when it is empty.
func appendMessage[B []byte | string](dst []byte, n int, m B) []byte {
	dst = binary.AppendUvarint(append(dst, byte(n<<3|2)), uint64(len(m)))
	return append(dst, m...)
}

// appendTime appends the fields of google.protobuf.Timestamp.
func appendTime(dst []byte, t Time) []byte {
	dst = appendVarint(dst, 1, uint64(t.Seconds))
	return appendVarint(dst, 2, uint64(t.Nanos))
}

// appendBlockID appends the fields of tendermint.types.BlockID; CanonicalBlockID has the same.
func appendBlockID(dst []byte, id BlockID) []byte {
	var parts [48]byte
	psh := appendVarint(parts[:0], 1, uint64(id.PartsTotal))
	psh = appendBytes(psh, 2, id.PartsHash)
	return appendMessage(appendBytes(dst, 1, id.Hash), 2, psh)
}
