package pages

import "bytes"

// DiffStates visits the keys in which two states differ, ascending, until visit returns false. A
// value is nil where the state does not have the key. Pages that both have are not read. Slices
// are valid only during the call.
//
// Errors: ErrInvalid, and those of the keepers.
func DiffStates(a, b *State, from, other Keeper, visit func(key, a, b []byte) bool) error {
	x, y := newStateCursor(a, from), newStateCursor(b, other)
	for !x.done() || !y.done() {
		if !x.inside && !y.inside && len(x.pages) > 0 && len(y.pages) > 0 &&
			x.pages[0].id == y.pages[0].id {
			x.pages, y.pages = x.pages[1:], y.pages[1:]
			continue
		}
		if err := x.enter(); err != nil {
			return err
		}
		if err := y.enter(); err != nil {
			return err
		}
		if !diffStateEntry(x, y, visit) {
			return nil
		}
	}
	return nil
}

func diffStateEntry(x, y *stateCursor, visit func(key, a, b []byte) bool) bool {
	order := 0
	switch {
	case !y.inside:
		order = -1
	case !x.inside:
		order = 1
	default:
		order = bytes.Compare(x.leaf.key(x.at), y.leaf.key(y.at))
	}
	more := true
	switch {
	case order < 0:
		more = visit(x.leaf.key(x.at), x.leaf.value(x.at), nil)
	case order > 0:
		more = visit(y.leaf.key(y.at), nil, y.leaf.value(y.at))
	case !bytes.Equal(x.leaf.value(x.at), y.leaf.value(y.at)):
		more = visit(x.leaf.key(x.at), x.leaf.value(x.at), y.leaf.value(y.at))
	}
	if order <= 0 {
		x.next()
	}
	if order >= 0 {
		y.next()
	}
	return more
}

// stateCursor stands before a leaf page, or at an entry of one.
type stateCursor struct {
	k      Keeper
	pages  []*ref // not entered yet
	leaf   leaf
	inside bool
	at     int
}

func newStateCursor(s *State, k Keeper) *stateCursor {
	c := &stateCursor{k: k}
	eachLeaf(&s.root, func(r *ref) bool {
		c.pages = append(c.pages, r)
		return true
	})
	return c
}

func (c *stateCursor) done() bool { return !c.inside && len(c.pages) == 0 }

// enter reads the next page, unless the cursor is in one or at the end.
func (c *stateCursor) enter() error {
	if c.inside || len(c.pages) == 0 {
		return nil
	}
	if err := c.leaf.fetch(c.pages[0], c.k); err != nil {
		return err
	}
	c.leaf.b = bytes.Clone(c.leaf.b)
	c.pages, c.inside, c.at = c.pages[1:], true, 0
	return nil
}

func (c *stateCursor) next() {
	if c.at++; c.at == len(c.leaf.spans) {
		c.inside = false
	}
}
