package ledger

import (
	"bytes"
	"fmt"

	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/tree"
)

// treeWalk verifies the pages of one tree of one checkpoint.
type treeWalk struct {
	f      *fsck
	height uint64
	unit   Unit
}

// Load implements tree.Source; the walk reads pages itself, so that none stays in memory.
func (w treeWalk) Load(r *tree.Ref) (*tree.Page, error) {
	stored, err := must(w.f.kv, pageKey(r.Loc()))
	if err != nil {
		return nil, err
	}
	return pages.Open(r, stored, w)
}

func (f *fsck) tree(height uint64, u *unitRecord, id Hash) error {
	w := treeWalk{f, height, u.unit}
	root := tree.StoredRef(int(u.level), []byte{proof.SentinelLow}, u.root, id, u.loc, w)
	s, err := w.page(root, []byte{proof.SentinelHigh, 0}, true)
	if err == nil && s != nil && !bytes.Equal(s.last, []byte{proof.SentinelHigh}) {
		err = f.corrupt(height, u.unit, s.last, "the last sentinel is missing")
	}
	return err
}

// page verifies a page and all below it, which lies below the key end. It returns nil when the
// page could not be read; that is noted already.
func (w treeWalk) page(r *tree.Ref, end []byte, root bool) (*seenPage, error) {
	id, _ := r.ID()
	s := w.f.seen[r.Loc()]
	if s == nil {
		var err error
		if s, err = w.read(r, id); err != nil {
			return nil, w.f.problem(w.height, w.unit, r.First(), err)
		}
		if s == nil {
			return nil, nil
		}
		w.f.seen[r.Loc()] = s
	}
	least := tree.MinFill
	if root {
		least = 2
	}
	var err error
	switch {
	case s.id != id || s.level != r.Level():
		err = w.f.corrupt(w.height, w.unit, r.First(), "the page is another one")
	case s.n < least:
		err = w.f.corrupt(w.height, w.unit, r.First(), "a page of %d entries", s.n)
	case bytes.Compare(s.last, end) >= 0:
		err = w.f.corrupt(w.height, w.unit, r.First(), "a key lies beyond its page")
	}
	return s, err
}

// read reads a page that was not verified yet, and those below it.
func (w treeWalk) read(r *tree.Ref, id Hash) (*seenPage, error) {
	p, err := w.Load(r)
	if err != nil {
		return nil, err
	}
	w.f.r.Pages++
	w.f.progress(1)
	n := p.Len()
	s := &seenPage{id: id, unit: w.unit, newest: w.height, n: n, level: p.Level()}
	if w.height < r.Loc().Batch {
		return nil, fmt.Errorf("%w: a page of checkpoint %d", ErrCorrupt, r.Loc().Batch)
	}
	if p.Level() == 0 {
		w.f.r.Entries += uint64(n)
		s.last = bytes.Clone(p.Key(n - 1))
		return s, checkEntries(p)
	}
	for i := range n {
		end := []byte{proof.SentinelHigh, 0}
		if i+1 < n {
			end = p.Key(i + 1)
		}
		kid, err := w.page(p.Child(i), end, false)
		if err != nil {
			return nil, err
		}
		if kid != nil {
			s.last = kid.last
		}
	}
	return s, nil
}

// checkEntries checks that only the sentinels have reserved keys. The order of keys within a page
// was checked when it was read.
func checkEntries(p *tree.Page) error {
	for i := range p.Len() {
		key, value := p.Entry(i)
		if key[0] != proof.SentinelLow && key[0] != proof.SentinelHigh {
			continue
		}
		if len(key) != 1 || !bytes.Equal(value, []byte{proof.SentinelValue}) {
			return fmt.Errorf("%w: entry %d is reserved", ErrCorrupt, i)
		}
	}
	return nil
}

// state verifies the state of one operator at one checkpoint.
func (f *fsck) state(height uint64, u *unitRecord) error {
	k := &stateKeeper{kv: f.kv}
	s, err := pages.OpenState(u.state, k)
	if err != nil {
		return err
	}
	if s.Root() != u.root {
		return fmt.Errorf("%w: the state's pages give another root", ErrCorrupt)
	}
	last := map[tree.Loc][]byte{}
	err = s.Check(k, func(loc tree.Loc) ([]byte, bool) {
		p := f.seen[loc]
		if p == nil {
			return nil, false
		}
		return p.last, true
	}, func(loc tree.Loc, key []byte) { last[loc] = key })
	if err != nil {
		return err
	}
	s.EachPage(func(level int, id pages.ID, loc tree.Loc) {
		p := f.seen[loc]
		if p == nil {
			f.r.StatePages++
			f.progress(1)
			f.seen[loc] = &seenPage{
				id: id, unit: u.unit, newest: height, last: last[loc], level: level,
			}
		} else if p.id != id || p.level != level {
			err = fmt.Errorf("%w: state page %x is another one", ErrCorrupt, id[:8])
		}
	})
	return err
}
