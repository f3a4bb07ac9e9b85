package client_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/client"
)

// No input makes a source panic, and every column gets the rows that it reports, or its error
// names a line.
func FuzzSources(f *testing.F) {
	f.Add([]byte("id,name,at,price\n1,a,2001-01-01 06:20:00,2.5\n2,\"x\ny\",,\n"))
	f.Add([]byte("{\"id\":1,\"name\":\"a\"}\n\n{\"id\":2}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := schema(t)
		sources := []client.Source{client.NewNDJSON(bytes.NewReader(in), s)}
		if csv, err := client.NewCSV(bytes.NewReader(in), s); err == nil {
			sources = append(sources, csv)
		}
		for _, src := range sources {
			cols := s.NewColumns(4)
			n, err := src.Fill(cols, 1000)
			for i, c := range cols {
				if err == nil && c.Len() != n {
					t.Fatalf("column %d has %d values in %d rows", i, c.Len(), n)
				}
			}
		}
	})
}

func FuzzParseType(f *testing.F) {
	f.Add("numeric(10,2)")
	f.Fuzz(func(t *testing.T, text string) {
		typ, err := client.ParseType(text)
		if err != nil {
			return
		}
		again, err := client.ParseType(typ.String())
		if err != nil || again != typ {
			t.Errorf("%q: %v prints as %q, which gives %v, %v", text, typ, typ.String(), again, err)
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	rel := readingsRelation()
	s, err := client.NewSchema(&rel)
	if err != nil {
		b.Fatal(err)
	}
	const rows = 1000
	var text strings.Builder
	text.WriteString("id,name,at,price\n")
	for i := range rows {
		fmt.Fprintf(&text, "%d,n%d,2001-01-01 00:00:00,%d.5\n", i, i, i)
	}
	cols := s.NewColumns(rows)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		src, err := client.NewCSV(strings.NewReader(text.String()), s)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range cols {
			c.Reset()
		}
		if n, err := src.Fill(cols, rows); n != rows || err != nil {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
