package expr_test

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestGolden runs the scenarios of testdata/golden: one expression a line, its answer below.
// "eval" scenarios are what PostgreSQL answers too (TestPostgresGolden), "differs" ones are the
// differences that docs/sql/differences.md lists.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var b strings.Builder
			for line := range strings.SplitSeq(d.Input, "\n") {
				tm, err := parseTerm(line)
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				b.WriteString(tm.weir(t).String() + "\n")
			}
			return b.String()
		})
	})
}
