package row

import (
	"encoding/binary"

	"weir/stream/value"
)

// Arrays: each element with its tag as a column has it, then endArray, which is below both tags.
const endArray = 0x01

// jsonb: a tag in the order of value.CompareJSON, then the value; arrays and objects have the
// number of their members in 4 bytes, big endian, in front of them.
const (
	jsonEmpty  = 0x01 // a document that is an empty array
	jsonNull   = 0x02
	jsonString = 0x03
	jsonNumber = 0x04
	jsonFalse  = 0x05
	jsonTrue   = 0x06
	jsonArray  = 0x07
	jsonObject = 0x08
)

// appendKeyTree appends the key of an array, a jsonb or a record. A record is its fields, each
// with its tag as a column has it: their number and types are the type's.
func appendKeyTree(dst []byte, d value.Datum) []byte {
	switch d.Kind {
	case value.Record:
		for _, f := range value.RecordValues(d) {
			dst = AppendKeyDatum(dst, f)
		}
		return dst
	case value.JSONB:
		if d.S == "[]" {
			return append(dst, jsonEmpty)
		}
		return appendKeyJSON(dst, value.ReadJSON(d.S))
	}
	for _, e := range value.ArrayElems(d) {
		dst = AppendKeyDatum(dst, e)
	}
	return append(dst, endArray)
}

func appendKeyJSON(dst []byte, j value.JSON) []byte {
	switch j.Kind {
	case value.JSONNull:
		return append(dst, jsonNull)
	case value.JSONString:
		return appendKeyBytes(append(dst, jsonString), j.Str)
	case value.JSONNumber:
		return appendKeyDecimal(append(dst, jsonNumber), j.Num)
	case value.JSONBool:
		if j.Bool {
			return append(dst, jsonTrue)
		}
		return append(dst, jsonFalse)
	}
	tag := byte(jsonArray)
	if j.Kind == value.JSONObject {
		tag = jsonObject
	}
	dst = binary.BigEndian.AppendUint32(append(dst, tag), uint32(len(j.Elems)))
	for i, e := range j.Elems {
		if j.Kind == value.JSONObject {
			dst = appendKeyBytes(dst, j.Keys[i])
		}
		dst = appendKeyJSON(dst, e)
	}
	return dst
}

func (r *reader) keyRecord(t value.Type) value.Datum {
	var fields []value.Datum
	for f := range t.EachField() {
		fields = append(fields, r.keyDatum(f.Type))
	}
	if r.bad {
		return value.Datum{}
	}
	return value.NewRecord(fields)
}

func (r *reader) keyArray(t value.Type) value.Datum {
	r.require(t.Elem.Valid() && t.Elem < value.Array)
	var elems []value.Datum
	for !r.bad {
		if len(r.b) > 0 && r.b[0] == endArray {
			r.b = r.b[1:]
			return value.NewArray(t.ElemType(), elems)
		}
		elems = append(elems, r.keyDatum(t.ElemType()))
		r.require(len(elems) <= value.MaxArrayLen)
	}
	return value.Datum{}
}

func (r *reader) keyJSON() value.Datum {
	if len(r.b) > 0 && r.b[0] == jsonEmpty {
		r.b = r.b[1:]
		return value.Datum{Kind: value.JSONB, S: "[]"}
	}
	j := r.keyJSONValue(0)
	if r.bad {
		return value.Datum{}
	}
	r.require(depthlessEmpty(j))
	return value.Datum{Kind: value.JSONB, S: string(j.AppendText(nil))}
}

// depthlessEmpty refuses the other spelling of an empty array as a document.
func depthlessEmpty(j value.JSON) bool { return j.Kind != value.JSONArray || len(j.Elems) > 0 }

func (r *reader) keyJSONValue(depth int) value.JSON {
	switch r.byte() {
	case jsonNull:
		return value.JSON{}
	case jsonString:
		return value.JSON{Kind: value.JSONString, Str: string(r.keyBytes(value.Text))}
	case jsonNumber:
		return value.JSON{Kind: value.JSONNumber, Num: r.keyDecimal(value.Of(value.Numeric))}
	case jsonFalse:
		return value.JSON{Kind: value.JSONBool}
	case jsonTrue:
		return value.JSON{Kind: value.JSONBool, Bool: true}
	case jsonArray:
		return r.keyJSONMembers(value.JSON{Kind: value.JSONArray}, depth)
	case jsonObject:
		return r.keyJSONMembers(value.JSON{Kind: value.JSONObject}, depth)
	}
	r.bad = true
	return value.JSON{}
}

func (r *reader) keyJSONMembers(j value.JSON, depth int) value.JSON {
	n := binary.BigEndian.Uint32(r.take(4))
	r.require(depth < value.MaxJSONDepth && uint64(n) <= uint64(len(r.b)))
	for i := uint32(0); i < n && !r.bad; i++ {
		if j.Kind == value.JSONObject {
			key := string(r.keyBytes(value.Text))
			last := len(j.Keys) - 1
			r.require(last < 0 || value.CompareJSONKeys(j.Keys[last], key) < 0)
			j.Keys = append(j.Keys, key)
		}
		j.Elems = append(j.Elems, r.keyJSONValue(depth+1))
	}
	return j
}
