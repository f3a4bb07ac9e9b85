package parse

import (
	"fmt"
	"slices"
	"strconv"
)

// patternReader reads a row pattern. Operators such as +? or }| come as one token from the lexer,
// so each token of punctuation is taken apart into its characters.
type patternReader struct {
	c     *cutter
	toks  []token
	after int // token behind the pattern
	list  []patternToken
	at    int
}

// patternToken is a name, a number, or one character.
type patternToken struct {
	tok token
	ch  byte
}

func (r *patternReader) read() (*Pattern, error) {
	for _, t := range r.toks {
		written := r.c.source[t.start:t.end]
		if t.word() || written[0] >= '0' && written[0] <= '9' {
			r.list = append(r.list, patternToken{tok: t})
			continue
		}
		for i := range len(written) {
			one := t
			one.start, one.end = t.start+i, t.start+i+1
			r.list = append(r.list, patternToken{tok: one, ch: written[i]})
		}
	}
	p, err := r.alternatives(MaxPatternDepth)
	if err != nil {
		return nil, err
	}
	if r.at < len(r.list) {
		return nil, r.syntax()
	}
	return p, r.bounded(p, r.list[0].tok.start)
}

func (r *patternReader) syntax() error {
	if r.at < len(r.list) {
		return syntaxAt(r.c.source, r.list[r.at].tok, "syntax error")
	}
	return r.c.syntax(r.after)
}

// is reports whether the character stands next, and takes it.
func (r *patternReader) is(ch byte) bool {
	if r.at < len(r.list) && r.list[r.at].ch == ch {
		r.at++
		return true
	}
	return false
}

func (r *patternReader) alternatives(depth int) (*Pattern, error) {
	if depth == 0 {
		return nil, &Error{
			SQLState: stateTooComplex,
			Message:  fmt.Sprintf("a pattern nests deeper than %d", MaxPatternDepth),
			Position: position(r.c.source, r.c.toks[r.after].start),
		}
	}
	out := &Pattern{Alt: true, Min: 1, Max: 1}
	for {
		seq := &Pattern{Min: 1, Max: 1}
		for r.at < len(r.list) && r.inSequence() {
			p, err := r.factor(depth)
			if err != nil {
				return nil, err
			}
			seq.Parts = append(seq.Parts, p)
		}
		if len(seq.Parts) == 0 {
			return nil, r.syntax()
		}
		out.Parts = append(out.Parts, seq)
		if !r.is('|') {
			break
		}
	}
	if len(out.Parts) == 1 {
		return out.Parts[0], nil
	}
	return out, nil
}

// inSequence reports whether the next token goes on with the sequence of parts.
func (r *patternReader) inSequence() bool {
	if r.at >= len(r.list) {
		return false
	}
	ch := r.list[r.at].ch
	return ch != '|' && ch != ')' && ch != ','
}

