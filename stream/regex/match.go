package regex

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// Matcher runs a Regexp and holds the storage for that. It serves one goroutine.
type Matcher struct {
	re    *Regexp
	text  string
	steps int
	now   threads
	then  threads
	stack []int32
	loc   []int // of the last Find
	mids  []int // scratch of boundary
}

// threads is a sparse set of instructions, with the place where each thread began.
type threads struct {
	dense  []int32
	begin  []int32
	sparse []int32
}

func (t *threads) clear() { t.dense, t.begin = t.dense[:0], t.begin[:0] }

func (t *threads) has(pc int32) bool {
	i := t.sparse[pc]
	return int(i) < len(t.dense) && t.dense[i] == pc
}

func (t *threads) add(pc, begin int32) {
	t.sparse[pc] = int32(len(t.dense))
	t.dense, t.begin = append(t.dense, pc), append(t.begin, begin)
}

// Matcher returns a matcher for re.
func (re *Regexp) Matcher() *Matcher {
	m := &Matcher{re: re}
	m.now.sparse = make([]int32, len(re.prog)+1)
	m.then.sparse = make([]int32, len(re.prog)+1)
	return m
}

// Regexp returns what m matches.
func (m *Matcher) Regexp() *Regexp { return m.re }

// Steps returns the cost of the last call: instructions visited, at most about MaxSteps.
func (m *Matcher) Steps() int { return m.steps }

// Match reports whether some part of text matches.
func (m *Matcher) Match(text string) (bool, *value.Error) {
	if m.re.literal != "" {
		return strings.Contains(text, m.re.literal), nil
	}
	m.text, m.steps = text, 0
	begin, err := m.leftmost(0, true)
	return begin >= 0, err
}

// Find returns the leftmost match that starts at from or later: pairs of byte offsets of the
// match and of each group, -1 for a group that has no part in it. loc is nil if there is none, and
// valid until the next call.
func (m *Matcher) Find(text string, from int) (loc []int, err *value.Error) {
	m.text, m.steps = text, 0
	if m.re.literal != "" {
		i := strings.Index(text[from:], m.re.literal)
		if i < 0 {
			return nil, nil
		}
		m.loc = append(m.loc[:0], from+i, from+i+len(m.re.literal))
		return m.loc, nil
	}
	begin, err := m.leftmost(from, false)
	if begin < 0 || err != nil {
		return nil, err
	}
	end := -1
	if m.re.root.prefer == preferShort {
		end = m.shortest(0, len(m.re.prog), begin, len(text))
	} else {
		end = m.longest(0, len(m.re.prog), begin, len(text))
	}
	m.loc = append(m.loc[:0], begin, end)
	for range 2 * m.re.groups {
		m.loc = append(m.loc, -1)
	}
	loc = m.loc
	m.divide(m.re.root, begin, end, loc)
	if m.steps > MaxSteps {
		return nil, errSteps
	}
	return loc, nil
}

// leftmost returns where the first match starts, -1 if there is none. any: some match will do.
func (m *Matcher) leftmost(from int, any bool) (int, *value.Error) {
	m.now.clear()
	best := int32(-1)
	accept := int32(len(m.re.prog))
	for pos := from; ; {
		if len(m.now.dense) == 0 && m.re.first != nil {
			pos = m.skip(pos)
		}
		if best < 0 {
			m.follow(&m.now, 0, accept, pos, int32(pos))
		}
		if m.now.has(accept) {
			b := m.now.begin[m.now.sparse[accept]]
			if any {
				return int(b), nil
			}
			if best < 0 || b < best {
				best = b
			}
		}
		if pos >= len(m.text) || m.steps > MaxSteps {
			break
		}
		r, n := rune(m.text[pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(m.text[pos:])
		}
		m.advance(r, pos+n, accept, best)
		pos += n
		if best >= 0 && len(m.now.dense) == 0 {
			break
		}
	}
	if m.steps > MaxSteps {
		return -1, errSteps
	}
	return int(best), nil
}

// skip returns the next place from which a match can start, or the end.
func (m *Matcher) skip(pos int) int {
	for pos < len(m.text) {
		r, n := rune(m.text[pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(m.text[pos:])
		}
		if m.re.first.has(r) {
			break
		}
		pos += n
	}
	return pos
}

// advance moves all threads over r to pos; those that began at best or later end, if best >= 0.
func (m *Matcher) advance(r rune, pos int, accept, best int32) {
	m.then.clear()
	for i, pc := range m.now.dense {
		if pc == accept || best >= 0 && m.now.begin[i] >= best {
			continue
		}
		m.steps++
		if in := &m.re.prog[pc]; in.code == codeSet && in.set.has(r) {
			m.follow(&m.then, pc+1, accept, pos, m.now.begin[i])
		}
	}
	m.now, m.then = m.then, m.now
}

// follow adds the instructions that pc leads to without a character; accept ends a thread.
func (m *Matcher) follow(t *threads, pc, accept int32, pos int, begin int32) {
	m.stack = append(m.stack[:0], pc)
	for len(m.stack) > 0 {
		pc := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if t.has(pc) {
			continue
		}
		m.steps++
		t.add(pc, begin)
		if pc == accept {
			continue
		}
		switch in := &m.re.prog[pc]; in.code {
		case codeSplit:
			m.stack = append(m.stack, in.y, in.x)
		case codeJump:
			m.stack = append(m.stack, in.x)
		case codeAssert:
			if m.holds(in.assert, pos) {
				m.stack = append(m.stack, pc+1)
			}
		}
	}
}

func (m *Matcher) holds(a assertion, pos int) bool {
	switch a {
	case atStart:
		return pos == 0
	case atEnd:
		return pos == len(m.text)
	case atLineStart:
		return pos == 0 || m.text[pos-1] == '\n'
	case atLineEnd:
		return pos == len(m.text) || m.text[pos] == '\n'
	}
	before := pos > 0 && isWord(m.text[pos-1])
	after := pos < len(m.text) && isWord(m.text[pos])
	switch a {
	case atWordStart:
		return !before && after
	case atWordEnd:
		return before && !after
	case atWordEdge:
		return before != after
	}
	return before == after
}

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

// ends calls visit with every end, ascending, of a match of program lo..hi from begin up to end,
// until visit says no.
func (m *Matcher) ends(lo, hi, begin, end int, visit func(pos int) bool) {
	accept := int32(hi)
	m.now.clear()
	m.follow(&m.now, int32(lo), accept, begin, 0)
	for pos := begin; len(m.now.dense) > 0 && m.steps <= MaxSteps; {
		if m.now.has(accept) && !visit(pos) || pos >= end {
			return
		}
		r, n := rune(m.text[pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(m.text[pos:])
		}
		m.advance(r, pos+n, accept, -1)
		pos += n
	}
}

func (m *Matcher) longest(lo, hi, begin, end int) int {
	at := -1
	m.ends(lo, hi, begin, end, func(pos int) bool {
		at = pos
		return true
	})
	return at
}

func (m *Matcher) shortest(lo, hi, begin, end int) int {
	at := -1
	m.ends(lo, hi, begin, end, func(pos int) bool {
		at = pos
		return false
	})
	return at
}

// exactly reports whether program lo..hi matches begin..end.
func (m *Matcher) exactly(lo, hi, begin, end int) bool {
	return m.longest(lo, hi, begin, end) == end
}
