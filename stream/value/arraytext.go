package value

import "strings"

// appendArrayText appends PostgreSQL's output form of an array, such as {1,NULL,"a b"}.
func appendArrayText(dst []byte, d Datum) []byte {
	dst = append(dst, '{')
	for i, e := range ArrayElems(d) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e.IsNull() {
			dst = append(dst, "NULL"...)
			continue
		}
		start := len(dst)
		dst = AppendText(dst, e)
		if needsArrayQuotes(dst[start:]) {
			dst = appendArrayQuoted(dst[:start], string(dst[start:]))
		}
	}
	return append(dst, '}')
}

func needsArrayQuotes(b []byte) bool {
	if len(b) == 0 || len(b) == 4 && strings.EqualFold(string(b), "null") {
		return true
	}
	for _, c := range b {
		switch c {
		case '"', '\\', '{', '}', ',', ' ', '\t', '\n', '\r', '\v', '\f':
			return true
		}
	}
	return false
}

func appendArrayQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// arrayParser reads the text form of an array, as ReadArrayStr of PostgreSQL's arrayfuncs.c.
type arrayParser struct {
	text string
	pos  int
}

func (p *arrayParser) malformed() *Error {
	return Errorf(StateBadText, "malformed array literal: %q", p.text)
}

func isArraySpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (p *arrayParser) space() {
	for p.pos < len(p.text) && isArraySpace(p.text[p.pos]) {
		p.pos++
	}
}

func (p *arrayParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// parseArray reads {...}; bounds in front and braces within, which arrays of one dimension that
// start at 1 do not have, are 0A000.
func parseArray(text string, t Type) (Datum, *Error) {
	p := arrayParser{text: text}
	p.space()
	switch p.peek() {
	case '[':
		return NullDatum, Errorf(StateUnsupported, "array literals with bounds are not supported")
	case '{':
		p.pos++
	default:
		return NullDatum, p.malformed()
	}
	elems, err := p.elements(t.ElemType())
	if err != nil {
		return NullDatum, err
	}
	if p.space(); p.pos != len(text) {
		return NullDatum, p.malformed()
	}
	return NewArray(t.ElemType(), elems), nil
}

func (p *arrayParser) elements(t Type) ([]Datum, *Error) {
	if p.space(); p.peek() == '}' {
		p.pos++
		return nil, nil
	}
	var texts []string
	var nulls []bool
	for {
		s, null, err := p.element()
		if err != nil {
			return nil, err
		}
		if texts, nulls = append(texts, s), append(nulls, null); len(texts) > MaxArrayLen {
			return nil, ErrArrayTooLong
		}
		p.space()
		c := p.peek()
		p.pos++
		if c == '}' {
			break
		}
		if c != ',' {
			return nil, p.malformed()
		}
	}
	// The shape of the literal is judged before its elements, as PostgreSQL does.
	if p.space(); p.pos != len(p.text) {
		return nil, p.malformed()
	}
	elems := make([]Datum, len(texts))
	for i, s := range texts {
		if nulls[i] {
			continue
		}
		var err *Error
		if elems[i], err = Parse(s, t); err != nil {
			return nil, err
		}
	}
	return elems, nil
}

// element reads one element: quoted, or bare with its white space trimmed.
func (p *arrayParser) element() (s string, null bool, err *Error) {
	p.space()
	var out []byte
	switch p.peek() {
	case '{':
		return "", false, p.nested()
	case '"':
		p.pos++
		for p.pos < len(p.text) {
			c := p.text[p.pos]
			p.pos++
			if c == '"' {
				return string(out), false, nil
			}
			if c == '\\' {
				if p.pos == len(p.text) {
					break
				}
				c = p.text[p.pos]
				p.pos++
			}
			out = append(out, c)
		}
		return "", false, p.malformed()
	}
	keep, escaped := 0, false
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch c {
		case '{', '"':
			return "", false, p.malformed()
		case ',', '}':
			if out = out[:keep]; len(out) == 0 {
				return "", false, p.malformed()
			}
			return string(out), !escaped && strings.EqualFold(string(out), "null"), nil
		case '\\':
			if p.pos++; p.pos == len(p.text) {
				return "", false, p.malformed()
			}
			c, escaped = p.text[p.pos], true
			out = append(out, c)
			keep = len(out)
			p.pos++
			continue
		}
		out = append(out, c)
		p.pos++
		if !isArraySpace(c) {
			keep = len(out)
		}
	}
	return "", false, p.malformed()
}

// nested is the refusal of a brace where an element is due: more dimensions, if braces pair.
func (p *arrayParser) nested() *Error {
	if strings.Count(p.text, "{") != strings.Count(p.text, "}") {
		return p.malformed()
	}
	return Errorf(StateUnsupported, "arrays of more than one dimension are not supported")
}
