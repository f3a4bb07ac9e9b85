package client_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/client"
	"weir/stream/value"
)

func schema(t *testing.T) *client.Schema {
	t.Helper()
	rel := readingsRelation()
	s, err := client.NewSchema(&rel)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill reads up to 100 rows and renders them.
func fill(t *testing.T, src client.Source) (string, error) {
	t.Helper()
	cols := schema(t).NewColumns(4)
	n, err := src.Fill(cols, 100)
	var b strings.Builder
	for i := range n {
		for c, col := range cols {
			if c > 0 {
				b.WriteString("|")
			}
			if d := col.Datum(i); d.IsNull() {
				b.WriteString("null")
			} else {
				b.WriteString(value.Format(d))
			}
		}
		b.WriteString(";")
	}
	return b.String(), err
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{"id,name,at,price\n1,a,2001-01-01 06:20:00,2.5\n", "1|a|2001-01-01 06:20:00|2.50;", ""},
		{"price,id\n7,1\n,2\n", "1|null|null|7.00;2|null|null|null;", ""},
		{"id,name\n1,\"a,\"\"b\nc\"\n2,\n", "1|a,\"b\nc|null|null;2|null|null|null;", ""},
		{"id\n1\nx\n", "", `line 3, column id: invalid input syntax for type bigint: "x"`},
		{"id\n\"\"\n", "", "line 2, column id: an empty field is null, which the column may not be"},
		{"id,name\n1\n", "", "line 2: wrong number of fields"},
		{"", "", "line 1: the header with the column names is missing"},
		{"name\n", "", "line 1, column id: is missing in the header and may not be null"},
		{"id,nix\n", "", "line 1, column nix: readings has no such column"},
		{"id,id\n", "", "line 1, column id: is named twice"},
	} {
		src, err := client.NewCSV(strings.NewReader(c.in), schema(t))
		var got string
		if err == nil {
			got, err = fill(t, src)
		}
		check(t, c.in, got, c.want, err, c.err)
	}
}

func TestNDJSON(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{
			`{"id":1,"name":"a\n","at":"2001-01-01 06:20:00","price":2.5}`,
			"1|a\n|2001-01-01 06:20:00|2.50;", "",
		},
		{
			"{\"id\":9007199254740993}\n\n{\"id\":\"2\",\"name\":null}",
			"9007199254740993|null|null|null;2|null|null|null;", "",
		},
		{`{"id":1}` + "\n[1]", "", "line 2: is not a JSON object"},
		{`null`, "", "line 1: is not a JSON object"},
		{`{"name":"a"}`, "", "line 1, column id: may not be null"},
		{`{"id":1,"nix":2}`, "", "line 1, column nix: readings has no such column"},
		{`{"id":true}`, "", `line 1, column id: invalid input syntax for type bigint: "true"`},
	} {
		got, err := fill(t, client.NewNDJSON(strings.NewReader(c.in), schema(t)))
		check(t, c.in, got, c.want, err, c.err)
	}
}

func check(t *testing.T, in, got, want string, err error, wantErr string) {
	t.Helper()
	if text := fmt.Sprint(err); wantErr != "" && text != wantErr {
		t.Errorf("%q: got the error %v, want %s", in, err, wantErr)
	}
	if wantErr == "" && (err != nil || got != want) {
		t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
	}
}

func TestSkip(t *testing.T) {
	csv, err := client.NewCSV(strings.NewReader("id\n1\n2\n3\n"), schema(t))
	if err != nil {
		t.Fatal(err)
	}
	json := client.NewNDJSON(strings.NewReader("{\"id\":1}\n{\"id\":2}\n\n{\"id\":3}"), schema(t))
	for _, src := range []client.Source{csv, json} {
		if n, err := src.Skip(2); n != 2 || err != nil {
			t.Error(n, err)
		}
		if got, err := fill(t, src); got != "3|null|null|null;" || err != nil {
			t.Error(got, err)
		}
		if n, err := src.Skip(2); n != 0 || err != nil {
			t.Error(n, err)
		}
	}
}

func TestParseType(t *testing.T) {
	for text, want := range map[string]string{
		"bigint": "bigint", "numeric(10,2)": "numeric(10,2)", "numeric(5)": "numeric(5,0)",
		"timestamp without time zone": "timestamp without time zone", "numeric": "numeric",
		"nothing": "", "bigint(3)": "", "numeric(39,0)": "", "numeric(": "", "numeric(1,999)": "",
	} {
		got, err := client.ParseType(text)
		if want == "" && err == nil || want != "" && (err != nil || got.String() != want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}
