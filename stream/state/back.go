package state

// Back moves one entry back and reports whether there is one; before the first entry it stays.
// A later Seek goes forward from there.
func (c *Cursor) Back() bool {
	if c.pos > 0 {
		c.pos--
		return true
	}
	if c.at == 0 {
		return false
	}
	c.at--
	c.pos = c.v.chunks[c.at].len() - 1
	return true
}

// SeekEnd moves behind the last entry.
func (c *Cursor) SeekEnd() { c.at, c.pos = len(c.v.chunks), 0 }
