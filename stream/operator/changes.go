package operator

import (
	"bytes"
	"slices"

	"weir/stream/state"
)

// present is the value of entries that only stand for their key.
var present = []byte{1}

// changeList collects writes in any order. A later write of a key replaces an earlier one.
type changeList struct {
	list  []state.Change
	arena []byte // of keys; when it moves, earlier keys stay where they are
}

// put sets the entry whose key is the parts one after the other. value is kept, not copied.
func (c *changeList) put(value []byte, parts ...[]byte) {
	start := len(c.arena)
	for _, p := range parts {
		c.arena = append(c.arena, p...)
	}
	key := c.arena[start:len(c.arena):len(c.arena)]
	c.list = append(c.list, state.Change{Key: key, Value: value})
}

// remove deletes the entry of a key.
func (c *changeList) remove(parts ...[]byte) { c.put(nil, parts...) }

// sorted returns the writes as a Runs takes them.
func (c *changeList) sorted() []state.Change {
	slices.SortStableFunc(c.list, func(x, y state.Change) int { return bytes.Compare(x.Key, y.Key) })
	out := c.list[:0]
	for i, ch := range c.list {
		if i+1 < len(c.list) && bytes.Equal(ch.Key, c.list[i+1].Key) {
			continue
		}
		out = append(out, ch)
	}
	return out
}
