package expr_test

import (
	"math/rand/v2"
	"testing"

	"weir/stream/value"
)

// TestPostgresMath asks for powers, roots and logarithms of many numerics: every digit counts.
func TestPostgresMath(t *testing.T) {
	c := startPostgres(t)
	r := rand.New(rand.NewPCG(*diffSeed, 3))
	number := func(names string, arg int) term {
		for _, p := range argPools {
			if p.names == names && p.arg == arg && p.kind == value.Numeric && r.IntN(3) == 0 {
				return lit("numeric", p.texts[r.IntN(len(p.texts))])
			}
		}
		d := value.Decimal{Coef: value.Int128FromInt64(r.Int64N(1 << (1 + r.IntN(40))))}
		d.Scale = uint8(r.IntN(9))
		return lit("numeric", d.String())
	}
	bad := 0
	for range *diffCount / 4 {
		tm := term{op: []string{"sqrt", "exp", "ln", "log", "log10", "power", "gcd"}[r.IntN(7)]}
		tm.args = append(tm.args, number("sqrt exp ln log log10 power", 0))
		if tm.op == "power" || tm.op == "gcd" || tm.op == "log" && r.IntN(2) == 0 {
			tm.args = append(tm.args, number("log power", 1))
		}
		pg, weir := askPostgres(t, c, tm), tm.weir(t)
		if pg == weir || len(pg.text) > value.MaxPrecision || weir.state == value.StateOutOfRange {
			continue
		}
		t.Errorf("%s\nPostgreSQL: %s\nWeir:       %s", tm.sql(), pg, weir)
		if bad++; bad == 30 {
			t.FailNow()
		}
	}
}
