package jsonpath_test

import (
	"strings"
	"testing"

	"weir/stream/jsonpath"
	"weir/stream/value"
)

func query(t *testing.T, path, doc string) (string, *value.Error) {
	t.Helper()
	p, err := jsonpath.Parse(path)
	if err != nil {
		return "", err
	}
	canonical, err := value.ParseJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	vars := value.JSON{Kind: value.JSONObject}
	list, _, err := p.Query(value.ReadJSON(canonical), vars)
	return string(value.JSON{Kind: value.JSONArray, Elems: list}.AppendText(nil)), err
}

func TestQuery(t *testing.T) {
	for _, c := range []struct{ path, doc, want, state string }{
		{"$.a[*] ? (@.b > 1).b", `{"a": [{"b": 1}, {"b": 2}]}`, "[2]", ""},
		{"strict $.zz", `{}`, "[]", "2203A"},
		{"lax $.zz", `{}`, "[]", ""},
		{"$.**.a", `{"a": {"a": 1}}`, `[{"a": 1}, 1]`, ""},
		{"($.a > 1).type()", `{"a": 2}`, `["boolean"]`, ""},
		{"$.keyvalue()", `{"x": 1}`, `[{"id": 0, "key": "x", "value": 1}]`, ""},
		{"$ ? (@ like_regex \"^A\" flag \"i\")", `"abc"`, `["abc"]`, ""},
		{"$.datetime()", `"2020-01-01"`, "", "0A000"},
		{"$[last]", `[1, 2]`, "[2]", ""},
		{"$ / 0", `1`, "[]", "22012"},
		{"$x", `1`, "[]", "42704"},
		{"@", `1`, "", "42601"},
	} {
		got, err := query(t, c.path, c.doc)
		state := ""
		if err != nil {
			state = err.SQLState
		}
		if got != c.want || state != c.state {
			t.Errorf("%s of %s: %s %s, want %s %s", c.path, c.doc, got, state, c.want, c.state)
		}
	}
}

// TestLimits: MaxPath, MaxDepth and MaxSteps are fine, one more is not.
func TestLimits(t *testing.T) {
	state := func(path, doc string) string {
		_, err := query(t, path, doc)
		if err == nil {
			return ""
		}
		return err.SQLState
	}
	for n, want := range map[int]string{0: "", 1: value.StateTooLarge} {
		if got := state("$"+strings.Repeat(" ", jsonpath.MaxPath-1+n), "1"); got != want {
			t.Errorf("%d bytes over: %q", n, got)
		}
	}
	for n, want := range map[int]string{0: "", 1: value.StateTooDeep} {
		depth := jsonpath.MaxDepth + n
		if got := state(strings.Repeat("(", depth)+"$"+strings.Repeat(")", depth), "1"); got != want {
			t.Errorf("%d levels over: %q", n, got)
		}
	}
	// $ is a step, and each element of $[*] another with two pairs to compare
	doc := "[" + strings.TrimSuffix(strings.Repeat("1,", 2000), ",") + "]"
	if got := state("strict $[*] == $[*]", doc); got != value.StateTooLarge {
		t.Errorf("four million comparisons: %q", got)
	}
	if got := state("strict $[*] == $[0]", doc); got != "" {
		t.Errorf("two thousand comparisons: %q", got)
	}
}

// FuzzParse: no text breaks the parser, and what it takes can be evaluated.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"$.a[*] ? (@.b > 1 && exists(@.c)).type()", "strict $.**{1 to last}", `$ ? (@ starts with "a")`,
		`-($x + 1) * 2`, `$."a\u0062" like_regex "a" flag "i"`, "$[0, 1 to last - 1]",
		"(1 == 1) is unknown",
	} {
		f.Add(s)
	}
	doc := value.ReadJSON(`{"a": [{"b": 1}, {"b": "x"}], "c": null}`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := jsonpath.Parse(s)
		if err != nil {
			return
		}
		list, _, _ := p.Query(doc, value.JSON{})
		ok, _, err := p.Exists(doc, value.JSON{})
		if err == nil && ok && len(list) == 0 {
			t.Fatalf("%q has items, and has none", s)
		}
	})
}
