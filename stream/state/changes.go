package state

import "bytes"

// Changes visits the net difference that turns the version before into v, in ascending key
// order: a nil value means that the key is gone, and an entry that is equal in both is left out.
// Slices are valid only during the call.
//
// A branch or chunk that both share is skipped unread. Where one begins, both walks stand at its
// start at once, as whatever lies before it has smaller keys on either side. So the cost is that
// of the rewritten chunks and one comparison of pointers for each other.
func (v Version) Changes(before Version, visit func(key, value []byte)) {
	old, now := before.Cursor(), v.Cursor()
	for {
		for old.skipShared(&now) {
		}
		was, wasValue := old.Entry()
		is, isValue := now.Entry()
		switch c := compareEnds(was, is); {
		case was == nil && is == nil:
			return
		case c < 0:
			visit(was, nil)
			old.Next()
		case c > 0:
			visit(is, isValue)
			now.Next()
		default:
			if bytes.Equal(wasValue, isValue) {
				old.skipEqual(&now) // one equal entry is seldom alone
				continue
			}
			visit(is, isValue)
			old.Next()
			now.Next()
		}
	}
}

// skipShared moves both cursors over the branch or chunk at whose start they stand, if it is one
// and the same.
func (c *Cursor) skipShared(d *Cursor) bool {
	if c.pos != 0 || d.pos != 0 {
		return false
	}
	a, b := c.v.at(c.at), d.v.at(d.at)
	if a == nil || a != b {
		return false
	}
	if c.at.chunk == 0 && d.at.chunk == 0 && c.v.branches[c.at.branch] == d.v.branches[d.at.branch] {
		c.at, d.at = place{branch: c.at.branch + 1}, place{branch: d.at.branch + 1}
		return true
	}
	c.at, d.at = c.v.next(c.at), d.v.next(d.at)
	return true
}

// compareEnds compares keys; nil, the end, is above every key.
func compareEnds(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return bytes.Compare(a, b)
}

// skipEqual moves both cursors over the entries of their chunks that are equal, many at a time;
// those that they stand at are.
func (c *Cursor) skipEqual(d *Cursor) {
	a, b := c.v.at(c.at), d.v.at(d.at)
	for n := chunkMax / 2; n > 0; n /= 2 {
		for c.pos+n <= a.len() && d.pos+n <= b.len() && equalEntries(a, c.pos, b, d.pos, n) {
			c.pos, d.pos = c.pos+n, d.pos+n
		}
	}
	c.settle()
	d.settle()
}

// equalEntries compares n entries of a from i with those of b from j: their bytes, then where
// they lie.
func equalEntries(a *chunk, i int, b *chunk, j, n int) bool {
	ao, bo := a.offs[2*i:2*(i+n)+1], b.offs[2*j:2*(j+n)+1]
	if !bytes.Equal(a.data[ao[0]:ao[2*n]], b.data[bo[0]:bo[2*n]]) {
		return false
	}
	shift := bo[0] - ao[0]
	for k, o := range ao {
		if bo[k]-o != shift {
			return false
		}
	}
	return true
}
