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

var numberPatterns = []string{
	"999", "999.99", "FM999.99", "000.0", "S999", "999S", "999.9S", "9,999", "FM9,999.00", "MI99.9",
	"99.9MI", "PL999", "SG999", "999PR", "FM999.9PR", "RN", "FMRN", "rn", "9.99EEEE", "99V99", "999th",
	"9G999D9", "L999", "B99", "0999", "9990.0", "\"x\"99", "9 9 9", "99.99.9", "SS9", "9EEEE9",
	"FM0.99",
	"FM90.99", "9PR9", "FM999.0099", "", "TH9", "FMS99.9", "99999999999", "0.0", "FM.99", "999.",
	"9V9.9",
}

const pathNames = "jsonb_path_exists_opr jsonb_path_match_opr jsonb_path_exists " +
	"jsonb_path_match jsonb_path_query_array jsonb_path_query_first"

var paths = []string{
	"$", "$.a", "strict $.a", "lax $.a.b", "$.*", "strict $.*", "$[*]", "strict $[*]", "$[0]",
	"$[last]",
	"$[0 to 1]", "strict $[1 to 9]", "$[last - 1, 0]", "$.**", "strict $.**", "$.**{1}.a",
	"$.**{last}",
	"$.**{1 to 2}", "$.a ? (@ > 0)", "$[*] ? (@ > 1)", "$.b[*] ? (@ >= $x)", "strict $.b ? (@ > 1)",
	"$ ? (@.a == 1 && @.b[0] == 1)", "$ ? (exists(@.c.d))", "strict $ ? (exists(@.zz))", "$.c.d",
	"$[*] ? (@ starts with \"a\")", "$[*] ? (@ starts with $x)", "$[*] ? (@ like_regex \"^a\")",
	"$[*] ? (@ like_regex \"^a\" flag \"i\")", "$.a == 1", "$[*] == 1", "strict $[*] == 1", "$.a + 1",
	"-$[*]", "+$.a", "$.a * 2 - 1", "$[0] / 0", "$[0] % 2", "1 + 2 * 3", "-(1 + 2)", "$.type()",
	"$[*].type()", "$.size()", "strict $.size()", "$.a.double()", "$[*].ceiling()", "$[*].floor()",
	"$[*].abs()", "$.c.keyvalue().key", "($[*] > 1).type()", "($.a > 1) is unknown",
	"!($.a == 1)", "!exists($.a)", "$.a == 1 || $.b == 2", "$x", "$y[0]", "$zz", "$.\"a\"",
	"$.a.\"b\"",
	"@", "last", "$.", "", " ", "$[", "$ ? (1)", "$.a ? (@.b", "lax", "1.type()", "1..type()", "00",
	"1e3",
	".5", "$.a[*].b", "strict $.a[*].b", "$.a ? (@.b == null)", "$ ? (@ != null)", "null", "true",
	"\"x\"",
	"$.abs", "$.type", "$ /* c */ .a", "$.a <> 2", "$.a = 1", "$.a.b.c", "strict $[\"a\"]", "$[1.9]",
	"$[-1]",
	"$ ? (@ like_regex \"(\")", "$ ? (@ like_regex \"a\" flag \"z\")", "$[*] ? (!(@ == 1))",
	"$[*] ? ((@ > 1) is unknown)", "$[*] ? (@.a == 1).a", "($)", "($.a).b", "(1).type()", "$.a && $.b",
	"exists($)", "exists($.a) && $.a == 1", "(exists($)).type()", "$.b.size()", "$.**.a", "$.**{0}",
	"$.keyvalue().value", "$.c ? (@.d like_regex \"B\" flag \"iq\")", "\"a\" < \"b\"", "$[*].double()",
	"$.a[0 to last]", "$[0][0]", "$.\\u0061", "\"\\x61\\u{62}\"", "$.a.foo()", "$[*] ? (@ == @)",
	"-1.abs()",
	"-(1).abs()", "- - 1", "$ ? (@.a ? (@ == 1) == 1)", "strict $.b[*] + 1", "$.b + 1", "$[$x]",
}

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
	{"jsonb_object_field jsonb_object_field_text jsonb_exists sub", 1, value.Text, []string{
		"a", "b", "c", "long key", "x", "1",
	}},
	{"jsonb_extract_path jsonb_extract_path_text", 1, value.Text, []string{"a", "b", "0", "-1", "1"}},
	{"jsonb_object_field jsonb_object_field_text sub", 1, value.Int4, smallInts},
	{
		"jsonb_path_get jsonb_path_get_text jsonb_delete_path jsonb_set jsonb_insert", 1, value.Array,
		[]string{
			"{}", "{a}", "{a,b}", "{0}", "{1,a}", "{-1}", "{a,b,1,c}", "{NULL}", "{x,y}", "{7}",
			"{-9}", "{a,0}", "{a,1}", "{new}", "{1,a,b}",
		},
	},
	{"jsonb_exists_any jsonb_exists_all sub", 1, value.Array, []string{
		"{a,x}", "{a,b}", "{}", "{NULL,a}", "{c}",
	}},
	{"contains contained", 1, value.JSONB, []string{
		"1", `{"a": {"b": "c"}}`, "[1]", "[[1]]", `"a"`, "{}", "[]", `{"a": 1}`, `[{"a": {}}]`,
	}},
	{"jsonb_object", 0, value.Array, []string{
		"{a,1,b,2}", "{a}", "{}", "{a,b}", "{NULL,1}", "{a,a}",
	}},
	{"jsonb_object", 1, value.Array, []string{"{1,2}", "{NULL,x}", "{}", "{y}"}},
	{"to_number", 1, value.Text, numberPatterns},
	{"to_date to_timestamp", 1, value.Text, []string{
		"YYYY-MM-DD", "DD Mon YYYY", "YYYYMMDD", "MM/DD/YY", "YYYY-MM-DD HH24:MI:SS", "FMMonth DD, YYYY",
		"IYYY-IW-ID", "YYYY DDD", "HH12:MI AM", "YYYY-MM-DD HH24:MI:SS.MS", "Y,YYY", "CC YY", "J", "W MM",
		"FXYYYY-MM-DD", "YYYY BC", "RM", "DDth Mon", "YYYY-MM-DD HH24:MI TZH", "US", "YYYY/MM/DD", "IW",
		"Day", "YYYY-IW", "YYYYMM", "SSSS", "",
	}},
	{"to_date to_timestamp", 0, value.Text, []string{
		"2024-02-29", "05 Dec 2000", "20240131", "01/02/99", "2024-01-02 03:04:05", "March 5, 2021",
		"2024-09-3", "2024 060", "03:04 PM", "2024-01-02 03:04:05.6", "2,024", "21 15", "2451187", "2 3",
		"44 BC", "XII", "5th Mar", "2024-01-02 03:04 -08", "123", "2024-13-01", "x", "", "2024/ 1/ 2",
		"Monday", "0000-01-01", "  2024-1-2",
	}},
	{pathNames, 1, value.Text, paths},
	{pathNames, 2, value.JSONB, []string{`{}`, `{"x": 1}`, `{"x": "a", "y": [1]}`, `[]`}},
	{pathNames, 0, value.JSONB, []string{
		`{"a": 1, "b": [1, 2, 3], "c": {"d": "abc", "e": null}}`, `[1, 2, "a", null, {"a": 1}]`,
		`{"a": [{"b": 1}, {"b": 2}, {"c": 3}]}`, `[[1, 2], [3]]`, `12`, `"abc"`, `null`, `[]`, `{}`,
		`[1.5, -2, 3e2]`, `{"a": {"a": {"a": 1}}}`, `["a", "AB", "ba"]`, `true`, `[true, false]`,
		`{"a": "1.5", "b": [{"a": 2}]}`,
	}},
	{"to_number", 0, value.Text, []string{
		"12,454.8-", "-12.5", "1", "+7", "<12>", " 42", "$1,234.50", "1.5", "1234567", "-0.1", "12th",
		"1-", "1 -", "", "abc", "00012", "5.01-", ".5", "-.5", "1,2", "123,456,789.00",
	}},
	{"to_char", 1, value.Text, append(numberPatterns,
		"YYYY-MM-DD HH24:MI:SS.US", "FMMonth DD, YYYY", "Day, DDth Mon YYYY", "HH12:MI AM",
		"IYYY-IW-ID",
		"DDD WW W Q J CC", "FMDay FMDD FMHH:FMMI", "MS FF3 FF6 SSSS", "Y,YYY YYY YY Y", "MON mon Mon",
		"BC A.D. pm p.m.", `"Year:" YYYY \"q\"`, "DY dy Dy", "RM rm FMRM", "TZ OF TZH:TZM tz",
		"D ID IDDD",
		"HH24th MISS", "", "x é 漢", "IYY IY I", "MONTH DAY month day", "FMYYYY-FMMM", "TMMonth", "CCth",
	)},
	{"timezone", 0, value.Text, []string{"UTC", "+02", "-05:30", "utc", "+2", "gmt", "-12"}},
	{"date_trunc", 2, value.Text, []string{"UTC", "+02", "-05:30", "GMT"}},
	{"date_trunc", 0, value.Text, []string{
		"day", "hour", "month", "year", "quarter", "week", "century",
	}},
	{"timezone", 0, value.Interval, []string{"02:00", "-05:30", "1 day", "00:00:30"}},
	{"make_interval", 0, value.Int4, smallInts},
	{"make_interval", 3, value.Int4, smallInts},
	{"make_interval", 4, value.Int4, smallInts},
	{"make_interval", 5, value.Int4, smallInts},
	{"factorial", 0, value.Int8, []string{"0", "1", "5", "33", "-1", "20"}},
	{"sqrt exp ln log log10 power", 0, value.Numeric, []string{
		"2", "0", "-1", "1", "0.5", "100", "1000.000", "0.0001", "12345.678", "1.05", "0.95", "3.14159",
		"99999999999999", "1.000001", "10", "-2.5", "0.000000001", "1.1", "0.9", "123456789.123456789",
	}},
	{"log power", 1, value.Numeric, []string{
		"2", "0", "-1", "0.5", "3", "10", "-2", "1.5", "0.3333333333", "7.25", "-0.5", "1", "20",
	}},
	{"ln exp log log10 power cbrt sqrt", 0, value.Float8, []string{
		"2", "0.5", "10", "1", "0", "-1", "100", "0.1", "3.7", "-8", "27", "1e10", "709", "-745",
		"1e-300", "Infinity", "NaN", "-Infinity", "1.5",
	}},
	{"power", 1, value.Float8, []string{
		"2", "0.5", "-1", "3", "0", "1.5", "-2", "10", "Infinity", "-Infinity", "NaN", "-0.5",
	}},
	{"sin cos tan cot asin acos atan atan2", 0, value.Float8, []string{
		"0", "-0", "1", "-1", "0.5", "-0.5", "3.141592653589793", "1e300", "1e-300", "1.5707963267948966",
		"100", "-2", "Infinity", "-Infinity", "NaN", "0.9999999999", "1e22", "5e-324", "1.1",
	}},
	{"atan2", 1, value.Float8, []string{
		"0", "-0", "1", "-1", "1e300", "1e-300", "-1e300", "Infinity", "-Infinity", "NaN", "2.5",
	}},
	{"width_bucket", 1, value.Float8, []string{"0", "1", "10", "-5", "-1e308", "NaN"}},
	{"width_bucket", 2, value.Float8, []string{"0", "1", "10", "-5", "7.5", "1.7e308", "Infinity"}},
	{"width_bucket", 3, value.Int4, smallInts},
	{"width_bucket", 1, value.Numeric, []string{"0", "1", "10", "-5"}},
	{"width_bucket", 2, value.Numeric, []string{"0", "1", "10", "-5", "7.5"}},
	{"encode decode", 1, value.Text, []string{"hex", "base64", "escape", "HEX", "rot13"}},
	{"decode", 0, value.Text, []string{
		"6162", "YWJj", "YW Jj", "YQ==", "YWI=", "Y", "=", "zz", `\000\\a`, `\8`, `\x61`, "Y===",
	}},
	{"convert_from convert_to", 1, value.Text, []string{"UTF8", "utf-8", "Unicode"}},
	{"quote_ident", 0, value.Text, []string{"a", "select", "A b", `x"y`, "", "_1", "1a", "name", "é"}},
	{"chr", 0, value.Int4, []string{"65", "0", "-1", "233", "55296", "1114111", "1114112", "8364"}},
	{"overlay set_byte get_byte", 1, value.Int4, smallInts},
	{"overlay", 2, value.Int4, smallInts},
	{"overlay", 3, value.Int4, smallInts},
	{"get_bit set_bit", 1, value.Int8, []string{"0", "1", "7", "9", "15", "-1", "16"}},
	{"set_bit", 2, value.Int4, smallInts},
	{"translate", 1, value.Text, []string{"abc", "aA", "", "a漢a"}},
}
