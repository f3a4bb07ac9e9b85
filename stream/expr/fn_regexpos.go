package expr

import (
	"unicode/utf8"

	"weir/stream/regex"
	"weir/stream/value"
)

// badArgument is the refusal of a parameter.
func badArgument(name string, v int64) *value.Error {
	return value.Errorf(value.StateBadParameter, "invalid value for parameter %q: %d", name, v)
}

// startOffset is the byte offset of character start (from 1); len(s)+1 beyond the text.
func startOffset(s string, start int64) int {
	if start-1 > int64(utf8.RuneCountInString(s)) {
		return len(s) + 1
	}
	return runeOffset(s, start-1)
}

// checkPositions judges the start, the number of the match (from least) and of the group, and
// which end is asked for; an index of 0 means that there is no such argument.
func checkPositions(start, n, end, group int, least int64) func(a []value.Datum) *value.Error {
	return func(a []value.Datum) *value.Error {
		if v := intAt(a, start, 1); v <= 0 {
			return badArgument("start", v)
		}
		if v := intAt(a, n, least); n > 0 && v < least {
			return badArgument("n", v)
		}
		if v := intAt(a, end, 0); end > 0 && v != 0 && v != 1 {
			return badArgument("endoption", v)
		}
		if v := intAt(a, group, 0); group > 0 && v < 0 {
			return badArgument("subexpr", v)
		}
		return nil
	}
}

// regexPositions are regexp_count, regexp_instr, regexp_substr and regexp_replace, whose optional
// arguments are numbers with the flags among them.
func regexPositions() []*function {
	t, i4 := value.Text, value.Int4
	var fs []*function
	add := func(
		name string, ret shape, fn regexScalar, args []shape, flags int,
		check func(a []value.Datum) *value.Error,
	) {
		for n := 2; n <= len(args); n++ {
			o := regexOptions{pattern: 1, flags: -1, name: name, check: check}
			if n > flags {
				o.flags = flags
			}
			fs = append(fs, regexFunction(o, ret, fn, args[:n]...))
		}
	}
	add("regexp_count", i4, regexCount, []shape{t, t, i4, t}, 3, checkPositions(2, 0, 0, 0, 0))
	add("regexp_instr", i4, regexInstr, []shape{t, t, i4, i4, i4, t, i4}, 5,
		checkPositions(2, 3, 4, 6, 1))
	add("regexp_substr", t, regexSubstr, []shape{t, t, i4, i4, t, i4}, 4,
		checkPositions(2, 3, 0, 5, 1))
	o := regexOptions{pattern: 1, flags: -1, global: true, name: "regexp_replace"}
	o.check = checkPositions(3, 4, 0, 0, 0)
	for n := 3; n <= 6; n++ {
		if n == 6 {
			o.flags = 5
		}
		fs = append(fs, regexFunction(o, t, regexReplace, []shape{t, t, t, i4, i4, t}[:n]...))
	}
	o.flags = 3
	return append(fs, regexFunction(o, t, regexReplace, t, t, t, t))
}

// intAt is integer argument i, or what it is if it is missing.
func intAt(a []value.Datum, i int, missing int64) int64 {
	if i < len(a) && a[i].Kind == value.Int4 {
		return a[i].I
	}
	return missing
}

func regexCount(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
	n := int32(0)
	err := eachMatch(m, a[0].S, startOffset(a[0].S, intAt(a, 2, 1)), false, func([]int) bool {
		n++
		return true
	})
	return value.NewInt4(n), err
}

// nthMatch returns the place of a group of match number n, nil if there is none. Of a pattern
// without groups group 1 is the match.
func nthMatch(
	m *regex.Matcher, s string, start, n, group int64,
) (loc []int, err *value.Error) {
	groups := m.Regexp().Groups()
	if groups == 0 && group == 1 {
		group = 0
	}
	err = eachMatch(m, s, startOffset(s, start), false, func(l []int) bool {
		n--
		loc = l
		return n > 0
	})
	if err != nil || n > 0 || group > int64(groups) || loc[2*group] < 0 {
		return nil, err
	}
	return loc[2*group : 2*group+2], nil
}

func regexInstr(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
	end := intAt(a, 4, 0)
	loc, err := nthMatch(m, a[0].S, intAt(a, 2, 1), intAt(a, 3, 1), intAt(a, 6, 0))
	if err != nil {
		return value.NullDatum, err
	}
	if loc == nil {
		return value.NewInt4(0), nil
	}
	return value.NewInt4(int32(utf8.RuneCountInString(a[0].S[:loc[end]]) + 1)), nil
}

func regexSubstr(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
	loc, err := nthMatch(m, a[0].S, intAt(a, 2, 1), intAt(a, 3, 1), intAt(a, 5, 0))
	if err != nil || loc == nil {
		return value.NullDatum, err
	}
	return value.NewText(a[0].S[loc[0]:loc[1]]), nil
}

// regexReplace replaces match number N, all of them for 0: N is the fifth argument, else 0 under
// the flag g and 1 without. Source: replace_text_regexp of PostgreSQL's varlena.c.
func regexReplace(m *regex.Matcher, global bool, a []value.Datum) (value.Datum, *value.Error) {
	s, with := a[0].S, a[2].S
	n := int64(1)
	if global {
		n = 0
	}
	n = intAt(a, 4, n)
	from := startOffset(s, intAt(a, 3, 1))
	var out []byte
	copied, count := 0, int64(0)
	err := eachMatch(m, s, from, false, func(loc []int) bool {
		if count++; n > 0 && count != n {
			return true
		}
		out = append(out, s[copied:loc[0]]...)
		out = appendReplacement(out, s, with, loc)
		copied = loc[1]
		return n == 0 && len(out) <= MaxTextResult
	})
	if err != nil {
		return value.NullDatum, err
	}
	return textResult(string(append(out, s[copied:]...)))
}

// appendReplacement writes the replacement: \1 to \9 are groups, \& the match, \\ a backslash.
func appendReplacement(out []byte, s, with string, loc []int) []byte {
	for i := 0; i < len(with); i++ {
		c := with[i]
		if c != '\\' || i+1 == len(with) {
			out = append(out, c)
			continue
		}
		i++
		group := -1
		switch d := with[i]; {
		case d >= '1' && d <= '9':
			group = int(d - '0')
		case d == '&':
			group = 0
		case d == '\\':
			out = append(out, '\\')
			continue
		default:
			out = append(out, '\\')
			i--
			continue
		}
		if 2*group < len(loc) && loc[2*group] >= 0 {
			out = append(out, s[loc[2*group]:loc[2*group+1]]...)
		}
	}
	return out
}
