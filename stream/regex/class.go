package regex

import (
	"slices"
	"unicode/utf8"
)

// class is a set of characters: ASCII as bits, the rest as sorted ranges that do not touch.
type class struct {
	ascii  [2]uint64
	ranges []span // of characters from 128 on
}

type span struct{ lo, hi rune }

func (c *class) has(r rune) bool {
	if r < utf8.RuneSelf {
		return c.ascii[r>>6]>>(uint(r)&63)&1 != 0
	}
	_, found := slices.BinarySearchFunc(c.ranges, r, func(s span, r rune) int {
		switch {
		case s.hi < r:
			return -1
		case s.lo > r:
			return 1
		}
		return 0
	})
	return found
}

func (c *class) add(lo, hi rune) {
	for r := lo; r <= hi && r < utf8.RuneSelf; r++ {
		c.ascii[r>>6] |= 1 << (uint(r) & 63)
	}
	if hi >= utf8.RuneSelf {
		c.ranges = append(c.ranges, span{max(lo, utf8.RuneSelf), hi})
	}
}

func (c *class) addClass(d class) {
	c.ascii[0] |= d.ascii[0]
	c.ascii[1] |= d.ascii[1]
	c.ranges = append(c.ranges, d.ranges...)
}

// settle sorts and joins the ranges.
func (c *class) settle() {
	slices.SortFunc(c.ranges, func(a, b span) int { return int(a.lo) - int(b.lo) })
	out := c.ranges[:0]
	for _, s := range c.ranges {
		if n := len(out); n > 0 && s.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, s.hi)
		} else {
			out = append(out, s)
		}
	}
	c.ranges = out
}

// negated returns the complement of a settled class.
func (c class) negated() class {
	out := class{ascii: [2]uint64{^c.ascii[0], ^c.ascii[1]}}
	next := rune(utf8.RuneSelf)
	for _, s := range c.ranges {
		if s.lo > next {
			out.ranges = append(out.ranges, span{next, s.lo - 1})
		}
		next = s.hi + 1
	}
	if next <= utf8.MaxRune {
		out.ranges = append(out.ranges, span{next, utf8.MaxRune})
	}
	return out
}

// fold adds the other case of ASCII letters.
func (c *class) fold() {
	const letters = 0x07FFFFFE // A-Z and a-z, each in its half of the second word
	up, low := c.ascii[1]&letters, c.ascii[1]>>32&letters
	c.ascii[1] |= up<<32 | low
}

func (c *class) remove(r rune) { c.ascii[r>>6] &^= 1 << (uint(r) & 63) }

func classOf(ranges ...rune) class {
	var c class
	for i := 0; i < len(ranges); i += 2 {
		c.add(ranges[i], ranges[i+1])
	}
	return c
}

// namedClass is [:name:] in the C locale.
func namedClass(name string) (class, bool) {
	switch name {
	case "alpha":
		return classOf('A', 'Z', 'a', 'z'), true
	case "upper":
		return classOf('A', 'Z'), true
	case "lower":
		return classOf('a', 'z'), true
	case "digit":
		return classOf('0', '9'), true
	case "alnum":
		return classOf('0', '9', 'A', 'Z', 'a', 'z'), true
	case "word":
		return classOf('0', '9', 'A', 'Z', 'a', 'z', '_', '_'), true
	case "xdigit":
		return classOf('0', '9', 'A', 'F', 'a', 'f'), true
	case "punct":
		return classOf('!', '/', ':', '@', '[', '`', '{', '~'), true
	case "space":
		return classOf('\t', '\r', ' ', ' '), true
	case "blank":
		return classOf('\t', '\t', ' ', ' '), true
	case "cntrl":
		return classOf(0, 31, 127, 127), true
	case "graph":
		return classOf('!', '~'), true
	case "print":
		return classOf(' ', '~'), true
	case "ascii":
		return classOf(0, 127), true
	}
	return class{}, false
}
