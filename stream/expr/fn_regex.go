package expr

import (
	"weir/stream/regex"
	"weir/stream/value"
)

// regexOperators are ~, ~*, !~ and !~*, and what SIMILAR TO is made of.
func regexOperators() []*function {
	t := value.Text
	var fs []*function
	for _, f := range []struct {
		name, flags string
		want        bool
	}{
		{"textregexeq", "", true},
		{"textregexne", "", false},
		{"texticregexeq", "i", true},
		{"texticregexne", "i", false},
	} {
		o := regexOptions{pattern: 1, flags: -1, fixed: f.flags, name: f.name}
		fs = append(fs, regexFunction(o, value.Bool,
			func(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
				ok, err := m.Match(a[0].S)
				return value.NewBool(ok == f.want), err
			}, t, t))
	}
	return append(fs,
		define("similar_to_escape", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			s, err := regex.FromSimilar(a[0].S, `\`)
			return value.NewText(s), err
		}, t),
		define("similar_to_escape", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			s, err := regex.FromSimilar(a[0].S, a[1].S)
			return value.NewText(s), err
		}, t, t))
}

// regexFunctions take texts apart with patterns.
func regexFunctions() []*function {
	t := value.Text
	plain := func(name string) regexOptions {
		return regexOptions{pattern: 1, flags: -1, name: name}
	}
	flagged := func(name string) regexOptions {
		return regexOptions{pattern: 1, flags: 2, name: name}
	}
	match := func(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
		loc, err := m.Find(a[0].S, 0)
		if err != nil || loc == nil {
			return value.NullDatum, err
		}
		return arrayResult(t, groupTexts(a[0].S, loc))
	}
	like := func(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
		ok, err := m.Match(a[0].S)
		return value.NewBool(ok), err
	}
	split := func(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
		parts, err := splitRegex(m, a[0].S)
		if err != nil {
			return value.NullDatum, err
		}
		return arrayResult(t, parts)
	}
	return []*function{
		regexFunction(plain("regexp_match"), arrayOf(t), match, t, t),
		regexFunction(flagged("regexp_match"), arrayOf(t), match, t, t, t),
		regexFunction(plain("regexp_like"), value.Bool, like, t, t),
		regexFunction(flagged("regexp_like"), value.Bool, like, t, t, t),
		regexFunction(plain("regexp_split_to_array"), arrayOf(t), split, t, t),
		regexFunction(flagged("regexp_split_to_array"), arrayOf(t), split, t, t, t),
		regexFunction(plain("substring"), t, substringMatch, t, t),
		substringSimilar(),
	}
}

// substringMatch is substring(s from pattern): the first group, or the match if there is none.
func substringMatch(m *regex.Matcher, _ bool, a []value.Datum) (value.Datum, *value.Error) {
	loc, err := m.Find(a[0].S, 0)
	if err != nil || loc == nil {
		return value.NullDatum, err
	}
	switch {
	case len(loc) == 2:
		return value.NewText(a[0].S[loc[0]:loc[1]]), nil
	case loc[2] < 0:
		return value.NullDatum, nil
	}
	return value.NewText(a[0].S[loc[2]:loc[3]]), nil
}

// substringSimilar is substring(s similar pattern escape e).
func substringSimilar() *function {
	t := value.Text
	o := regexOptions{pattern: 1, flags: -1, name: "substring"}
	call := func(x *ctx, a []value.Datum, text string) (value.Datum, *value.Error) {
		p, err := o.compile(text, "")
		if err != nil {
			return value.NullDatum, err
		}
		return substringMatch(x.matcher(p.re), false, a)
	}
	return define("substring", t, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		text, err := regex.FromSimilar(a[1].S, a[2].S)
		if err != nil {
			return value.NullDatum, err
		}
		return call(x, a, text)
	}, t, t, t)
}

func splitRegex(m *regex.Matcher, s string) ([]value.Datum, *value.Error) {
	var parts []value.Datum
	last := 0
	err := eachMatch(m, s, 0, true, func(loc []int) bool {
		parts = append(parts, value.NewText(s[last:loc[0]]))
		last = loc[1]
		return len(parts) < value.MaxArrayLen
	})
	if err == nil && len(parts) == value.MaxArrayLen {
		err = value.ErrArrayTooLong
	}
	return append(parts, value.NewText(s[last:])), err
}

// regexSets are regexp_matches and regexp_split_to_table.
func regexSets() []*setFunction {
	t := value.Text
	matches := regexOptions{pattern: 1, flags: -1, global: true, name: "regexp_matches"}
	split := regexOptions{pattern: 1, flags: -1, name: "regexp_split_to_table"}
	matchRows := func(a []value.Datum, emit func([]value.Datum)) *value.Error {
		return emitMatches(&matches, a, emit)
	}
	splitRows := func(a []value.Datum, emit func([]value.Datum)) *value.Error {
		p, err := split.compile(a[1].S, flagsAt(a))
		if err != nil {
			return err
		}
		parts, err := splitRegex(p.re.Matcher(), a[0].S)
		if err != nil {
			return err
		}
		return emitAll(parts, emit)
	}
	var fs []*setFunction
	for _, args := range [][]shape{{t, t}, {t, t, t}} {
		fs = append(fs, &setFunction{
			name: matches.name, args: args, rows: matchRows,
			columns: oneColumn(matches.name, value.ArrayOf(value.Of(t))),
		}, &setFunction{
			name: split.name, args: args, rows: splitRows,
			columns: oneColumn(split.name, value.Of(t)),
		})
	}
	return fs
}

// flagsAt are the flags in the third argument, if there is one.
func flagsAt(a []value.Datum) string {
	if len(a) > 2 {
		return a[2].S
	}
	return ""
}

func emitMatches(o *regexOptions, a []value.Datum, emit func([]value.Datum)) *value.Error {
	p, err := o.compile(a[1].S, flagsAt(a))
	if err != nil {
		return err
	}
	return eachMatch(p.re.Matcher(), a[0].S, 0, false, func(loc []int) bool {
		emit([]value.Datum{value.NewArray(value.Of(value.Text), groupTexts(a[0].S, loc))})
		return p.global
	})
}
