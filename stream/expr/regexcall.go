package expr

import (
	"strings"

	"weir/stream/regex"
	"weir/stream/value"
)

// pattern is a compiled pattern with the flag g, which is the caller's.
type pattern struct {
	re     *regex.Regexp
	global bool
}

// regexOptions say where a function finds its pattern and flags among its arguments.
type regexOptions struct {
	pattern, flags int // flags -1: none
	fixed          string
	global         bool // the flag g is allowed
	name           string
	// check judges the other arguments, before the pattern; nil: nothing to judge.
	check func(a []value.Datum) *value.Error
}

// compile reads the flags before the pattern, as PostgreSQL does.
func (o *regexOptions) compile(text, flags string) (pattern, *value.Error) {
	p := pattern{global: strings.Contains(flags, "g")}
	if i := strings.IndexFunc(flags, func(r rune) bool {
		return !strings.ContainsRune("gbceimnpqstwx", r)
	}); i >= 0 {
		return p, value.Errorf(value.StateBadParameter, "invalid regular expression option: %q",
			flags[i:i+runeLen(flags[i:])])
	}
	if p.global && !o.global {
		return p, value.Errorf(value.StateBadParameter,
			"%s() does not support the \"global\" option", o.name)
	}
	var err *value.Error
	p.re, err = regex.Compile(text, o.fixed+strings.ReplaceAll(flags, "g", ""))
	return p, err
}

// regexScalar computes a function of a pattern. m is for the pattern.
type regexScalar func(m *regex.Matcher, global bool, a []value.Datum) (value.Datum, *value.Error)

// matcher returns the matcher of a pattern, the one before if it is the same.
func (x *ctx) matcher(re *regex.Regexp) *regex.Matcher {
	if x.re == nil || x.re.Regexp() != re {
		x.re = re.Matcher()
	}
	return x.re
}

// regexFunction defines a function of a pattern; a constant pattern is compiled once a program.
func regexFunction(o regexOptions, ret shape, fn regexScalar, args ...shape) *function {
	flagsOf := func(flags *value.Datum) string {
		if o.flags < 0 {
			return ""
		}
		return flags.S
	}
	at := max(o.flags, 0)
	if o.check == nil {
		o.check = func([]value.Datum) *value.Error { return nil }
	}
	f := define(o.name, ret, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if err := o.check(a); err != nil {
			return value.NullDatum, err
		}
		p, err := o.compile(a[o.pattern].S, flagsOf(&a[at]))
		if err != nil {
			return value.NullDatum, err
		}
		return fn(x.matcher(p.re), p.global, a)
	}, args...)
	return f.prepared(func(consts []*value.Datum) scalar {
		if consts[o.pattern] == nil || o.flags >= 0 && consts[o.flags] == nil {
			return nil
		}
		p, err := o.compile(consts[o.pattern].S, flagsOf(consts[at]))
		return func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if err := o.check(a); err != nil {
				return value.NullDatum, err
			}
			if err != nil {
				return value.NullDatum, err
			}
			return fn(x.matcher(p.re), p.global, a)
		}
	})
}

// eachMatch calls visit with the matches of s from byte offset from on, one after another, until
// visit says no. plain leaves out empty matches at the start, at the end and behind another match.
// Source: setup_regexp_matches of PostgreSQL's regexp.c.
func eachMatch(
	m *regex.Matcher, s string, from int, plain bool, visit func(loc []int) bool,
) *value.Error {
	last := 0
	for from <= len(s) {
		loc, err := m.Find(s, from)
		if err != nil {
			return err
		}
		if loc == nil {
			return nil
		}
		if (!plain || loc[0] < len(s) && loc[1] > last) && !visit(loc) {
			return nil
		}
		last, from = loc[1], loc[1]
		if loc[0] == loc[1] {
			if from == len(s) {
				return nil
			}
			from += runeLen(s[from:])
		}
	}
	return nil
}

// groupTexts are the groups of a match, or all of it if there are none; NULL for one without a
// part in it.
func groupTexts(s string, loc []int) []value.Datum {
	if len(loc) == 2 {
		return []value.Datum{value.NewText(s[loc[0]:loc[1]])}
	}
	var out []value.Datum
	for i := 2; i < len(loc); i += 2 {
		d := value.NullDatum
		if loc[i] >= 0 {
			d = value.NewText(s[loc[i]:loc[i+1]])
		}
		out = append(out, d)
	}
	return out
}
