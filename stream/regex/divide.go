package regex

import "slices"

// divide records the groups of a match of n over begin..end. Source: cdissect and the functions
// below it of PostgreSQL's regexec.c.
func (m *Matcher) divide(n *node, begin, end int, loc []int) {
	if !n.caps || m.steps > MaxSteps {
		return
	}
	switch n.op {
	case opGroup:
		loc[2*n.index], loc[2*n.index+1] = begin, end
		m.divide(n.subs[0], begin, end, loc)
	case opAlt:
		for _, s := range n.subs {
			if m.exactly(s.lo, s.hi, begin, end) {
				m.divide(s, begin, end, loc)
				return
			}
		}
	case opConcat:
		m.divideParts(n, begin, end, loc)
	case opRepeat:
		m.divideRounds(n, begin, end, loc)
	}
}

// divideParts gives each part in turn the most or the least that leaves the rest a match.
// Neighbours without groups and with one preference are one part.
func (m *Matcher) divideParts(n *node, begin, end int, loc []int) {
	for i := 0; i < len(n.subs); {
		first, j := n.subs[i], i+1
		prefer := first.prefer
		if !first.messy() {
			seen := first.seen
			for ; j < len(n.subs) && !n.subs[j].messy() &&
				seen|n.subs[j].seen != preferLong|preferShort; j++ {
				seen |= n.subs[j].seen
			}
			if prefer = seen; j == len(n.subs) {
				return // no groups are left
			}
		}
		if j == len(n.subs) {
			m.divide(first, begin, end, loc)
			return
		}
		lo, hi := first.lo, n.subs[j-1].hi
		mid := m.boundary(lo, hi, n.subs[len(n.subs)-1].hi, begin, end, prefer)
		if mid < 0 {
			return // only when the steps are used up
		}
		m.divide(first, begin, mid, loc)
		begin, i = mid, j
	}
}

// boundary returns where program lo..hi ends and hi..last begins within begin..end.
func (m *Matcher) boundary(lo, hi, last, begin, end int, prefer preference) int {
	mids := m.mids[:0]
	m.ends(lo, hi, begin, end, func(pos int) bool {
		mids = append(mids, pos)
		return true
	})
	m.mids = mids
	if prefer != preferShort {
		slices.Reverse(mids)
	}
	for _, mid := range mids {
		if m.exactly(hi, last, mid, end) {
			return mid
		}
	}
	return -1
}

// divideRounds finds the last round of x{0,n}: each round takes the most, or the least, from
// which the end can still be reached with the rounds that are left. No round is empty but one
// that is alone.
func (m *Matcher) divideRounds(n *node, begin, end int, loc []int) {
	sub := n.subs[0]
	if begin == end {
		// one empty round, if there can be one and it is not the least that is wanted
		if sub.prefer != preferShort && m.exactly(sub.lo, sub.hi, begin, end) {
			m.divide(sub, begin, end, loc)
		}
		return
	}
	need := m.rounds(sub, begin, end)
	left := n.max
	for at := begin; at < end; {
		var next []int
		m.ends(sub.lo, sub.hi, at, end, func(pos int) bool {
			if k, ok := need[pos]; ok && pos > at && (n.max == unlimited || k < left) {
				next = append(next, pos)
			}
			return true
		})
		if len(next) == 0 {
			return // only when the steps are used up
		}
		to := next[len(next)-1]
		if sub.prefer == preferShort {
			to = next[0]
		}
		if to == end {
			m.divide(sub, at, end, loc)
		}
		at = to
		left--
	}
}

// rounds returns how many rounds at least lead from a place to end; places without a way are
// missing.
func (m *Matcher) rounds(sub *node, begin, end int) map[int]int {
	need := map[int]int{end: 0}
	for at := end - 1; at >= begin && m.steps <= MaxSteps; at-- {
		if m.text[at]&0xC0 == 0x80 {
			continue
		}
		best := -1
		m.ends(sub.lo, sub.hi, at, end, func(pos int) bool {
			if k, ok := need[pos]; ok && pos > at && (best < 0 || k < best) {
				best = k
			}
			return true
		})
		if best >= 0 {
			need[at] = best + 1
		}
	}
	return need
}
