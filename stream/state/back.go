package state

// Back moves one entry back and reports whether there is one; before the first entry it stays.
// A later Seek goes forward from there.
func (c *Cursor) Back() bool {
	if c.pos > 0 {
		c.pos--
		return true
	}
	before, ok := c.v.previous(c.at)
	if ok {
		c.at, c.pos = before, c.v.at(before).len()-1
	}
	return ok
}

// SeekEnd moves behind the last entry.
func (c *Cursor) SeekEnd() { c.at, c.pos = place{branch: len(c.v.branches)}, 0 }
