package expr

import (
	"strings"

	"weir/stream/value"
)

// shape is what the library knows of a type: a kind, or arrayBit over the kind of an array's
// elements. It has no modifier.
type shape = value.Kind

// arrayBit marks the shape of an array.
const arrayBit shape = 0x40

// arrayOf returns the shape of arrays of k.
func arrayOf(k shape) shape { return k | arrayBit }

// elemOf returns the shape of an array's elements.
func elemOf(s shape) shape { return s &^ arrayBit }

func isArray(s shape) bool { return s&arrayBit != 0 }

// shapeOf returns the shape of a type.
func shapeOf(t value.Type) shape {
	if t.Kind == value.Array {
		return arrayOf(t.Elem)
	}
	return t.Kind
}

// plainType returns the type of a shape, without a modifier.
func plainType(s shape) value.Type {
	if isArray(s) {
		return value.ArrayOf(value.Of(elemOf(s)))
	}
	return value.Of(s)
}

// validShape reports whether s is a kind, not an array's, or an array of one that is no record.
func validShape(s shape) bool {
	k := elemOf(s)
	return k.Valid() && (k < value.Array || s == value.Record)
}

// shapeName is the kind's short name, or that of the elements and [].
func shapeName(s shape) string {
	if isArray(s) {
		return elemOf(s).String() + "[]"
	}
	return s.String()
}

// shapeByName is the inverse of shapeName.
func shapeByName(name string) (shape, bool) {
	elem, array := strings.CutSuffix(name, "[]")
	k, ok := value.KindByName(elem)
	if array {
		k = arrayOf(k)
	}
	return k, ok && validShape(k)
}

// scalarKinds are the kinds other than array, in ascending order.
func scalarKinds() []shape {
	var out []shape
	for k := value.Bool; k < value.Array; k++ {
		out = append(out, k)
	}
	return out
}

// allShapes are the scalar kinds, then the arrays of each.
func allShapes() []shape {
	out := scalarKinds()
	for _, k := range scalarKinds() {
		out = append(out, arrayOf(k))
	}
	return out
}
