package value

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxJSONDepth bounds the nesting of jsonb.
const MaxJSONDepth = 64

// ParseJSON returns the canonical text of a JSON document, which is what a jsonb value holds:
// PostgreSQL's output form (": " and ", "), object keys ordered by length and then bytes, the
// last of duplicate keys, numbers as numeric without trailing zeros, strings with the shortest
// escapes.
func ParseJSON(s string) (string, *Error) {
	p := jsonParser{in: s}
	out, err := p.value(nil, 0)
	if err != nil {
		return "", err
	}
	if p.space(); p.pos != len(p.in) {
		return "", errJSON
	}
	return string(out), nil
}

// IsCanonicalJSON reports whether b is what ParseJSON returns.
func IsCanonicalJSON(b []byte) bool {
	s, err := ParseJSON(string(b))
	return err == nil && s == string(b)
}

var errJSON = &Error{StateBadText, "invalid input syntax for type json"}

// jsonParser is a recursive-descent parser of RFC 8259 that writes canonical text as it goes.
type jsonParser struct {
	in  string
	pos int
}

func (p *jsonParser) space() {
	for p.pos < len(p.in) {
		switch p.in[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// accept consumes c after white space.
func (p *jsonParser) accept(c byte) bool {
	p.space()
	if p.pos < len(p.in) && p.in[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *jsonParser) value(dst []byte, depth int) ([]byte, *Error) {
	p.space()
	if p.pos == len(p.in) {
		return nil, errJSON
	}
	switch c := p.in[p.pos]; {
	case (c == '{' || c == '[') && depth >= MaxJSONDepth:
		return nil, Errorf(StateTooDeep, "jsonb nests deeper than %d", MaxJSONDepth)
	case c == '{':
		return p.object(dst, depth+1)
	case c == '[':
		return p.array(dst, depth+1)
	case c == '"':
		s, err := p.string()
		return appendJSONString(dst, s), err
	case c == '-' || c >= '0' && c <= '9':
		return p.number(dst)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if rest := p.in[p.pos:]; len(rest) >= len(word) && rest[:len(word)] == word {
			p.pos += len(word)
			return append(dst, word...), nil
		}
	}
	return nil, errJSON
}

func (p *jsonParser) array(dst []byte, depth int) ([]byte, *Error) {
	p.pos++
	dst = append(dst, '[')
	if p.accept(']') {
		return append(dst, ']'), nil
	}
	for {
		var err *Error
		if dst, err = p.value(dst, depth); err != nil {
			return nil, err
		}
		if p.accept(']') {
			return append(dst, ']'), nil
		}
		if !p.accept(',') {
			return nil, errJSON
		}
		dst = append(dst, ", "...)
	}
}

type jsonMember struct {
	key  string
	text []byte
	at   int
}

func (p *jsonParser) object(dst []byte, depth int) ([]byte, *Error) {
	p.pos++
	var members []jsonMember
	for more := !p.accept('}'); more; {
		p.space()
		if p.pos == len(p.in) || p.in[p.pos] != '"' {
			return nil, errJSON
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if !p.accept(':') {
			return nil, errJSON
		}
		text, err := p.value(nil, depth)
		if err != nil {
			return nil, err
		}
		members = append(members, jsonMember{key, text, len(members)})
		switch {
		case p.accept('}'):
			more = false
		case !p.accept(','):
			return nil, errJSON
		}
	}
	slices.SortFunc(members, func(a, b jsonMember) int {
		return cmp.Or(cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key),
			cmp.Compare(b.at, a.at))
	})
	members = slices.CompactFunc(members, func(a, b jsonMember) bool { return a.key == b.key })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendJSONString(dst, m.key), ": "...)
		dst = append(dst, m.text...)
	}
	return append(dst, '}'), nil
}

// number checks JSON's grammar and writes the value as a trimmed numeric.
func (p *jsonParser) number(dst []byte) ([]byte, *Error) {
	start := p.pos
	p.pos += p.run("-", 1)
	if p.run("0", 1) == 1 {
		p.pos++
	} else if n := p.run("0123456789", -1); n == 0 {
		return nil, errJSON
	} else {
		p.pos += n
	}
	if p.run(".", 1) == 1 {
		p.pos++
		n := p.run("0123456789", -1)
		if n == 0 {
			return nil, errJSON
		}
		p.pos += n
	}
	if p.run("eE", 1) == 1 {
		p.pos++
		p.pos += p.run("+-", 1)
		n := p.run("0123456789", -1)
		if n == 0 {
			return nil, errJSON
		}
		p.pos += n
	}
	d, err := ParseDecimal(p.in[start:p.pos])
	if err != nil {
		return nil, err
	}
	return d.Trim().AppendText(dst), nil
}

// run returns how many bytes from pos on are in set, at most limit if that is not negative.
func (p *jsonParser) run(set string, limit int) int {
	n := 0
	for p.pos+n < len(p.in) && n != limit && indexByte(set, p.in[p.pos+n]) {
		n++
	}
	return n
}

func indexByte(s string, c byte) bool {
	for i := range len(s) {
		if s[i] == c {
			return true
		}
	}
	return false
}

func (p *jsonParser) string() (string, *Error) {
	p.pos++
	var out []byte
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		p.pos++
		switch {
		case c == '"':
			s := string(out)
			return s, CheckText(s)
		case c < 0x20:
			return "", errJSON
		case c != '\\':
			out = append(out, c)
		default:
			var err *Error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
		}
	}
	return "", errJSON
}

func (p *jsonParser) escape(out []byte) ([]byte, *Error) {
	if p.pos == len(p.in) {
		return nil, errJSON
	}
	c := p.in[p.pos]
	p.pos++
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	for i := range len(from) {
		if from[i] == c {
			return append(out, to[i]), nil
		}
	}
	if c != 'u' {
		return nil, errJSON
	}
	r, ok := p.hex4()
	if ok && r >= 0xD800 && r < 0xDC00 { // a pair of surrogates
		ok = p.pos+2 <= len(p.in) && p.in[p.pos:p.pos+2] == `\u`
		p.pos += 2
		var low rune
		if ok {
			low, ok = p.hex4()
		}
		ok = ok && low >= 0xDC00 && low < 0xE000
		r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
	}
	switch {
	case !ok || r >= 0xDC00 && r < 0xE000:
		return nil, errJSON
	case r == 0:
		return nil, &Error{"22P05", "unsupported Unicode escape sequence"}
	}
	return utf8.AppendRune(out, r), nil
}

func (p *jsonParser) hex4() (rune, bool) {
	if p.pos+4 > len(p.in) {
		return 0, false
	}
	v, err := strconv.ParseUint(p.in[p.pos:p.pos+4], 16, 16)
	p.pos += 4
	return rune(v), err == nil
}

func appendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			if c < 0x20 {
				dst = append(dst, `\u00`...)
				dst = append(dst, hex[c>>4], hex[c&15])
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '"')
}
