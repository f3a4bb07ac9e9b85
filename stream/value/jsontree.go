package value

import (
	"cmp"
	"slices"
	"strings"
)

// JSONKind is the type of a JSON value, in the order in which jsonb sorts them.
type JSONKind uint8

// The kinds of JSON values.
const (
	JSONNull JSONKind = iota
	JSONString
	JSONNumber
	JSONBool
	JSONArray
	JSONObject
)

// JSON is a JSON document as a tree.
type JSON struct {
	Kind  JSONKind
	Bool  bool
	Num   Decimal
	Str   string
	Elems []JSON   // of an array; of an object the values of Keys
	Keys  []string // by length, then bytes, each once
}

// ReadJSON makes the tree of the text of a jsonb value.
func ReadJSON(canonical string) JSON {
	p := jsonParser{in: canonical}
	return p.tree()
}

// tree reads canonical text, which has no faults.
func (p *jsonParser) tree() JSON {
	p.space()
	switch c := p.in[p.pos]; c {
	case '{':
		p.pos++
		j := JSON{Kind: JSONObject}
		for !p.accept('}') {
			p.accept(',')
			p.space()
			key, _ := p.string()
			p.accept(':')
			j.Keys, j.Elems = append(j.Keys, key), append(j.Elems, p.tree())
		}
		return j
	case '[':
		p.pos++
		j := JSON{Kind: JSONArray}
		for !p.accept(']') {
			p.accept(',')
			j.Elems = append(j.Elems, p.tree())
		}
		return j
	case '"':
		s, _ := p.string()
		return JSON{Kind: JSONString, Str: s}
	case 't':
		p.pos += len("true")
		return JSON{Kind: JSONBool, Bool: true}
	case 'f':
		p.pos += len("false")
		return JSON{Kind: JSONBool}
	case 'n':
		p.pos += len("null")
		return JSON{}
	}
	n := p.run("0123456789-.", -1)
	d, _ := ParseDecimal(p.in[p.pos : p.pos+n])
	p.pos += n
	return JSON{Kind: JSONNumber, Num: d}
}

// AppendText appends the canonical text.
func (j JSON) AppendText(dst []byte) []byte {
	switch j.Kind {
	case JSONNull:
		return append(dst, "null"...)
	case JSONString:
		return appendJSONString(dst, j.Str)
	case JSONNumber:
		return j.Num.Trim().AppendText(dst)
	case JSONBool:
		if j.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case JSONArray:
		dst = append(dst, '[')
		for i, e := range j.Elems {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = e.AppendText(dst)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, e := range j.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendJSONString(dst, j.Keys[i]), ": "...)
		dst = e.AppendText(dst)
	}
	return append(dst, '}')
}

// Depth returns how many arrays and objects nest: 0 for a scalar.
func (j JSON) Depth() int {
	if j.Kind < JSONArray {
		return 0
	}
	d := 0
	for _, e := range j.Elems {
		d = max(d, e.Depth())
	}
	return d + 1
}

// NewJSON makes a jsonb; 54001 for one that nests deeper than MaxJSONDepth.
func NewJSON(j JSON) (Datum, *Error) {
	if j.Depth() > MaxJSONDepth {
		return NullDatum, Errorf(StateTooDeep, "jsonb nests deeper than %d", MaxJSONDepth)
	}
	return Datum{Kind: JSONB, S: string(j.AppendText(nil))}, nil
}

// CompareJSONKeys orders the keys of an object: by length, then bytes.
func CompareJSONKeys(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// Member returns the value of a key; ok is false if j is no object that has it.
func (j JSON) Member(key string) (v JSON, ok bool) {
	if j.Kind != JSONObject {
		return JSON{}, false
	}
	i, ok := slices.BinarySearchFunc(j.Keys, key, CompareJSONKeys)
	if !ok {
		return JSON{}, false
	}
	return j.Elems[i], true
}

// NewJSONObject makes an object of members in any order; of equal keys the last counts.
func NewJSONObject(keys []string, elems []JSON) JSON {
	at := make([]int, len(keys))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return CompareJSONKeys(keys[a], keys[b]) })
	j := JSON{Kind: JSONObject}
	for n, i := range at {
		if n+1 < len(at) && keys[at[n+1]] == keys[i] {
			continue
		}
		j.Keys, j.Elems = append(j.Keys, keys[i]), append(j.Elems, elems[i])
	}
	return j
}

// CompareJSON orders jsonb values, given by their texts, as PostgreSQL's btree does: objects
// above arrays above booleans above numbers above strings above null; of arrays and of objects
// the one with more members is greater, then members decide in turn, a key before its value. An
// empty array that is the whole document is least of all, as it is there by accident.
func CompareJSON(a, b string) int {
	if a == b {
		return 0
	}
	if a == "[]" || b == "[]" {
		return cmp.Compare(rankJSON(a), rankJSON(b))
	}
	return ReadJSON(a).compare(ReadJSON(b))
}

func rankJSON(s string) int {
	if s == "[]" {
		return 0
	}
	return 1
}

func (j JSON) compare(k JSON) int {
	if j.Kind != k.Kind {
		return cmp.Compare(j.Kind, k.Kind)
	}
	switch j.Kind {
	case JSONString:
		return strings.Compare(j.Str, k.Str)
	case JSONNumber:
		return j.Num.Cmp(k.Num)
	case JSONBool:
		return cmp.Compare(boolInt(j.Bool), boolInt(k.Bool))
	}
	if len(j.Elems) != len(k.Elems) {
		return cmp.Compare(len(j.Elems), len(k.Elems))
	}
	for i := range j.Elems {
		if j.Kind == JSONObject {
			if r := strings.Compare(j.Keys[i], k.Keys[i]); r != 0 {
				return r
			}
		}
		if r := j.Elems[i].compare(k.Elems[i]); r != 0 {
			return r
		}
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
