package tx

import (
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"weir/internal/invariant"
)

// checkCanonical accepts exactly one encoding of every message of type md: known fields in
// ascending order, once each unless repeated, at most one member of a oneof, no field that holds
// its default, shortest varints, known enum values. So a header means the same to every decoder,
// and a field from a newer version is never silently ignored. Depth is bounded by the schema,
// which has no recursive message.
func checkCanonical(md protoreflect.MessageDescriptor, b []byte) *Reject {
	var last protowire.Number
	var oneof protoreflect.OneofDescriptor
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || n != protowire.SizeTag(num) {
			return notCanonical(md, "a broken field tag")
		}
		b = b[n:]
		fd := md.Fields().ByNumber(num)
		if fd == nil {
			return Rejectf(CodeUnknownField, "%s has no field %d", md.Name(), num)
		}
		if num < last || num == last && !fd.IsList() {
			return notCanonical(md, "fields out of order")
		}
		last = num
		if of := fd.ContainingOneof(); of != nil {
			if of == oneof {
				return notCanonical(md, "two kinds at once")
			}
			oneof = of
		}
		size, rej := checkField(md, fd, typ, b)
		if rej != nil {
			return rej
		}
		b = b[size:]
	}
	return nil
}

// checkField checks the value at the start of b and returns its size.
func checkField(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor,
	typ protowire.Type, b []byte,
) (int, *Reject) {
	if typ != wireType(fd.Kind()) {
		return 0, notCanonical(md, "field "+string(fd.Name())+" of the wrong wire type")
	}
	if typ == protowire.VarintType {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 || n != protowire.SizeVarint(v) {
			return 0, notCanonical(md, "a broken number in "+string(fd.Name()))
		}
		return n, checkNumber(md, fd, v)
	}
	v, n := protowire.ConsumeBytes(b)
	if n < 0 || n != protowire.SizeBytes(len(v)) {
		return 0, notCanonical(md, "a broken length of "+string(fd.Name()))
	}
	if fd.Kind() == protoreflect.MessageKind {
		return n, checkCanonical(fd.Message(), v)
	}
	if len(v) == 0 && !fd.HasPresence() {
		return 0, notCanonical(md, "an empty "+string(fd.Name()))
	}
	if fd.Kind() == protoreflect.StringKind && !utf8.Valid(v) {
		return 0, notCanonical(md, "text that is not UTF-8 in "+string(fd.Name()))
	}
	return n, nil
}

// checkNumber checks the range of a varint field.
func checkNumber(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor,
	v uint64,
) *Reject {
	if v == 0 && !fd.HasPresence() {
		return notCanonical(md, "a zero "+string(fd.Name()))
	}
	limit := uint64(math.MaxUint64)
	switch fd.Kind() {
	case protoreflect.BoolKind:
		limit = 1
	case protoreflect.Uint32Kind:
		limit = math.MaxUint32
	case protoreflect.EnumKind:
		limit = math.MaxInt32
	}
	if v > limit {
		return notCanonical(md, "a number out of range in "+string(fd.Name()))
	}
	if fd.Kind() == protoreflect.EnumKind &&
		fd.Enum().Values().ByNumber(protoreflect.EnumNumber(v)) == nil {
		return Rejectf(CodeUnknownField, "%s.%s has no value %d", md.Name(), fd.Name(), v)
	}
	return nil
}

// wireType returns the wire type of the kinds that the schema uses.
func wireType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.BoolKind, protoreflect.EnumKind, protoreflect.Uint32Kind,
		protoreflect.Uint64Kind:
		return protowire.VarintType
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	}
	invariant.Fail("the header schema uses kind %s, which has no canonical rule", k)
	return 0
}

func notCanonical(md protoreflect.MessageDescriptor, what string) *Reject {
	return Rejectf(CodeMalformed, "%s has %s", md.Name(), what)
}
