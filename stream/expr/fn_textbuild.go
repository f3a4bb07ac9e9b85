package expr

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// textBuilders make texts that may be longer than their arguments.
func textBuilders() []*function {
	t, i4 := value.Text, value.Int4
	fs := []*function{
		define("concat_op", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return textResult(a[0].S + a[1].S)
		}, t, t),
		define("replace", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return replace(a[0].S, a[1].S, a[2].S)
		}, t, t, t),
		define("repeat", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := max(a[1].I, 0)
			if n*int64(len(a[0].S)) > MaxTextResult {
				return value.NullDatum, errTextResult
			}
			return value.NewText(strings.Repeat(a[0].S, int(min(n, MaxTextResult)))), nil
		}, t, i4),
		define("concat", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return joined("", a)
		}, t).callable().wild(),
		define("concat_ws", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[0].IsNull() {
				return value.NullDatum, nil
			}
			return joined(a[0].S, a[1:])
		}, t, t).callable().wild(),
	}
	for _, p := range []struct {
		name string
		left bool
	}{{"lpad", true}, {"rpad", false}} {
		fs = append(fs,
			define(p.name, t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return pad(a[0].S, a[1].I, " ", p.left)
			}, t, i4),
			define(p.name, t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return pad(a[0].S, a[1].I, a[2].S, p.left)
			}, t, i4, t))
	}
	for _, f := range []struct {
		name string
		cut  func(s, set string) string
	}{{"btrim", strings.Trim}, {"ltrim", strings.TrimLeft}, {"rtrim", strings.TrimRight}} {
		fs = append(fs,
			define(f.name, t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return value.NewText(f.cut(a[0].S, " ")), nil
			}, t).safe(),
			define(f.name, t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return value.NewText(f.cut(a[0].S, a[1].S)), nil
			}, t, t).safe())
	}
	return fs
}

// joined writes the values that are not NULL in their output form, sep between them.
func joined(sep string, a []value.Datum) (value.Datum, *value.Error) {
	var b []byte
	first := true
	for _, d := range a {
		if d.IsNull() {
			continue
		}
		if !first {
			b = append(b, sep...)
		}
		first = false
		if b = value.AppendText(b, d); len(b) > MaxTextResult {
			return value.NullDatum, errTextResult
		}
	}
	return value.NewText(string(b)), nil
}

func replace(s, from, to string) (value.Datum, *value.Error) {
	if from == "" {
		return value.NewText(s), nil
	}
	if len(s)+strings.Count(s, from)*(len(to)-len(from)) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return value.NewText(strings.ReplaceAll(s, from, to)), nil
}

// pad fills s with fill to n characters, or cuts it to n.
func pad(s string, n int64, fill string, left bool) (value.Datum, *value.Error) {
	n = max(n, 0)
	have := int64(utf8.RuneCountInString(s))
	if n <= have || fill == "" {
		return value.NewText(s[:runeOffset(s, n)]), nil
	}
	if n > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	need := n - have
	whole := need / int64(utf8.RuneCountInString(fill))
	rest := fill[:runeOffset(fill, need%int64(utf8.RuneCountInString(fill)))]
	if int64(len(s))+whole*int64(len(fill))+int64(len(rest)) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	padding := strings.Repeat(fill, int(whole)) + rest
	if left {
		return value.NewText(padding + s), nil
	}
	return value.NewText(s + padding), nil
}
