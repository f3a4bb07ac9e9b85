package regex

import (
	"slices"
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// Limits of patterns.
const (
	MaxPattern = 1024      // bytes (54000 beyond)
	MaxProgram = 10_000    // instructions (54000 beyond)
	MaxSteps   = 1_500_000 // of one call: instructions visited (54000 beyond)
)

var (
	errPattern = value.Errorf(value.StateTooLarge,
		"a regular expression is longer than %d bytes", MaxPattern)
	errProgram = value.Errorf(value.StateTooLarge, "a regular expression is too complex")
	errSteps   = value.Errorf(value.StateTooLarge, "a regular expression takes too long to match")
)

// instruction of a program.
type instruction struct {
	code   code
	x, y   int32 // targets of split, jump
	assert assertion
	set    *class
}

type code uint8

const (
	codeSet    code = iota // a character of set, then the next instruction
	codeSplit              // x and y
	codeJump               // x
	codeAssert             // if the place fits the next instruction
)

// Regexp is a compiled pattern. It is immutable and may be used by several goroutines.
type Regexp struct {
	root    *node
	prog    []instruction
	groups  int
	literal string // that the whole pattern is; "" if it is more or empty
	first   *class // the characters that a match can start with; nil: any place
}

// Groups returns the number of capturing parentheses.
func (re *Regexp) Groups() int { return re.groups }

// Compile reads a pattern under flags: those of PostgreSQL's embedded options. Errors: 2201B for
// a malformed pattern, 22023 for an unknown flag, 0A000 for back-references and look-around,
// 54000 and 54001 beyond the limits.
func Compile(pattern, flags string) (*Regexp, *value.Error) {
	p := &parser{s: pattern}
	for i, r := range flags {
		if r >= utf8.RuneSelf || !p.o.set(flags[i]) {
			return nil, value.Errorf(value.StateBadParameter,
				"invalid regular expression option: %q", string(r))
		}
	}
	if len(pattern) > MaxPattern {
		return nil, errPattern
	}
	root := p.parse()
	if p.err != nil {
		return nil, p.err
	}
	re := &Regexp{root: root, groups: p.groups}
	if !re.compile(root) {
		return nil, errProgram
	}
	re.literal = literalOf(root)
	re.first = re.firstOf()
	return re, nil
}

func (re *Regexp) emit(i instruction) int {
	re.prog = append(re.prog, i)
	return len(re.prog) - 1
}

// compile writes n at the end of the program: it is entered at n.lo and left at n.hi. It reports
// whether the program stays within MaxProgram.
func (re *Regexp) compile(n *node) bool {
	n.lo = len(re.prog)
	ok := len(re.prog) <= MaxProgram
	switch n.op {
	case opSet:
		re.emit(instruction{code: codeSet, set: &n.set})
	case opAssert:
		re.emit(instruction{code: codeAssert, assert: n.assert})
	case opConcat, opGroup:
		for _, s := range n.subs {
			ok = ok && re.compile(s)
		}
	case opAlt:
		var ends []int
		for i, s := range n.subs {
			if i == len(n.subs)-1 {
				ok = ok && re.compile(s)
				break
			}
			split := re.emit(instruction{code: codeSplit})
			ok = ok && re.compile(s)
			ends = append(ends, re.emit(instruction{code: codeJump}))
			re.prog[split].x, re.prog[split].y = int32(split+1), int32(len(re.prog))
		}
		for _, e := range ends {
			re.prog[e].x = int32(len(re.prog))
		}
	case opRepeat:
		ok = re.compileRepeat(n)
	}
	n.hi = len(re.prog)
	return ok && len(re.prog) <= MaxProgram
}

// compileRepeat writes the rounds out; sub keeps the place of the first.
func (re *Regexp) compileRepeat(n *node) bool {
	sub := n.subs[0]
	for i := range n.min {
		if !re.compileRound(sub, i) {
			return false
		}
	}
	if n.max == unlimited {
		split := re.emit(instruction{code: codeSplit})
		if !re.compileRound(sub, n.min) {
			return false
		}
		re.emit(instruction{code: codeJump, x: int32(split)})
		re.prog[split].x, re.prog[split].y = int32(split+1), int32(len(re.prog))
		return true
	}
	var splits []int
	for i := n.min; i < n.max; i++ {
		splits = append(splits, re.emit(instruction{code: codeSplit}))
		if !re.compileRound(sub, i) {
			return false
		}
	}
	for _, s := range splits {
		re.prog[s].x, re.prog[s].y = int32(s+1), int32(len(re.prog))
	}
	return true
}

func (re *Regexp) compileRound(sub *node, round int) bool {
	if round == 0 {
		return re.compile(sub)
	}
	return re.compile(uncaptured(sub))
}

// literalOf returns the text that is all that n matches, "" if there is more.
func literalOf(n *node) string {
	var b strings.Builder
	subs := []*node{n}
	if n.op == opConcat {
		subs = n.subs
	}
	for _, s := range subs {
		if s.op != opSet || len(s.set.ranges) > 0 {
			return ""
		}
		r := slices.IndexFunc(asciiRunes, s.set.has)
		if r < 0 {
			return ""
		}
		s.set.remove(rune(r))
		alone := s.set.ascii == [2]uint64{}
		s.set.add(rune(r), rune(r))
		if !alone {
			return ""
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

var asciiRunes = func() (rs []rune) {
	for r := range rune(utf8.RuneSelf) {
		rs = append(rs, r)
	}
	return rs
}()

// firstOf collects the characters that matches start with.
func (re *Regexp) firstOf() *class {
	var c class
	seen := make([]bool, len(re.prog)+1)
	stack := []int{0}
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if pc == len(re.prog) {
			return nil // a match may be empty
		}
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := re.prog[pc]; i.code {
		case codeSet:
			c.addClass(*i.set)
		case codeSplit:
			stack = append(stack, int(i.x), int(i.y))
		case codeJump:
			stack = append(stack, int(i.x))
		case codeAssert:
			stack = append(stack, pc+1)
		}
	}
	c.settle()
	return &c
}
