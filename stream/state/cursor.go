package state

import "bytes"

// Cursor seeks forward through one version: each key it seeks is at or above the one before, so
// a sorted batch of probes walks the version once.
type Cursor struct {
	v   Version
	at  place
	pos int
}

// Cursor returns a cursor before the first entry.
func (v Version) Cursor() Cursor { return Cursor{v: v} }

// Seek moves to the first entry whose key is not below key; keys must not descend.
func (c *Cursor) Seek(key []byte) {
	if c.v.at(c.at) == nil {
		return
	}
	if next := c.v.find(key, c.at); next != c.at {
		c.at, c.pos = next, 0
	}
	c.pos = c.v.at(c.at).seek(key, c.pos)
	c.settle()
}

// settle moves from the end of a chunk to the start of the next.
func (c *Cursor) settle() {
	if c.pos >= c.v.at(c.at).len() {
		c.at, c.pos = c.v.next(c.at), 0
	}
}

// Entry returns the entry at the cursor, or nil slices at the end.
func (c *Cursor) Entry() (key, value []byte) {
	ch := c.v.at(c.at)
	if ch == nil {
		return nil, nil
	}
	return ch.key(c.pos), ch.value(c.pos)
}

// Next moves one entry on.
func (c *Cursor) Next() {
	if c.at.branch < len(c.v.branches) {
		c.pos++
		c.settle()
	}
}

// Under returns the entry at the cursor if its key starts with prefix.
func (c *Cursor) Under(prefix []byte) (key, value []byte, ok bool) {
	key, value = c.Entry()
	return key, value, key != nil && bytes.HasPrefix(key, prefix)
}

// LastUnder moves to the last entry whose key starts with prefix and returns its key, or nil.
func (c *Cursor) LastUnder(prefix []byte) []byte {
	end := successor(prefix)
	if end == nil {
		c.SeekEnd()
	} else {
		c.Seek(end)
	}
	if k, _ := c.Previous(); bytes.HasPrefix(k, prefix) {
		return k
	}
	return nil
}

// Previous returns the entry before the cursor, which stays where it is, or nil slices at the
// start.
func (c *Cursor) Previous() (key, value []byte) {
	to := *c
	if !to.Back() {
		return nil, nil
	}
	return to.Entry()
}

// Successor returns the least key above every key that starts with prefix, nil if there is none.
func Successor(prefix []byte) []byte { return successor(prefix) }

// successor returns the least key above every key that starts with prefix, nil if there is none.
func successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			out := bytes.Clone(prefix[:i+1])
			out[i]++
			return out
		}
	}
	return nil
}
