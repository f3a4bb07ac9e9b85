package value_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/value"
	"weir/stream/value/valuetest"
)

func recordType(t testing.TB, types ...value.Type) value.Type {
	t.Helper()
	fields := make([]value.Field, len(types))
	for i, typ := range types {
		fields[i] = value.Field{Name: "f", Type: typ}
	}
	typ, err := value.RecordOf(fields)
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

// TestRecords: the bytes of records are canonical and give their fields back, and records sort by
// their fields, NULLs last.
func TestRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := valuetest.Types(t, 4)
		fields := make([]value.Field, len(types))
		for i, typ := range types {
			fields[i] = value.Field{Name: "f", Type: typ}
		}
		typ, bad := value.RecordOf(fields)
		if bad != nil {
			t.Fatal(bad)
		}
		x, y := valuetest.Row(t, types, "x"), valuetest.Row(t, types, "y")
		a, b := value.NewRecord(x), value.NewRecord(y)
		if !value.ValidRecord(typ, []byte(a.S)) || value.ValidRecord(typ, []byte(a.S+"\x00")) {
			t.Fatalf("%x is judged wrongly", a.S)
		}
		want := 0
		for i, d := range value.RecordValues(a) {
			if d != x[i] && d.F == d.F || value.RecordField(a, i) != d && d.F == d.F {
				t.Fatalf("field %d: %v is %v", i, x[i], d)
			}
			if want == 0 {
				want = value.CompareNulls(x[i], y[i], false)
			}
		}
		if got := value.Compare(a, b); got != want || value.Compare(b, a) != -want {
			t.Fatalf("%s with %s: %d, want %d", value.Format(a), value.Format(b), got, want)
		}
	})
}

// TestRecordTypes: the names and types of fields come back, and decide what is one type.
func TestRecordTypes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := valuetest.Type(t, "a"), valuetest.Type(t, "b")
		x, _ := value.RecordOf([]value.Field{{Name: "a", Type: a}, {Name: "b", Type: b}})
		y, _ := value.RecordOf([]value.Field{{Name: "a", Type: b}, {Name: "b", Type: a}})
		if x.Validate() != nil || (x == y) != (a == b) {
			t.Fatalf("%v of %v and %v", x.Validate(), a, b)
		}
		fields := x.RecordFields()
		if len(fields) != 2 || fields[0].Type != a || fields[1].Type != b || fields[1].Name != "b" {
			t.Fatalf("%v", fields)
		}
		if value.CheckComparable(x, x) != nil {
			t.Fatal("a type that is not comparable to itself")
		}
	})
}

