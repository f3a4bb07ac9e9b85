package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// textFormats is format(): a text with %s, %I and %L. Source: text_format of PostgreSQL's
// varlena.c.
func textFormats() []*function {
	return []*function{
		define("format", value.Text, formatText, value.Text).callable(),
		define("format", value.Text, formatText, value.Text, value.Text).callable().wild(),
	}
}

func formatText(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	if a[0].IsNull() {
		return value.NullDatum, nil
	}
	f := formatter{in: a[0].S, args: a, next: 1}
	for f.pos < len(f.in) && f.err == nil && len(f.out) <= MaxTextResult {
		c := f.in[f.pos]
		f.pos++
		if c != '%' {
			f.out = append(f.out, c)
			continue
		}
		f.specifier()
	}
	if f.err != nil {
		return value.NullDatum, f.err
	}
	return textResult(string(f.out))
}

// formatter writes a text as it reads its format; the first fault sticks.
type formatter struct {
	in   string
	pos  int
	args []value.Datum
	next int // argument
	out  []byte
	err  *value.Error
}

func (f *formatter) fail(state, format string, args ...any) {
	if f.err == nil {
		f.err = value.Errorf(state, format, args...)
	}
}

// peek returns the next character, 0 after a fault; there must be one.
func (f *formatter) peek() byte {
	if f.pos >= len(f.in) {
		f.fail(value.StateBadParameter, "unterminated format() type specifier")
	}
	if f.err != nil {
		return 0
	}
	return f.in[f.pos]
}

// number reads digits; ok is false if there are none.
func (f *formatter) number() (n int64, ok bool) {
	start := f.pos
	for f.err == nil && f.pos < len(f.in) && f.in[f.pos] >= '0' && f.in[f.pos] <= '9' {
		if n = n*10 + int64(f.in[f.pos]-'0'); n > 1<<31-1 {
			f.fail(value.StateOutOfRange, "number is out of range")
		}
		f.pos++
	}
	if f.pos > start {
		f.peek()
	}
	return n, f.pos > start
}

// arg returns an argument: at, or the next if at is not positive.
func (f *formatter) arg(at int64) value.Datum {
	if at > 0 {
		f.next = int(at)
	}
	if f.err == nil && f.next >= len(f.args) {
		f.fail(value.StateBadParameter, "too few arguments for format()")
	}
	if f.err != nil {
		return value.NullDatum
	}
	f.next++
	return f.args[f.next-1]
}

const errFormatZero = "format specifies argument 0, but arguments are numbered from 1"

func (f *formatter) specifier() {
	if f.peek() == '%' {
		f.pos++
		f.out = append(f.out, '%')
		return
	}
	at, width, left := int64(0), int64(0), false
	n, isNumber := f.number()
	direct := isNumber && f.peek() != '$'
	switch {
	case direct:
		width = n
	case isNumber:
		if n == 0 {
			f.fail(value.StateBadParameter, errFormatZero)
		}
		at = n
		f.pos++
	}
	for !direct && f.peek() == '-' {
		left = true
		f.pos++
	}
	indirect := int64(-1)
	if !direct && f.peek() == '*' {
		f.pos++
		indirect = f.indirect()
	} else if !direct {
		width, _ = f.number()
	}
	c := f.peek()
	if f.err == nil && c != 's' && c != 'I' && c != 'L' {
		f.fail(value.StateBadParameter, "unrecognized format() type specifier %q",
			f.in[f.pos:f.pos+runeLen(f.in[f.pos:])])
	}
	if indirect >= 0 {
		width = f.width(f.arg(indirect))
	}
	d := f.arg(at)
	if f.err == nil {
		f.pos++
		f.pad(f.convert(c, d), width, left)
	}
}

// indirect reads what stands behind *: the place of an argument, or 0 for the next.
func (f *formatter) indirect() int64 {
	n, ok := f.number()
	if !ok {
		return 0
	}
	if f.peek() != '$' {
		f.fail(value.StateBadParameter, "width argument position must be ended by \"$\"")
	}
	if n == 0 {
		f.fail(value.StateBadParameter, errFormatZero)
	}
	f.pos++
	return n
}

// width is that of an argument; NULL is 0.
func (f *formatter) width(d value.Datum) int64 {
	switch {
	case d.IsNull():
		return 0
	case d.Kind == value.Int2 || d.Kind == value.Int4:
		return d.I
	}
	v, err := value.Parse(value.Format(d), value.Of(value.Int4))
	if err != nil && f.err == nil {
		f.err = err
	}
	return v.I
}

func (f *formatter) convert(c byte, d value.Datum) string {
	switch c {
	case 's':
		return value.Format(d)
	case 'I':
		if d.IsNull() {
			f.fail("22004", "null values cannot be formatted as an SQL identifier")
			return ""
		}
		return quoteIdent(value.Format(d))
	}
	if d.IsNull() {
		return "NULL"
	}
	return quoteLiteral(value.Format(d))
}

func (f *formatter) pad(s string, width int64, left bool) {
	if width < 0 {
		left, width = true, -width
	}
	if width > 1<<31-1 {
		f.fail(value.StateOutOfRange, "number is out of range")
	}
	if width > MaxTextResult && f.err == nil {
		f.err = errTextResult
	}
	if f.err != nil {
		return
	}
	fill := strings.Repeat(" ", int(max(width-int64(utf8.RuneCountInString(s)), 0)))
	if left {
		f.out = append(append(f.out, s...), fill...)
	} else {
		f.out = append(append(f.out, fill...), s...)
	}
}

// quoteFunctions write texts as SQL.
func quoteFunctions() []*function {
	t := value.Text
	fs := []*function{textMap("quote_ident", quoteIdent)}
	for _, k := range allKinds() {
		fs = append(fs,
			define("quote_literal", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return textResult(quoteLiteral(textOf(a[0])))
			}, k),
			define("quote_nullable", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				if a[0].IsNull() {
					return value.NewText("NULL"), nil
				}
				return textResult(quoteLiteral(textOf(a[0])))
			}, k).callable())
	}
	return fs
}

// textOf is the text that a cast gives.
func textOf(d value.Datum) string {
	if d.Kind == value.Bool {
		return strconv.FormatBool(d.Bool())
	}
	return value.Format(d)
}

func quoteLiteral(s string) string {
	out := "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + out
	}
	return out
}

// quoteIdent puts a name in quotes unless it is plain and no keyword.
func quoteIdent(s string) string {
	plain := s != "" && !(s[0] >= '0' && s[0] <= '9') &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
	if plain && !strings.Contains(keywords, " "+s+" ") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// keywords are those of PostgreSQL 15 that are reserved in some place, between spaces.
const keywords = " all analyse analyze and any array as asc asymmetric authorization between " +
	"bigint " +
	"binary bit boolean both case cast char character check coalesce collate collation column " +
	"concurrently constraint create cross current_catalog current_date current_role " +
	"current_schema current_time current_timestamp current_user dec decimal default " +
	"deferrable desc distinct do else end except exists extract false fetch float for foreign " +
	"freeze from full grant greatest group grouping having ilike in initially inner inout int " +
	"integer intersect interval into is isnull join lateral leading least left like limit " +
	"localtime localtimestamp national natural nchar none normalize not notnull null nullif " +
	"numeric offset on only or order out outer overlaps overlay placing position precision " +
	"primary real references returning right row select session_user setof similar smallint " +
	"some substring symmetric table tablesample then time timestamp to trailing treat trim " +
	"true union unique user using values varchar variadic verbose when where window with " +
	"xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi " +
	"xmlroot xmlserialize xmltable "
