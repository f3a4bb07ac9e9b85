package parse

import (
	"errors"
	"strings"
	"testing"
)

// TestPatternsAreBounded: in the parts of PERMUTE, and in all parts, written out.
func TestPatternsAreBounded(t *testing.T) {
	state := func(pattern string) string {
		_, err := Parse("SELECT * FROM s MATCH_RECOGNIZE (ORDER BY ts MEASURES count(*) AS n PATTERN (" +
			pattern + ")) m")
		var e *Error
		if errors.As(err, &e) {
			return e.SQLState
		}
		return ""
	}
	symbols := func(n int, by string) string { return strings.Repeat("a"+by, n-1) + "a" }
	for _, c := range []struct{ what, at, over string }{
		{
			"parts of PERMUTE", "PERMUTE(" + symbols(MaxPermuted, ", ") + ")",
			"PERMUTE(" + symbols(MaxPermuted+1, ", ") + ")",
		},
		{"parts", symbols(MaxPatternParts-1, " "), symbols(MaxPatternParts, " ")},
		{
			"nested PERMUTE", "PERMUTE(a, b, PERMUTE(c, d, e, f))",
			"PERMUTE(a, b, c, d, PERMUTE(e, f, g, h, i))",
		},
	} {
		if at, over := state(c.at), state(c.over); at != "" || over != stateTooComplex {
			t.Errorf("%s: %q at the limit, %q beyond", c.what, at, over)
		}
	}
}
