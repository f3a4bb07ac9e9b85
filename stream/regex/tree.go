package regex

// op says what a node matches.
type op uint8

const (
	opEmpty  op = iota
	opSet       // one character of set
	opAssert    // a place, see assertion
	opConcat    // subs in turn
	opAlt       // one of subs
	opRepeat    // subs[0], min to max times
	opGroup     // subs[0], captured as group index
)

// assertion is a condition on a place of the text.
type assertion uint8

const (
	atStart     assertion = iota // of the text
	atEnd                        // of the text
	atLineStart                  // of the text or behind a newline
	atLineEnd                    // of the text or before a newline
	atWordStart                  // \m
	atWordEnd                    // \M
	atWordEdge                   // \y
	notWordEdge                  // \Y
)

// preference says which of several matches from one place is taken.
type preference uint8

const (
	preferNone  preference = 0
	preferLong  preference = 1
	preferShort preference = 2
)

// unlimited is the max of a repetition without end.
const unlimited = -1

// node is a part of a pattern. lo and hi are its place in the program.
type node struct {
	op       op
	set      class
	assert   assertion
	subs     []*node
	min, max int
	index    int
	lo, hi   int

	prefer preference // the part's own
	seen   preference // the preferences that occur in it, as a set
	caps   bool       // a group is in it
}

// mixed reports whether preferences of both kinds occur.
func (n *node) mixed() bool { return n.seen == preferLong|preferShort }

// messy reports whether a match of n must be divided among its parts.
func (n *node) messy() bool { return n.caps || n.mixed() }

func leaf(set class) *node { return &node{op: opSet, set: set} }

func assertNode(a assertion) *node { return &node{op: opAssert, assert: a} }

// concat makes a branch, which prefers what its first part with a preference does.
func concat(subs []*node) *node {
	switch len(subs) {
	case 0:
		return &node{op: opEmpty}
	case 1:
		return subs[0]
	}
	n := &node{op: opConcat, subs: subs}
	for _, s := range subs {
		n.inherit(s)
		if n.prefer == preferNone {
			n.prefer = s.prefer
		}
	}
	return n
}

// alternate joins branches; more than one prefer the longest match.
func alternate(subs []*node) *node {
	if len(subs) == 1 {
		return subs[0]
	}
	n := &node{op: opAlt, subs: subs, prefer: preferLong, seen: preferLong}
	for _, s := range subs {
		n.inherit(s)
	}
	return n
}

func group(index int, sub *node) *node {
	n := &node{op: opGroup, subs: []*node{sub}, index: index, prefer: sub.prefer}
	n.inherit(sub)
	n.caps = true
	return n
}

// inherit takes over what occurs in a part.
func (n *node) inherit(s *node) {
	n.seen |= s.seen
	n.caps = n.caps || s.caps
}

// repeat makes a repetition; {m} has no preference of its own. A repetition of what has groups
// ends with them: only the last round is captured, so that x{m,n} is x{m-1,n-1}x, the first part
// without groups (parseqatom of PostgreSQL's regcomp.c).
func repeat(sub *node, lo, hi int, p preference) *node {
	if lo == 0 && hi == 0 {
		return &node{op: opEmpty}
	}
	if lo == 1 && hi == 1 && (p == preferNone || sub.seen == 0 || p == sub.seen) {
		return sub
	}
	prefer := p
	if prefer == preferNone {
		prefer = sub.prefer
	}
	if !sub.caps || lo == 0 {
		n := &node{op: opRepeat, subs: []*node{sub}, min: lo, max: hi, prefer: prefer}
		n.inherit(sub)
		n.seen |= p
		return n
	}
	last := sub
	rest := hi
	if rest != unlimited {
		rest--
	}
	n := &node{op: opConcat, prefer: prefer}
	if rest != 0 {
		first := &node{
			op: opRepeat, subs: []*node{uncaptured(sub)}, min: lo - 1, max: rest, prefer: prefer,
		}
		first.seen = prefer
		n.subs = append(n.subs, first)
	}
	n.subs = append(n.subs, last)
	n.inherit(sub)
	n.seen |= p
	return n
}

// uncaptured copies a part without its groups; the copy is never divided.
func uncaptured(n *node) *node {
	c := *n
	c.subs = nil
	for _, s := range n.subs {
		c.subs = append(c.subs, uncaptured(s))
	}
	c.caps = false
	if n.op == opGroup {
		c.op = opConcat
	}
	return &c
}