// permute is PERMUTE(a, b, ...): the parts in every order, the written one first, then those that
// differ from it last.
func (r *patternReader) permute(depth int) (*Pattern, error) {
	at := r.list[r.at-2].tok.start
	var parts []*Pattern
	for {
		p, err := r.alternatives(depth - 1)
		if err != nil {
			return nil, err
		}
		if parts = append(parts, p); !r.is(',') {
			break
		}
	}
	if !r.is(')') {
		return nil, r.syntax()
	}
	if len(parts) > MaxPermuted {
		return nil, &Error{
			SQLState: stateTooComplex,
			Message:  fmt.Sprintf("PERMUTE takes at most %d parts", MaxPermuted),
			Position: position(r.c.source, at),
		}
	}
	out := &Pattern{Alt: true, Min: 1, Max: 1}
	var order func(done, left []*Pattern)
	order = func(done, left []*Pattern) {
		if len(left) == 0 {
			out.Parts = append(out.Parts, &Pattern{Parts: slices.Clone(done), Min: 1, Max: 1})
			return
		}
		for i, p := range left {
			order(append(slices.Clone(done), p), slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	order(nil, parts)
	return out, r.bounded(out, at)
}

// bounded refuses what PERMUTE makes too large.
func (r *patternReader) bounded(p *Pattern, at int) error {
	if p.size() <= MaxPatternParts {
		return nil
	}
	return &Error{
		SQLState: stateTooComplex,
		Message:  fmt.Sprintf("a pattern has at most %d parts, written out", MaxPatternParts),
		Position: position(r.c.source, at),
	}
}

func (p *Pattern) size() int {
	n := 1
	for _, q := range p.Parts {
		n += q.size()
	}
	return n
}

// exclusion refuses {- ... -}.
func (r *patternReader) exclusion() error {
	return &Error{
		SQLState: "0A000", Message: "leaving rows out of a match ({- -}) is not supported",
		Hint:     "Filter the result by CLASSIFIER().",
		Position: position(r.c.source, r.list[r.at].tok.start),
	}
}

// factor is a symbol or a group, with its quantifier.
func (r *patternReader) factor(depth int) (*Pattern, error) {
	var p *Pattern
	t := r.list[r.at]
	switch {
	case r.is('('):
		inner, err := r.alternatives(depth - 1)
		if err != nil {
			return nil, err
		}
		if !r.is(')') {
			return nil, r.syntax()
		}
		p = &Pattern{Parts: []*Pattern{inner}}
	case t.ch == 0 && t.tok.is("permute") && r.at+1 < len(r.list) && r.list[r.at+1].ch == '(':
		r.at += 2
		inner, err := r.permute(depth)
		if err != nil {
			return nil, err
		}
		p = &Pattern{Parts: []*Pattern{inner}}
	case t.ch == '{' && r.at+1 < len(r.list) && r.list[r.at+1].ch == '-':
		return nil, r.exclusion()
	case t.ch == 0 && t.tok.word():
		r.at++
		p = &Pattern{Symbol: Name{Name: t.tok.str, At: t.tok.start}}
	default:
		return nil, r.syntax()
	}
	return p, r.quantifier(p)
}

func (r *patternReader) quantifier(p *Pattern) (err error) {
	p.Min, p.Max = 1, 1
	switch {
	case r.is('*'):
		p.Min, p.Max = 0, -1
	case r.is('+'):
		p.Max = -1
	case r.is('?'):
		p.Min = 0
	case r.is('{'):
		if err = r.counts(p); err != nil {
			return err
		}
	default:
		return nil
	}
	p.Reluctant = r.is('?')
	return nil
}

// counts reads n}, n,}, n,m} or ,m}.
func (r *patternReader) counts(p *Pattern) error {
	if r.at < len(r.list) && r.list[r.at].ch == '-' {
		return r.exclusion()
	}
	low, some, err := r.number()
	if err != nil {
		return err
	}
	p.Min, p.Max = low, low
	if r.is(',') {
		high, bounded, err := r.number()
		if err != nil {
			return err
		}
		if p.Max = high; !bounded {
			p.Max = -1
		}
		some = some || bounded
	}
	if !some || p.Max >= 0 && (p.Max < p.Min || p.Max == 0) || !r.is('}') {
		return r.syntax()
	}
	return nil
}

func (r *patternReader) number() (n int, some bool, err error) {
	if r.at >= len(r.list) || r.list[r.at].ch != 0 || r.list[r.at].tok.word() {
		return 0, false, nil
	}
	t := r.list[r.at].tok
	n, bad := strconv.Atoi(r.c.source[t.start:t.end])
	if bad != nil || n > MaxPatternCount {
		return 0, false, &Error{
			SQLState: stateProgramLimit,
			Message:  fmt.Sprintf("a pattern repeats at most %d times", MaxPatternCount),
			Position: position(r.c.source, t.start),
		}
	}
	r.at++
	return n, true, nil
}
