package state

// Back moves one entry back and returns it; nil slices at the first entry, where it stays. A seek
// forward may follow.
func (c *Cursor) Back() (key, value []byte) {
	if c.pos == 0 {
		if c.at == 0 {
			return nil, nil
		}
		c.at--
		c.pos = c.v.chunks[c.at].len()
	}
	c.pos--
	ch := c.v.chunks[c.at]
	return ch.key(c.pos), ch.value(c.pos)
}
