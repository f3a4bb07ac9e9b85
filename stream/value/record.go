package value

import (
	"cmp"
	"encoding/binary"
	"strings"

	"weir/internal/invariant"
)

// NewRecord makes a record of fields that are NULL or values. Its S holds the bytes that columns
// hold:
//
//	varint number of fields
//	for each field its kind, 0 for NULL, then the value as a row holds it (package row)
//
// The bytes say what they hold, and two records of one type have the same bytes if and only if
// their fields are the same representations. Names, and the types of NULLs, are the type's.
func NewRecord(fields []Datum) Datum {
	invariant.Check(len(fields) <= MaxRecordFields, "record of %d fields", len(fields))
	dst := binary.AppendUvarint(nil, uint64(len(fields)))
	for _, d := range fields {
		dst = AppendRecordField(dst, d)
	}
	return Datum{Kind: Record, S: string(dst)}
}

// AppendRecordField appends the bytes of one field of a record, behind those of the fields before
// it and their number.
func AppendRecordField(dst []byte, d Datum) []byte {
	dst = append(dst, byte(d.Kind))
	if d.IsNull() {
		return dst
	}
	return appendElem(dst, d)
}

// RecordValues returns the fields of a record. Texts share storage with it.
func RecordValues(d Datum) []Datum {
	r := elemReader{s: d.S}
	out := make([]Datum, r.uvarint())
	for i := range out {
		out[i] = r.recordField()
	}
	invariant.Check(!r.bad, "malformed record")
	return out
}

// RecordField returns field i of a record. Texts share storage with it.
func RecordField(d Datum, i int) Datum {
	r := elemReader{s: d.S}
	n := r.uvarint()
	invariant.Check(uint64(i) < n, "field %d of a record of %d", i, n)
	for range i {
		r.recordField()
	}
	return r.recordField()
}

// recordField reads one field.
func (r *elemReader) recordField() Datum {
	k := r.take(1)
	if r.bad || Kind(k[0]) == Null {
		return Datum{}
	}
	if !Kind(k[0]).Valid() {
		r.bad = true
		return Datum{}
	}
	return r.elem(Kind(k[0]))
}

// ValidRecord reports whether b is what NewRecord makes of the fields of a valid type.
func ValidRecord(t Type, b []byte) bool {
	r := elemReader{s: string(b)}
	n := r.uvarint()
	for f := range t.EachField() {
		d := r.recordField()
		if n == 0 || r.bad || !d.IsNull() && (d.Kind != f.Type.Kind || !validElem(f.Type, d)) {
			return false
		}
		n--
	}
	return n == 0 && !r.bad && r.s == ""
}

// CompareRecords orders records of one type as PostgreSQL does: field by field, NULL equal to
// NULL and above all else.
func CompareRecords(a, b Datum) int {
	if a.S == b.S {
		return 0
	}
	x, y := elemReader{s: a.S}, elemReader{s: b.S}
	n, m := x.uvarint(), y.uvarint()
	for range min(n, m) {
		p, q := x.recordField(), y.recordField()
		if p.Kind != q.Kind && !p.IsNull() && !q.IsNull() { // no plan compares such
			return cmp.Compare(p.Kind, q.Kind)
		}
		if r := CompareNulls(p, q, false); r != 0 {
			return r
		}
	}
	return cmp.Compare(n, m)
}

// RecordHas reports whether a record has a field that is NULL (null), or one that is not.
func RecordHas(d Datum, null bool) bool {
	r := elemReader{s: d.S}
	for range r.uvarint() {
		if r.recordField().IsNull() == null {
			return true
		}
	}
	return false
}

// appendRecordText appends PostgreSQL's output form of a record, such as (1,,"a b").
func appendRecordText(dst []byte, d Datum) []byte {
	r := elemReader{s: d.S}
	dst = append(dst, '(')
	for i := range r.uvarint() {
		if i > 0 {
			dst = append(dst, ',')
		}
		f := r.recordField()
		if f.IsNull() {
			continue
		}
		start := len(dst)
		dst = AppendText(dst, f)
		if needsRecordQuotes(dst[start:]) {
			dst = appendRecordQuoted(dst[:start], string(dst[start:]))
		}
	}
	return append(dst, ')')
}

func needsRecordQuotes(b []byte) bool {
	for _, c := range b {
		if strings.IndexByte("\"\\(), \t\n\r\v\f", c) >= 0 {
			return true
		}
	}
	return len(b) == 0
}

func appendRecordQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, s[i])
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
