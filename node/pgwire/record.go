package pgwire

import (
	"encoding/binary"

	"weir/stream/value"
)

// appendTyped appends the binary form of a value of type t, which names the fields of a record.
func appendTyped(dst []byte, t value.Type, d value.Datum) []byte {
	if d.Kind == value.Record {
		return appendRecord(dst, t, d)
	}
	return appendBinary(dst, d)
}

// appendRecord appends the binary form of a record: the number of fields; then for each the OID of
// its type, its length, -1 for NULL, and its binary form. Source: record_send of PostgreSQL's
// rowtypes.c.
func appendRecord(dst []byte, t value.Type, d value.Datum) []byte {
	values := value.RecordValues(d)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(values)))
	i := 0
	for f := range t.EachField() {
		dst = binary.BigEndian.AppendUint32(dst, OID(f.Type))
		if values[i].IsNull() {
			dst = binary.BigEndian.AppendUint32(dst, 0xffffffff)
		} else {
			at := len(dst)
			dst = appendTyped(append(dst, 0, 0, 0, 0), f.Type, values[i])
			binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
		i++
	}
	return dst
}
