package pages

import "bytes"

// Check verifies every leaf page, and that keys ascend from page to page. A page for which known
// has the greatest key is not read again; visit gets those that were. The inner pages have been
// verified when the state was opened.
//
// Errors: ErrInvalid, and those of the keeper.
func (s *State) Check(k Keeper, known func(Loc) (last []byte, ok bool),
	visit func(loc Loc, last []byte),
) error {
	var l leaf
	var last []byte
	var err error
	first := true
	eachLeaf(&s.root, func(r *ref) bool {
		if !first && bytes.Compare(last, r.key) >= 0 {
			err = invalid("keys do not ascend from page to page")
			return false
		}
		first = false
		var ok bool
		if last, ok = known(r.loc); ok {
			return true
		}
		if err = l.fetch(r, k); err == nil {
			err = l.decode(l.b)
		}
		if err != nil {
			return false
		}
		last = bytes.Clone(l.key(len(l.spans) - 1))
		visit(r.loc, last)
		return true
	})
	return err
}
