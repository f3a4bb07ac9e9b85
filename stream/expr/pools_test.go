package expr_test

import "weir/stream/value"

// argPool has texts for an argument of some functions.
type argPool struct {
	names string
	arg   int
	kind  value.Kind
	texts []string
}

var patterns = []string{
	"a", "b*", "(a)(b)?", "[[:alpha:]]+", "^a", "c$", `\d+`, `(\w+) (\w+)`, "a|b|c", ".", "", "(",
	"[", "a{2,1}", "x*", "(?:ab)+", "a.c", "[^a-c]", `\mfoo`, `(o)(.)?`, "A", "漢", `\s*`, "(a*)*",
	"(a|ab)(c|bcd)?", "o{1,2}?", "***=a.b", "(?i)AB", `\1`, "(?=a)", "*", `\y`, ",", "[0-9]{4}",
}

var subjects = []string{
	"abc", "foobarbequebaz", "foo  bar", "aaa bbb", "Äé漢字", "", "a,b,,c", "abcabc", "foo\nbar",
	"thomas", "2024-01-02", "ABC abc", "ooo",
}

var regexFlags = []string{"", "g", "i", "gi", "n", "x", "z", "c", "s", "q", "p", "w"}

const regexNames = "textregexeq textregexne texticregexeq texticregexne regexp_match regexp_like " +
	"regexp_split_to_array regexp_count regexp_instr regexp_substr regexp_replace"

var smallInts = []string{"0", "1", "2", "3", "-1", "5"}

var argPools = []argPool{
	{regexNames, 0, value.Text, subjects},
	{regexNames + " substring", 1, value.Text, patterns},
	{"regexp_match regexp_like regexp_split_to_array", 2, value.Text, regexFlags},
	{"regexp_count regexp_replace", 3, value.Text, regexFlags},
	{"regexp_substr", 4, value.Text, regexFlags},
	{"regexp_instr regexp_replace", 5, value.Text, regexFlags},
	{"regexp_count regexp_instr regexp_substr", 2, value.Int4, smallInts},
	{"regexp_instr regexp_substr regexp_replace", 3, value.Int4, smallInts},
	{"regexp_instr regexp_replace", 4, value.Int4, smallInts},
	{"regexp_substr", 5, value.Int4, smallInts},
	{"regexp_instr", 6, value.Int4, smallInts},
	{"regexp_replace", 2, value.Text, []string{"X", `<\1>`, `\&\&`, `\\`, `\2x`, `a\`, `\q`, ""}},
	{"substring", 2, value.Text, []string{"#", "", `\`, "ab"}},
	{"similar_to_escape", 0, value.Text, []string{
		"%a_", "[ab]%", "(a|b)", `a\_`, "#a", `%#"b_#"%`, "a.b^$", "[a^]", `#"`, "",
	}},
	{"similar_to_escape", 1, value.Text, []string{"#", "", `\`, "ab"}},
	{"format", 0, value.Text, []string{
		"%s", "%I|%L", "%1$s %1$s", "%5s|", "%-5s|", "%*s", "%%", "%", "%q", "%2$s", "%0$s", "%1$-7L|",
		"%1$*1$s", "%s %s", "%99999999999s", "%*0$s", "%-", "%1$",
	}},
	{"encode decode", 1, value.Text, []string{"hex", "base64", "escape", "HEX", "rot13"}},
	{"decode", 0, value.Text, []string{
		"6162", "YWJj", "YW Jj", "YQ==", "YWI=", "Y", "=", "zz", `\000\\a`, `\8`, `\x61`, "Y===",
	}},
	{"convert_from convert_to", 1, value.Text, []string{"UTF8", "utf-8", "Unicode"}},
	{"quote_ident", 0, value.Text, []string{"a", "select", "A b", `x"y`, "", "_1", "1a", "name", "é"}},
	{"chr", 0, value.Int4, []string{"65", "0", "-1", "233", "55296", "1114111", "1114112", "8364"}},
	{"overlay set_byte get_byte", 1, value.Int4, smallInts},
	{"overlay", 2, value.Int4, smallInts}, {"overlay", 3, value.Int4, smallInts},
	{"get_bit set_bit", 1, value.Int8, []string{"0", "1", "7", "9", "15", "-1", "16"}},
	{"set_bit", 2, value.Int4, smallInts},
	{"translate", 1, value.Text, []string{"abc", "aA", "", "a漢a"}},
}
