package regex

import (
	"strings"
	"unicode/utf8"
)

var errRange = malformed("invalid character range")

// bracket reads a bracket expression behind its [.
func (p *parser) bracket() *node {
	if p.accept("[:<:]]") {
		return assertNode(atWordStart)
	}
	if p.accept("[:>:]]") {
		return assertNode(atWordEnd)
	}
	negated := p.accept("^")
	var c class
	for first := true; ; first = false {
		if !p.more() {
			p.fail(malformed("brackets [] not balanced"))
			return &node{}
		}
		if !first && p.accept("]") {
			break
		}
		p.member(&c, first)
		if p.err != nil {
			return &node{}
		}
	}
	if p.o.fold {
		c.fold()
	}
	c.settle()
	if negated {
		c = c.negated()
		if p.o.dotLines {
			c.remove('\n')
		}
	}
	return leaf(c)
}

// member reads one member or range.
func (p *parser) member(c *class, first bool) {
	lo, set, isSet := p.member1(c, first)
	if p.err != nil {
		return
	}
	if !p.has("-") || p.has("-]") {
		if isSet {
			c.addClass(set)
		} else {
			c.add(lo, lo)
		}
		return
	}
	if isSet {
		p.fail(errRange)
		return
	}
	p.pos++
	hi, _, isSet := p.member1(c, false)
	if p.err == nil && (isSet || hi < lo) {
		p.fail(errRange)
	}
	if p.err != nil {
		return
	}
	c.add(lo, hi)
}

// member1 reads a character or a class. A minus stands only first, last or as the end of a range.
func (p *parser) member1(c *class, first bool) (r rune, set class, isSet bool) {
	switch {
	case !p.more():
		p.fail(malformed("brackets [] not balanced"))
		return 0, set, false
	case p.accept("[:"):
		i := strings.Index(p.s[p.pos:], ":]")
		if i < 0 {
			p.fail(malformed("brackets [] not balanced"))
			return 0, set, false
		}
		set, ok := namedClass(p.s[p.pos : p.pos+i])
		if !ok {
			p.fail(malformed("invalid character class")) // and stands at the end
			return 0, set, true
		}
		p.pos += i + 2
		return 0, set, true
	case p.has("[.") || p.has("[="):
		end := p.s[p.pos+1:p.pos+2] + "]"
		p.pos += 2
		i := strings.Index(p.s[p.pos:], end)
		if i < 0 {
			p.fail(malformed("brackets [] not balanced"))
			return 0, set, false
		}
		name := p.s[p.pos : p.pos+i]
		p.pos += i + 2
		if utf8.RuneCountInString(name) != 1 {
			p.fail(malformed("invalid collating element"))
		}
		r, _ = utf8.DecodeRuneInString(name)
		return r, set, false
	case p.accept(`\`):
		n := p.escape()
		if p.err != nil {
			return 0, set, false
		}
		if n.op != opSet {
			p.fail(malformed("invalid escape \\ sequence"))
			return 0, set, false
		}
		if p.single {
			return p.last, set, false
		}
		return 0, n.set, true
	}
	return p.next(), set, false
}
