package value_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// TestArrays: the bytes of arrays are canonical, and their texts read back.
func TestArrays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elem := value.Of(rapid.SampledFrom(valuetest.Kinds()[:value.Array-1]).Draw(t, "kind"))
		typ := value.ArrayOf(elem)
		elems := make([]value.Datum, rapid.IntRange(0, 9).Draw(t, "length"))
		for i := range elems {
			elems[i] = valuetest.Datum(t, elem, "element")
		}
		d := value.NewArray(elem, elems)
		if !value.ValidArray(elem, []byte(d.S)) || value.ArrayLen(d) != len(elems) {
			t.Fatalf("%x is not valid", d.S)
		}
		for i, e := range value.ArrayElems(d) {
			if value.FromDatums(elem, e, elems[i]); !value.Equal(e, elems[i]) {
				t.Fatalf("element %d: %v is %v", i, elems[i], e)
			}
		}
		back, err := value.Parse(value.Format(d), typ)
		if err != nil || elem.Kind.Class() != value.ClassFloat && value.Compare(back, d) != 0 {
			t.Fatalf("%s: %v, %v", value.Format(d), value.Format(back), err)
		}
	})
}

// FuzzArrayBytes: no bytes break the reader, and it takes only the bytes of NewArray.
func FuzzArrayBytes(f *testing.F) {
	f.Add([]byte{3, 2, 2})
	f.Add([]byte{3, 5, 1, 2})
	f.Add([]byte{8, 2, 1, 'a'})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		elem := value.Of(value.Kind(b[0]))
		if value.ArrayOf(elem).Validate() != nil || !value.ValidArray(elem, b) {
			return
		}
		d := value.Datum{Kind: value.Array, S: string(b)}
		if again := value.NewArray(elem, value.ArrayElems(d)); again.S != d.S {
			t.Fatalf("%x becomes %x", b, again.S)
		}
	})
}

// FuzzArrayText: no text breaks the parser, and what it reads it writes so that it reads again.
func FuzzArrayText(f *testing.F) {
	for _, s := range []string{
		`{1,NULL,"a b"}`, `{}`, `{"\"",\,}`, ` { a b , null } `, `{{1}}`, `{a"b}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ := value.ArrayOf(value.Of(value.Text))
		d, err := value.Parse(s, typ)
		if err != nil {
			return
		}
		again, err := value.Parse(value.Format(d), typ)
		if err != nil || again != d {
			t.Fatalf("%q: %q, then %q, %v", s, value.Format(d), value.Format(again), err)
		}
	})
}

// TestArrayLength: MaxArrayLen elements are read, one more is 54000.
func TestArrayLength(t *testing.T) {
	typ := value.ArrayOf(value.Of(value.Bool))
	text := "{" + strings.Repeat("t,", value.MaxArrayLen-1) + "t"
	if _, err := value.Parse(text+"}", typ); err != nil {
		t.Error(err)
	}
	if _, err := value.Parse(text+",t}", typ); err != value.ErrArrayTooLong {
		t.Error(err)
	}
}

// FuzzReadJSON: the tree of a canonical document writes the same document, and sorts as itself.
func FuzzReadJSON(f *testing.F) {
	f.Add(`{"a": [1, {"b": null}], "b": "x\u0001"}`)
	f.Add(`-1.5e3`)
	f.Fuzz(func(t *testing.T, s string) {
		text, err := value.ParseJSON(s)
		if err != nil {
			return
		}
		j := value.ReadJSON(text)
		if again := j.AppendText(nil); !bytes.Equal(again, []byte(text)) {
			t.Fatalf("%s becomes %s", text, again)
		}
		if value.CompareJSON(text, text) != 0 {
			t.Fatalf("%s is not itself", text)
		}
	})
}
