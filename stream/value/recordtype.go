package value

import (
	"encoding/binary"
	"iter"
)

// Limits of the type of a record.
const (
	MaxRecordFields    = 1664     // as PostgreSQL; else 54011
	MaxRecordDepth     = 8        // records within records, each doubles quotes; else 54001
	MaxRecordTypeBytes = 32 << 10 // names and types of all fields, those within too; else 54001
)

// Field is a field of a record.
type Field struct {
	Name string
	Type Type
}

// RecordOf returns the type of records with these fields. Its Fields is canonical: for each field
//
//	varint length of the name, name, kind, precision, scale
//	of an array the kind of its elements; of a record varint length of its Fields, its Fields
//
// Two types are == if and only if their fields have the same names and types.
func RecordOf(fields []Field) (Type, *Error) {
	if len(fields) > MaxRecordFields {
		return Type{}, Errorf("54011", "ROW expressions can have at most %d entries",
			MaxRecordFields)
	}
	var b []byte
	for _, f := range fields {
		b = append(binary.AppendUvarint(b, uint64(len(f.Name))), f.Name...)
		b = append(b, byte(f.Type.Kind), f.Type.Precision, f.Type.Scale)
		switch f.Type.Kind {
		case Array:
			b = append(b, byte(f.Type.Elem))
		case Record:
			b = append(binary.AppendUvarint(b, uint64(len(f.Type.Fields))), f.Type.Fields...)
		}
		if len(b) > MaxRecordTypeBytes {
			return Type{}, errRecordType()
		}
	}
	t := Type{Kind: Record, Fields: string(b)}
	return t, t.validateRecord()
}

func errRecordType() *Error {
	return Errorf(StateTooDeep, "the type of a record may not take more than %d bytes, "+
		"nor nest deeper than %d", MaxRecordTypeBytes, MaxRecordDepth)
}

// RecordFields returns the fields of a record type.
func (t Type) RecordFields() []Field {
	var out []Field
	for f := range t.EachField() {
		out = append(out, f)
	}
	return out
}

// EachField visits the fields of a record type in order.
func (t Type) EachField() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		r := elemReader{s: t.Fields}
		for r.s != "" {
			f := r.field()
			if r.bad || !yield(f) {
				return
			}
		}
	}
}

// field reads one field of a type.
func (r *elemReader) field() Field {
	f := Field{Name: r.take(r.uvarint())}
	head := r.take(3)
	if r.bad {
		return Field{}
	}
	f.Type = Type{Kind: Kind(head[0]), Precision: head[1], Scale: head[2]}
	switch f.Type.Kind {
	case Array:
		if elem := r.take(1); !r.bad {
			f.Type.Elem = Kind(elem[0])
		}
	case Record:
		f.Type.Fields = r.take(r.uvarint())
	}
	return f
}

func (t Type) validateRecord() *Error {
	switch {
	case t.Precision != 0 || t.Scale != 0 || t.Elem != Null:
		return Errorf(StateBadParameter, "type record takes no modifier")
	case len(t.Fields) > MaxRecordTypeBytes:
		return errRecordType()
	}
	return t.validateFields(MaxRecordDepth)
}

// validateFields judges fields, and those of records among them to a depth.
func (t Type) validateFields(depth int) *Error {
	if depth == 0 {
		return errRecordType()
	}
	r, n := elemReader{s: t.Fields}, 0
	for ; r.s != ""; n++ {
		f := r.field()
		switch {
		case r.bad || n == MaxRecordFields || CheckText(f.Name) != nil:
			return Errorf(StateUnsupported, "a record has malformed fields")
		case f.Type.Kind == Record && (f.Type.Precision != 0 || f.Type.Scale != 0):
			return Errorf(StateBadParameter, "type record takes no modifier")
		case f.Type.Kind == Record:
			if err := f.Type.validateFields(depth - 1); err != nil {
				return err
			}
		default:
			if err := f.Type.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckComparable returns PostgreSQL's refusal (42804) to compare records of two types whose
// fields differ in number or type. Names and modifiers do not matter.
func CheckComparable(t, u Type) *Error {
	x, y := t.RecordFields(), u.RecordFields()
	for i := range min(len(x), len(y)) {
		a, b := x[i].Type, y[i].Type
		if a.Kind != b.Kind || a.Elem != b.Elem {
			return Errorf(StateMismatch,
				"cannot compare dissimilar column types %s and %s at record column %d",
				a.plain(), b.plain(), i+1)
		}
		if a.Kind == Record {
			if err := CheckComparable(a, b); err != nil {
				return err
			}
		}
	}
	if len(x) != len(y) {
		return Errorf(StateMismatch, "cannot compare record types with different numbers of columns")
	}
	return nil
}

// plain is the type without the modifier of numeric.
func (t Type) plain() Type { return Type{Kind: t.Kind, Elem: t.Elem, Fields: t.Fields} }

// CommonRecord is the type that records of two types share: the names are those of the first,
// a modifier stays where both have it. ok is false if they cannot be compared.
func CommonRecord(t, u Type) (common Type, ok bool) {
	if t == u {
		return t, true
	}
	if CheckComparable(t, u) != nil {
		return Type{}, false
	}
	fields, other := t.RecordFields(), u.RecordFields()
	for i := range fields {
		f := &fields[i]
		switch {
		case f.Type == other[i].Type:
		case f.Type.Kind == Record:
			f.Type, _ = CommonRecord(f.Type, other[i].Type)
		default:
			f.Type = f.Type.plain()
		}
	}
	common, err := RecordOf(fields)
	return common, err == nil
}
