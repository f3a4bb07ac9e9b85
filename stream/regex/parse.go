package regex

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// stateBadRegex is invalid_regular_expression.
const stateBadRegex = "2201B"

// maxRepeat is the largest count in braces.
const maxRepeat = 255

// maxNesting bounds the nesting of parentheses.
const maxNesting = 100

func malformed(why string) *value.Error {
	return value.Errorf(stateBadRegex, "invalid regular expression: %s", why)
}

func unsupported(what string) *value.Error {
	return value.Errorf(value.StateUnsupported, "regular expressions with %s are not supported", what)
}

// options are the flags of a pattern.
type options struct {
	fold      bool // i
	lines     bool // ^ and $ match at lines
	dotLines  bool // . and [^...] do not match a newline
	expanded  bool // x
	quoted    bool // q: no character is special
	unhandled byte // a flag of another flavour of pattern
}

// set applies one flag of PostgreSQL's embedded options; ok is false for an unknown one.
func (o *options) set(c byte) (ok bool) {
	switch c {
	case 'i':
		o.fold = true
	case 'c':
		o.fold = false
	case 'n', 'm':
		o.lines, o.dotLines = true, true
	case 'p':
		o.lines, o.dotLines = false, true
	case 'w':
		o.lines, o.dotLines = true, false
	case 's':
		o.lines, o.dotLines = false, false
	case 'x':
		o.expanded = true
	case 't':
		o.expanded = false
	case 'q':
		o.quoted = true
	case 'b', 'e':
		o.unhandled = c
	default:
		return false
	}
	return true
}

// parser reads a pattern; the first fault sticks.
type parser struct {
	s      string
	pos    int
	o      options
	groups int
	depth  int
	last   rune // the character that escape read, if single
	single bool
	err    *value.Error
}

func (p *parser) fail(err *value.Error) {
	if p.err == nil {
		p.err = err
	}
	p.pos = len(p.s)
}

func (p *parser) more() bool { return p.pos < len(p.s) }

func (p *parser) has(prefix string) bool { return strings.HasPrefix(p.s[p.pos:], prefix) }

func (p *parser) accept(prefix string) bool {
	if p.has(prefix) {
		p.pos += len(prefix)
		return true
	}
	return false
}

func (p *parser) next() rune {
	r, n := utf8.DecodeRuneInString(p.s[p.pos:])
	p.pos += n
	return r
}

