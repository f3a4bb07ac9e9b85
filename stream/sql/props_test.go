package sql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/plan"
	"weir/stream/sql"
)

// TestProps shows what the planner knows of every node: its key, whether anything is retracted,
// and which columns carry a watermark.
func TestProps(t *testing.T) {
	cat := newCatalog(t)
	datadriven.Walk(t, "testdata/props", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			raws, err := sql.Parse(d.Input)
			if err != nil {
				return describeError(d.Input, err)
			}
			st, err := sql.Bind(raws[0], cat, sql.Options{})
			if err != nil {
				return describeError(d.Input, err)
			}
			var b strings.Builder
			writeProps(&b, planOf(st), 0)
			return b.String()
		})
	})
}

func writeProps(b *strings.Builder, n plan.Node, depth int) {
	p := plan.Derive(n)
	fields := n.Schema()
	line, _, _ := strings.Cut(plan.Print(n), "\n")
	fmt.Fprintf(b, "%s%s\n%s  ", strings.Repeat("  ", depth), line, strings.Repeat("  ", depth))
	if p.Key == nil {
		b.WriteString("; key: whole row")
	} else {
		b.WriteString("; key:")
		for _, k := range p.Key {
			b.WriteString(" " + fields[k].Name)
		}
	}
	if p.AppendOnly {
		b.WriteString("; append-only")
	}
	for i, f := range p.Frozen {
		if f {
			b.WriteString("; watermark on " + fields[i].Name)
		}
	}
	b.WriteByte('\n')
	for _, c := range n.Children() {
		writeProps(b, c, depth+1)
	}
}
