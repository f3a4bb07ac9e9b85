package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"weir/stream/value"
)

// literalParts are pieces that literals of the time types are put together from.
var literalParts = map[value.Kind][]string{
	value.Timestamp: {
		"2024-02-29", "1999-1-8", "1/8/1999", "Jan", "January 8", "8", "1999", "99", "04:05:06",
		"4:05", "23:59:59.9999996", "T", "t040506", "20240229", "040506", "0405", "pm", "AM", "BC",
		"AD", "Mon", ",", "-", "/", ".", "+02", "-0830", "+5:30", "Z", "UTC", "z", "Feb-3-2001",
		"2001.034", "13", "31", "60", "24:00:00", "12:00", "on", "at", "2024/02/03", "03.02.2024",
	},
	value.Interval: {
		"1", "-2", "+3", "1.5", "-0.25", "day", "days", "mon", "months", "year", "y", "weeks", "w",
		"hours", "h", "minute", "min", "m", "sec", "s", "ms", "us", "04:05:06.7", "-1:02", "1-2",
		"-3-4", "ago", "@", ",", "decade", "century", "mil", "12345", "0.000001", "P1Y2M3DT4H5M6S",
		"P1W", "PT1.5S", "59:60", "millisecond", "microseconds", "quarter",
	},
	value.Numeric: {"1", "0", ".", "e", "E", "-", "+", "5", "9", "00", "3"},
	value.Float8:  {"1", "0", ".", "e", "-", "+", "5", "17", "00", " ", "308"},
	value.Int4:    {"1", "0", "-", "+", "21474", "83647", " ", "5"},
	value.Bytea:   {"\\x", "\\", "00", "a", "377", "9", "zz", " ", "Ff"},
	value.Bool:    {"t", "r", "ue", "f", "al", "se", "o", "n", "off", "y", "es", "1", "0", " "},
	value.JSONB:   {"{", "}", "[", "]", `"a"`, ":", ",", "1", "-", "true", "null", `"\u00e9"`, " "},
	value.UUID:    {"a0eebc99", "-", "9c0b", "4ef8", "bb6d", "{", "}", "6bb9bd380a11"},
}

// TestPostgresParse asks PostgreSQL and Weir to read the same random literals.
func TestPostgresParse(t *testing.T) {
	c := startPostgres(t)
	for _, k := range []value.Kind{value.Date, value.TimestampTZ, value.Time} {
		literalParts[k] = literalParts[value.Timestamp]
	}
	r := rand.New(rand.NewPCG(*diffSeed, 1))
	bad := 0
	for i := range *diffCount {
		k := value.Kind(1 + i%int(value.Array-value.Bool))
		parts := literalParts[k]
		if parts == nil {
			continue
		}
		var b strings.Builder
		for range 1 + r.IntN(5) {
			b.WriteString(parts[r.IntN(len(parts))])
			if k.Class() == value.ClassInt && k >= value.Date || k == value.Interval {
				b.WriteString([]string{" ", " ", " ", ""}[r.IntN(4)])
			}
		}
		tm := lit(k.String(), b.String())
		pg, weir := askPostgres(t, c, tm), tm.weir(t)
		refused := pg.state != "" && weir.state != ""
		if pg == weir || refused && k >= value.Date && k <= value.Interval {
			continue // both refuse; words that are no zones here change the SQLSTATE
		}
		wide := k == value.Numeric && len(strings.Trim(pg.text, "-")) > value.MaxPrecision
		// days of very late years wrap around there
		wide = wide || k == value.Date && len(pg.text) > 12
		// PostgreSQL knows zones by name and by POSIX rule
		zone := k >= value.Date && (weir.state == value.StateBadParameter ||
			weir.state == value.StateUnsupported)
		if wide || zone || k == value.Float8 && refused {
			continue
		}
		if k == value.JSONB && pg.state == "" && weir.state == "" {
			continue // numbers keep trailing zeros there
		}
		t.Errorf("%s\nPostgreSQL: %s\nWeir:       %s", tm.sql(), pg, weir)
		if bad++; bad == 40 {
			t.FailNow()
		}
	}
}
