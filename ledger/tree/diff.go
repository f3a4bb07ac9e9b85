package tree

import "bytes"

// Diff visits the keys in which two hashed trees differ, ascending, until visit returns false. A
// value is nil where the tree does not have the key. Pages of equal hash are not looked into, so
// the work is that of what differs.
func Diff(a, b *Tree, visit func(key, a, b []byte) bool) {
	x, y := newCursor(a), newCursor(b)
	for !x.done() || !y.done() {
		p, q := x.ref(), y.ref()
		switch {
		case p != nil && q != nil && p.hash == q.hash:
			x.skip()
			y.skip()
		case p != nil && (q == nil || p.level >= q.level):
			if q != nil && p.level == q.level {
				y.open()
			}
			x.open()
		case q != nil:
			y.open()
		default:
			if !diffEntry(x, y, visit) {
				return
			}
		}
	}
}

// diffEntry compares the entries at which both cursors stand.
func diffEntry(x, y *cursor, visit func(key, a, b []byte) bool) bool {
	k, v := x.entry()
	l, w := y.entry()
	order := bytes.Compare(k, l)
	if k == nil || l == nil {
		order = -order // the tree that has ended is behind all keys
	}
	switch {
	case order < 0:
		x.skip()
		return visit(k, v, nil)
	case order > 0:
		y.skip()
		return visit(l, nil, w)
	}
	x.skip()
	y.skip()
	return bytes.Equal(v, w) || visit(k, v, w)
}

// cursor stands before a page that it has not opened, or at an entry of a leaf.
type cursor struct {
	refs [][]*Ref // from the root down, what is left of each level
	leaf *Page    // nil: before a page
	at   int
}

func newCursor(t *Tree) *cursor { return &cursor{refs: [][]*Ref{{t.root}}} }

func (c *cursor) done() bool { return c.leaf == nil && len(c.refs) == 0 }

// ref is the page before which the cursor stands, nil for none.
func (c *cursor) ref() *Ref {
	if c.leaf != nil || len(c.refs) == 0 {
		return nil
	}
	return c.refs[len(c.refs)-1][0]
}

// entry is where the cursor stands, nothing at the end.
func (c *cursor) entry() (key, value []byte) {
	if c.leaf == nil {
		return nil, nil
	}
	return c.leaf.Entry(c.at)
}

// open goes into the page before which the cursor stands.
func (c *cursor) open() {
	p := c.ref().Page()
	c.skip()
	if p.level == 0 {
		c.leaf, c.at = p, 0
		return
	}
	c.refs = append(c.refs, p.kids)
}

// skip passes over the page or the entry.
func (c *cursor) skip() {
	if c.leaf != nil {
		if c.at++; c.at == c.leaf.Len() {
			c.leaf = nil
		}
		return
	}
	top := len(c.refs) - 1
	c.refs[top] = c.refs[top][1:]
	for ; top >= 0 && len(c.refs[top]) == 0; top-- {
		c.refs = c.refs[:top]
	}
}
