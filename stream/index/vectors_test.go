package index_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/stream/catalog"
	"weir/stream/index"
	"weir/stream/row"
	"weir/stream/value"
)

var rewriteVectors = flag.Bool("vectors", false, "write docs/spec/vectors anew")

// vector is the key of a row whose own key is its first column, or the range of an index.
type vector struct {
	Columns []catalog.IndexColumn
	Values  []*string `json:",omitempty"` // in PostgreSQL's text form, null is NULL
	Key     string    `json:",omitempty"`
	Points  []string  `json:",omitempty"` // ascending parts
	From    *edge     `json:",omitempty"`
	To      *edge     `json:",omitempty"`
	Lo      string    `json:",omitempty"`
	Hi      string    `json:",omitempty"`
}

type edge struct {
	Part string
	Past bool
}

func orders() [][]catalog.IndexColumn {
	return [][]catalog.IndexColumn{
		{{Column: 1}},
		{{Column: 1, Desc: true, NullsFirst: true}, {Column: 2, NullsFirst: true}},
		{{Column: 2, Desc: true}, {Column: 0}},
	}
}

func keyVectors() (out []vector) {
	rows := [][]value.Datum{
		{value.NewInt8(7), value.NewInt4(-2), value.NewText("weir")},
		{value.NewInt8(8), value.NullDatum, value.NullDatum},
		{value.NewInt8(9), value.NewInt4(3), value.NewText("a\x01" + strings.Repeat("b", 1100))},
	}
	for _, columns := range orders() {
		x := &catalog.Index{Columns: columns}
		for _, r := range rows {
			v := vector{Columns: columns}
			for _, d := range r {
				var text *string
				if s := value.Format(d); !d.IsNull() {
					text = &s
				}
				v.Values = append(v.Values, text)
			}
			v.Key = hex.EncodeToString(index.AppendKeyDatums(nil, x, r, row.AppendKeyDatums(nil, r[:1])))
			out = append(out, v)
		}
	}
	return out
}

func rangeVectors() (out []vector) {
	part := func(d value.Datum) []byte { return row.AppendKeyDatum(nil, d) }
	low := &index.Edge{Part: part(value.NewInt4(3))}
	high := &index.Edge{Part: part(value.NewInt4(9)), Past: true}
	add := func(columns []catalog.IndexColumn, points [][]byte, from, to *index.Edge) {
		v := vector{Columns: columns}
		for _, p := range points {
			v.Points = append(v.Points, hex.EncodeToString(p))
		}
		if from != nil {
			v.From = &edge{hex.EncodeToString(from.Part), from.Past}
		}
		if to != nil {
			v.To = &edge{hex.EncodeToString(to.Part), to.Past}
		}
		lo, hi := index.Bounds(&catalog.Index{Columns: columns}, points, from, to)
		v.Lo, v.Hi = hex.EncodeToString(lo), hex.EncodeToString(hi)
		out = append(out, v)
	}
	for _, columns := range orders()[:2] {
		add(columns, nil, nil, nil)
		add(columns, nil, low, high)
		add(columns, nil, nil, low)
		add(columns, nil, high, nil)
		add(columns, nil, high, low)
		add(columns, [][]byte{part(value.NewInt4(-2))}, nil, nil)
		add(columns, [][]byte{index.Null()}, nil, nil)
	}
	long := part(value.NewText(strings.Repeat("c", 1100)))
	add(orders()[2], [][]byte{long}, nil, nil)
	return out
}

// TestVectors compares with docs/spec/vectors/index.json. To accept a change of protocol:
// go test ./stream/index -run Vectors -vectors
func TestVectors(t *testing.T) {
	var buf bytes.Buffer
	for i, v := range append(keyVectors(), rangeVectors()...) {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		buf.WriteString(map[bool]string{true: "[\n ", false: ",\n "}[i == 0])
		buf.Write(line)
	}
	buf.WriteString("\n]\n")
	path := filepath.Join("..", "..", "docs", "spec", "vectors", "index.json")
	if *rewriteVectors {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, buf.Bytes()) {
		t.Error("the encodings differ from the golden vectors")
	}
}