// TestRecordText: the output form quotes as PostgreSQL's record_out does.
func TestRecordText(t *testing.T) {
	text := func(list ...string) value.Datum {
		ds := make([]value.Datum, len(list))
		for i, s := range list {
			ds[i] = value.NewText(s)
		}
		return value.NewRecord(ds)
	}
	one := value.NewInt4(1)
	within := value.NewRecord([]value.Datum{one, value.NewText("a b")})
	list := value.NewArray(value.Of(value.Int4), []value.Datum{one})
	for want, d := range map[string]value.Datum{
		`()`:                     value.NewRecord(nil),
		`(a,b)`:                  text(`a`, `b`),
		`(1,x,)`:                 value.NewRecord([]value.Datum{one, value.NewText("x"), {}}),
		`("a b","c""d",",","")`:  text("a b", `c"d`, ",", ""),
		`("\\\\","(",")","a	b")`: text(`\\`, "(", ")", "a\tb"),
		`("(1,""a b"")",t,{1})`:  value.NewRecord([]value.Datum{within, value.NewBool(true), list}),
	} {
		if got := value.Format(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestRecordsOfOtherTypes: what PostgreSQL refuses to compare is 42804 from the types alone.
func TestRecordsOfOtherTypes(t *testing.T) {
	i, n, s := value.Of(value.Int4), value.Of(value.Numeric), value.Of(value.Text)
	money := value.Type{Kind: value.Numeric, Precision: 10, Scale: 2}
	for _, c := range []struct {
		x, y value.Type
		want string
	}{
		{recordType(t, i, money), recordType(t, i, n), ""},
		{
			recordType(t, i), recordType(t, s),
			"cannot compare dissimilar column types integer and text at record column 1",
		},
		{
			recordType(t, i, money), recordType(t, i, s),
			"cannot compare dissimilar column types numeric and text at record column 2",
		},
		{
			recordType(t, i), recordType(t, i, i),
			"cannot compare record types with different numbers of columns",
		},
		{
			recordType(t, recordType(t, i)), recordType(t, recordType(t, s)),
			"cannot compare dissimilar column types integer and text at record column 1",
		},
	} {
		err := value.CheckComparable(c.x, c.y)
		if c.want == "" {
			common, ok := value.CommonRecord(c.x, c.y)
			if err != nil || !ok || common != c.y {
				t.Errorf("%v, %v", err, common.RecordFields())
			}
			continue
		}
		if err == nil || err.SQLState != value.StateMismatch || err.Msg != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestRecordLimits: fields, depth and bytes of a type at the limit and beyond.
func TestRecordLimits(t *testing.T) {
	fields := make([]value.Field, value.MaxRecordFields+1)
	for i := range fields {
		fields[i].Type = value.Of(value.Bool)
	}
	if _, err := value.RecordOf(fields[:value.MaxRecordFields]); err != nil {
		t.Error(err)
	}
	if _, err := value.RecordOf(fields); err == nil || err.SQLState != "54011" {
		t.Errorf("%v", err)
	}
	deep := value.Type{Kind: value.Record}
	for range value.MaxRecordDepth - 1 {
		deep = recordType(t, deep)
	}
	if _, err := value.RecordOf([]value.Field{{Type: deep}}); err == nil ||
		err.SQLState != value.StateTooDeep {
		t.Errorf("%v", err)
	}
	// One field: three bytes of length, the name, three of type.
	name := strings.Repeat("a", value.MaxRecordTypeBytes-6)
	if _, err := value.RecordOf([]value.Field{{Name: name, Type: value.Of(value.Bool)}}); err != nil {
		t.Error(err)
	}
	if _, err := value.RecordOf([]value.Field{
		{Name: name + "a", Type: value.Of(value.Bool)},
	}); err == nil || err.SQLState != value.StateTooDeep {
		t.Errorf("%v", err)
	}
}

// FuzzRecordBytes: no bytes break the readers of types and of records, and what they take is what
// is written.
func FuzzRecordBytes(f *testing.F) {
	i, s := value.Of(value.Int4), value.Of(value.Text)
	typ := recordType(f, i, s, recordType(f, value.ArrayOf(i)))
	d := value.NewRecord([]value.Datum{value.NewInt4(7), {}, value.NewRecord([]value.Datum{
		value.NewArray(i, []value.Datum{value.NewInt4(-1), {}}),
	})})
	f.Add(typ.Fields, []byte(d.S))
	f.Add("", []byte{0})
	f.Add(typ.Fields[:3], []byte{1, 0})
	f.Fuzz(func(t *testing.T, fields string, b []byte) {
		typ := value.Type{Kind: value.Record, Fields: fields}
		if typ.Validate() != nil {
			return
		}
		if again, err := value.RecordOf(typ.RecordFields()); err != nil || again != typ {
			t.Fatalf("%q becomes %q, %v", typ.Fields, again.Fields, err)
		}
		if !value.ValidRecord(typ, b) {
			return
		}
		d := value.Datum{Kind: value.Record, S: string(b)}
		if again := value.NewRecord(value.RecordValues(d)); again.S != d.S {
			t.Fatalf("%x becomes %x", b, again.S)
		}
		value.Format(d)
	})
}
