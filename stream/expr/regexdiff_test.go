package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"weir/stream/value"
)

// TestPostgresRegex asks PostgreSQL and Weir for the groups of random patterns in random texts.
func TestPostgresRegex(t *testing.T) {
	c := startPostgres(t)
	parts := []string{
		"a", "b", "c", ".", "[ab]", "[^a]", `\w`, "x", "(", "(", ")", ")", "(?:", "|", "*", "+", "?",
		"*?", "+?", "??", "{1,2}", "{2}", "{0,2}?", "{1,}", "{2,3}?", "^", "$", `\m`, `\M`, `\y`, `\Y`,
		" ", "[[:space:]]", "()", "-", "]", "}", "{", `\A`, `\Z`, "[b-]", `[\w]`, "[[:<:]]",
	}
	r := rand.New(rand.NewPCG(*diffSeed, 2))
	bad, valid := 0, 0
	for range *diffCount {
		var p, s strings.Builder
		depth := 0
		for range 1 + r.IntN(9) {
			part := parts[r.IntN(len(parts))]
			switch {
			case strings.HasPrefix(part, "(") && part != "()":
				depth++
			case part == ")" && depth == 0:
				continue
			case part == ")":
				depth--
			}
			p.WriteString(part)
		}
		p.WriteString(strings.Repeat(")", depth))
		for range r.IntN(9) {
			s.WriteByte("aabbcx \n-"[r.IntN(9)])
		}
		tm := term{op: "regexp_match", args: []term{
			lit("text", s.String()), lit("text", p.String()),
			lit("text", []string{"", "n", "i", "x", "p", "w"}[r.IntN(6)]),
		}}
		pg, weir := askPostgres(t, c, tm), tm.weir(t)
		if pg.state == "" {
			valid++
		}
		if pg == weir || weir.state == value.StateUnsupported { // flavours b and e
			continue
		}
		t.Errorf("%s\nPostgreSQL: %s\nWeir:       %s", tm.sql(), pg, weir)
		if bad++; bad == 40 {
			t.FailNow()
		}
	}
	if valid < *diffCount/3 {
		t.Errorf("only %d patterns were valid", valid)
	}
}