// parse reads the whole pattern, with its prefixes.
func (p *parser) parse() *node {
	if p.accept("***=") {
		p.o.quoted = true
	} else if !p.accept("***:") && p.accept("***") {
		p.fail(malformed("invalid regexp (reg version 0.8)"))
	}
	if !p.o.quoted && p.has("(?") && p.pos+2 < len(p.s) && isLetter(p.s[p.pos+2]) {
		p.embedded()
	}
	if p.o.unhandled != 0 {
		p.fail(unsupported("basic or extended syntax (flags b, e)"))
	}
	if p.o.quoted {
		var subs []*node
		for p.more() {
			subs = append(subs, p.char(p.next()))
		}
		return concat(subs)
	}
	n := p.alternatives()
	if p.more() {
		p.fail(malformed("parentheses () not balanced"))
	}
	return n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// embedded reads (?flags) at the start.
func (p *parser) embedded() {
	p.pos += 2
	for p.more() && isLetter(p.s[p.pos]) {
		if !p.o.set(p.s[p.pos]) {
			p.fail(malformed("invalid embedded option"))
			return
		}
		p.pos++
	}
	if !p.accept(")") {
		p.fail(malformed("invalid embedded option"))
	}
}

func (p *parser) alternatives() *node {
	if p.depth++; p.depth > maxNesting {
		p.fail(value.Errorf(value.StateTooDeep, "a regular expression nests deeper than %d",
			maxNesting))
	}
	subs := []*node{p.branch()}
	for p.accept("|") {
		subs = append(subs, p.branch())
	}
	p.depth--
	return alternate(subs)
}

func (p *parser) branch() *node {
	var subs []*node
	for {
		if p.skip(); !p.more() || p.has("|") || p.has(")") && p.depth > 1 {
			break
		}
		n := p.atom()
		if p.err != nil {
			return n
		}
		subs = append(subs, p.quantified(n))
	}
	return concat(subs)
}

// skip passes comments, and under x white space.
func (p *parser) skip() {
	for p.more() {
		switch c := p.s[p.pos]; {
		case p.o.expanded && (c == ' ' || c >= '\t' && c <= '\r'):
			p.pos++
		case p.o.expanded && c == '#':
			for p.more() && p.s[p.pos] != '\n' {
				p.pos++
			}
		case p.has("(?#"):
			i := strings.IndexByte(p.s[p.pos:], ')')
			if i < 0 {
				p.pos = len(p.s)
				return
			}
			p.pos += i + 1
		default:
			return
		}
	}
}

func (p *parser) atom() *node {
	switch c := p.s[p.pos]; c {
	case '(':
		return p.parenthesis()
	case '[':
		p.pos++
		return p.bracket()
	case '\\':
		p.pos++
		return p.escape()
	case '.':
		p.pos++
		var all class
		all.add(0, utf8.MaxRune)
		if p.o.dotLines {
			all.remove('\n')
		}
		return leaf(all)
	case '^':
		p.pos++
		if p.o.lines {
			return assertNode(atLineStart)
		}
		return assertNode(atStart)
	case '$':
		p.pos++
		if p.o.lines {
			return assertNode(atLineEnd)
		}
		return assertNode(atEnd)
	case '*', '+', '?':
		p.fail(malformed("quantifier operand invalid"))
	case '{':
		if p.pos+1 < len(p.s) && isDigit(p.s[p.pos+1]) {
			p.fail(malformed("quantifier operand invalid"))
		}
	}
	if !p.more() {
		return &node{}
	}
	return p.char(p.next())
}

// char matches one character.
func (p *parser) char(r rune) *node {
	var c class
	c.add(r, r)
	if p.o.fold {
		c.fold()
	}
	return leaf(c)
}

func (p *parser) parenthesis() *node {
	p.pos++
	for _, look := range []string{"?=", "?!", "?<=", "?<!"} {
		if p.has(look) {
			p.fail(unsupported("look-around"))
			return &node{}
		}
	}
	plain := p.accept("?:")
	if !plain && p.has("?") {
		p.fail(malformed("quantifier operand invalid"))
		return &node{}
	}
	index := 0
	if !plain {
		p.groups++
		index = p.groups
	}
	n := p.alternatives()
	if p.err == nil && !p.accept(")") {
		p.fail(malformed("parentheses () not balanced"))
	}
	if p.err != nil {
		return n
	}
	if plain {
		if n.op == opAssert { // unlike a bare one it may be repeated
			return &node{op: opConcat, subs: []*node{n}}
		}
		return n
	}
	return group(index, n)
}

// quantified reads the quantifier behind an atom, if there is one.
func (p *parser) quantified(n *node) *node {
	if p.skip(); !p.more() {
		return n
	}
	lo, hi, exact := 0, unlimited, false
	switch c := p.s[p.pos]; {
	case c == '*':
		p.pos++
	case c == '+':
		p.pos++
		lo = 1
	case c == '?':
		p.pos++
		hi = 1
	case c == '{' && p.pos+1 < len(p.s) && isDigit(p.s[p.pos+1]):
		lo, hi, exact = p.bounds()
	default:
		return n
	}
	prefer := preferLong
	if p.accept("?") {
		prefer = preferShort
	}
	if exact {
		prefer = preferNone
	}
	if p.err != nil {
		return n
	}
	if n.op == opAssert {
		p.fail(malformed("quantifier operand invalid"))
		return n
	}
	if p.skip(); p.more() {
		switch c := p.s[p.pos]; {
		case c == '*', c == '+', c == '?',
			c == '{' && p.pos+1 < len(p.s) && isDigit(p.s[p.pos+1]):
			p.fail(malformed("quantifier operand invalid"))
		}
	}
	return repeat(n, lo, hi, prefer)
}

// bounds reads {m}, {m,} or {m,n}.
func (p *parser) bounds() (lo, hi int, exact bool) {
	p.pos++
	lo = p.number()
	hi, exact = lo, true
	if p.accept(",") {
		hi, exact = unlimited, false
		if p.more() && isDigit(p.s[p.pos]) {
			hi = p.number()
		}
	}
	if p.err == nil && !p.accept("}") {
		p.fail(malformed("invalid repetition count(s)"))
	}
	if lo > maxRepeat || hi > maxRepeat || hi != unlimited && hi < lo {
		p.fail(malformed("invalid repetition count(s)"))
	}
	return lo, hi, exact
}

func (p *parser) number() int {
	v := 0
	for p.more() && isDigit(p.s[p.pos]) && v <= maxRepeat {
		v = v*10 + int(p.s[p.pos]-'0')
		p.pos++
	}
	return v
}
