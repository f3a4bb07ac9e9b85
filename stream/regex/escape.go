package regex

import (
	"strconv"
	"unicode/utf8"
)

var errEscape = malformed(`invalid escape \ sequence`)

// escape reads what stands behind a backslash. single reports that it is one character, last.
func (p *parser) escape() *node {
	p.single = false
	if !p.more() {
		p.fail(errEscape)
		return &node{}
	}
	c := p.next()
	switch c {
	case 'd', 'D', 's', 'S', 'w', 'W':
		return p.classEscape(byte(c))
	case 'A':
		return assertNode(atStart)
	case 'Z':
		return assertNode(atEnd)
	case 'm':
		return assertNode(atWordStart)
	case 'M':
		return assertNode(atWordEnd)
	case 'y':
		return assertNode(atWordEdge)
	case 'Y':
		return assertNode(notWordEdge)
	}
	r, ok := p.charEscape(c)
	if !ok {
		if p.err == nil {
			p.fail(errEscape)
		}
		return &node{}
	}
	p.last, p.single = r, true
	return p.char(r)
}

func (p *parser) classEscape(c byte) *node {
	name := map[byte]string{'d': "digit", 's': "space", 'w': "word"}[c|0x20]
	set, _ := namedClass(name)
	if c&0x20 == 0 {
		set = set.negated()
	}
	return leaf(set)
}

// charEscape reads an escape that stands for one character.
func (p *parser) charEscape(c rune) (rune, bool) {
	switch c {
	case 'a':
		return 7, true
	case 'b':
		return '\b', true
	case 'B':
		return '\\', true
	case 'c':
		if !p.more() {
			return 0, false
		}
		return p.next() & 0x1F, true
	case 'e':
		return 0x1B, true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'v':
		return '\v', true
	case 'u':
		return p.digits(16, 4, 4)
	case 'U':
		return p.digits(16, 8, 8)
	case 'x':
		return p.digits(16, 1, 255)
	case '0':
		p.pos--
		return p.digits(8, 1, 3)
	}
	switch {
	case c >= '1' && c <= '9':
		return p.octalOrReference()
	case c < utf8.RuneSelf && isLetter(byte(c)):
		return 0, false
	}
	return c, true
}

// digits reads least to most digits; the value must be a character.
func (p *parser) digits(base, least, most int) (rune, bool) {
	v, n := int64(0), 0
	for p.more() && n < most {
		d, err := strconv.ParseInt(p.s[p.pos:p.pos+1], base, 32)
		if err != nil {
			break
		}
		v = min(v*int64(base)+d, utf8.MaxRune+1)
		p.pos++
		n++
	}
	return rune(v), n >= least && v <= utf8.MaxRune
}

// octalOrReference: one digit is a back-reference, and so are two or more that do not exceed the
// groups so far; others are octal.
func (p *parser) octalOrReference() (rune, bool) {
	p.pos--
	start := p.pos
	n := 0
	for p.more() && isDigit(p.s[p.pos]) {
		n = min(n*10+int(p.s[p.pos]-'0'), 1000)
		p.pos++
	}
	if p.pos-start == 1 || n <= p.groups {
		if n > p.groups {
			p.fail(malformed("invalid backreference number"))
		} else {
			p.fail(unsupported("back-references"))
		}
		return 0, false
	}
	p.pos = start
	return p.digits(8, 1, 3)
}
