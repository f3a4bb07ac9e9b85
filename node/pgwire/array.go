package pgwire

import (
	"encoding/binary"

	"weir/stream/value"
)

// appendArray appends the binary form of an array: the number of dimensions (none if it is
// empty), whether it has NULLs, the OID of the elements; of the dimension the length and the
// first subscript; then each element as its length, -1 for NULL, and its binary form. Source:
// array_send of PostgreSQL's arrayfuncs.c.
func appendArray(dst []byte, d value.Datum) []byte {
	elems := value.ArrayElems(d)
	nulls := uint32(0)
	for _, e := range elems {
		if e.IsNull() {
			nulls = 1
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(min(len(elems), 1)))
	dst = binary.BigEndian.AppendUint32(dst, nulls)
	dst = binary.BigEndian.AppendUint32(dst, typeInfos[value.ArrayElem(d)].oid)
	if len(elems) == 0 {
		return dst
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(elems)))
	dst = binary.BigEndian.AppendUint32(dst, 1)
	for _, e := range elems {
		if e.IsNull() {
			dst = binary.BigEndian.AppendUint32(dst, 0xffffffff)
			continue
		}
		at := len(dst)
		dst = appendBinary(append(dst, 0, 0, 0, 0), e)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// parseTyped reads the binary form of a value of type t; what names the parameter in errors.
func parseTyped(t value.Type, b []byte, what string) (value.Datum, error) {
	if t.Kind == value.Array {
		return parseArray(t, b, what)
	}
	return parseBinary(t.Kind, b, what)
}

func parseArray(t value.Type, b []byte, what string) (value.Datum, error) {
	bad := errorf(stateBadBinary, "incorrect binary data format in %s", what)
	word := func() (v uint32) {
		if len(b) < 4 {
			b = nil
			return 0xfffffffe // no length, count or OID
		}
		v, b = binary.BigEndian.Uint32(b), b[4:]
		return v
	}
	dims, flags, oid := word(), word(), word()
	elem, known := TypeByOID(oid)
	if dims > 6 || flags > 1 {
		return value.Datum{}, bad
	}
	if !known || elem.Kind != t.Elem {
		return value.Datum{}, errorf("42804", "binary data has array element type %d instead of "+
			"expected %d", oid, typeInfos[t.Elem].oid)
	}
	if dims == 0 {
		return value.NewArray(t.ElemType(), nil), nil
	}
	n, first := word(), word()
	if dims > 1 || first != 1 {
		return value.Datum{}, errorf(stateUnsupported,
			"arrays have one dimension and start at 1, in %s", what)
	}
	if n > value.MaxArrayLen {
		return value.Datum{}, value.ErrArrayTooLong
	}
	if uint64(n) > uint64(len(b))/4 {
		return value.Datum{}, bad
	}
	elems := make([]value.Datum, n)
	for i := range elems {
		size := word()
		if size == 0xffffffff {
			continue
		}
		if uint64(size) > uint64(len(b)) {
			return value.Datum{}, bad
		}
		var err error
		if elems[i], err = parseBinary(t.Elem, b[:size], what); err != nil {
			return value.Datum{}, err
		}
		if t.Precision > 0 {
			d, err := elems[i].D.Rescale(t.Precision, t.Scale)
			if err != nil {
				return value.Datum{}, err
			}
			elems[i].D = d
		}
		b = b[size:]
	}
	if len(b) > 0 {
		return value.Datum{}, bad
	}
	return value.NewArray(t.ElemType(), elems), nil
}
