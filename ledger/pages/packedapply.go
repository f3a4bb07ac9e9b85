package pages

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"weir/internal/invariant"
)

// Apply returns the state after net changes with strictly ascending keys. Writing the value that
// a key has, or deleting an absent one, changes nothing, and if nothing changes the state itself
// is returned. The pages of the new state that this one does not have are put, those that it no
// longer has are orphaned, and nothing else is touched; a caller that does not want the result
// throws both away, with whatever it had put when an error came.
//
// The cuts are a pure function of this state's pages and the changes. A leaf that changes is
// merged with its changes. What it then holds is cut evenly if it is too much; if it is too
// little, it waits and is joined with its right neighbour under the same parent, the last one
// with its left. The same holds for the references of inner pages. Where two inner pages are
// joined, so are the two children that meet if either has too little.
//
// Errors: ErrInvalid for pages that are damaged, and those of the keeper.
func (s *State) Apply(changes []Change, k Keeper) (*State, error) {
	check(changes)
	if len(changes) == 0 {
		return s, nil
	}
	w := packer{k: k}
	refs, changed, err := w.root(&s.root, changes)
	if err != nil || !changed {
		return s, err
	}
	if s.root.entries > 0 {
		k.Orphan(s.root.loc)
	}
	for len(refs) > 1 {
		w.out = nil
		w.cutRefs(refs)
		refs = w.out
	}
	if len(refs) == 0 {
		return EmptyState(), nil
	}
	root := refs[0]
	for root.kid != nil && len(root.kid.refs) == 1 {
		root = root.kid.refs[0] // what is stored has at least two: this page is not
	}
	w.finish(&root)
	return &State{root}, nil
}

// check asserts what operator state is made of: the engine that made it is part of this node.
func check(changes []Change) {
	for i := range changes {
		c := &changes[i]
		invariant.Check(i == 0 || bytes.Compare(changes[i-1].Key, c.Key) < 0,
			"operator state is not sorted")
		invariant.Check(len(c.Key) <= StateKeyMax && len(c.Value) <= StateValueMax,
			"operator state entry of %d and %d bytes", len(c.Key), len(c.Value))
	}
}

// packer is one Apply under way.
type packer struct {
	k    Keeper
	old  leaf    // the leaf that is read
	run  leafRun // what is read and not cut yet
	side leafRun
	out  []ref    // pages in place of those of the parent that is rewritten
	free [][]byte // bodies of leaves that are stored
	buf  []byte
}

// push adds a page. The one before can be joined with nothing any more and is finished; the
// first may still be joined with what stands before its parent.
func (w *packer) push(r ref) {
	if n := len(w.out); n > 1 {
		w.finish(&w.out[n-1])
	}
	w.out = append(w.out, r)
}

// finish hashes and stores a fresh page and all fresh ones below.
func (w *packer) finish(r *ref) {
	if !r.fresh {
		return
	}
	if r.kid == nil {
		r.id = sha256.Sum256(r.body)
		r.loc = w.k.Put(r.body)
		w.free, r.body, r.fresh = append(w.free, r.body), nil, false
		return
	}
	invariant.Check(len(r.kid.refs) >= minRefs && len(r.kid.refs) <= StatePageLen,
		"an inner state page of %d references", len(r.kid.refs))
	for i := range r.kid.refs {
		w.finish(&r.kid.refs[i])
	}
	w.buf = r.kid.append(w.buf[:0])
	r.id = sha256.Sum256(w.buf)
	w.buf = r.kid.appendLocs(w.buf, r.id)
	r.loc, r.fresh = w.k.Put(w.buf), false
}

// replaced orphans a page, unless it is of this Apply and was never stored.
func (w *packer) replaced(r *ref) {
	if !r.fresh {
		w.k.Orphan(r.loc)
	}
}

// root returns the pages that stand in place of the root.
func (w *packer) root(r *ref, changes []Change) (out []ref, changed bool, err error) {
	if r.kid != nil {
		return w.children(r.kid, changes)
	}
	w.old.spans = w.old.spans[:0]
	if r.entries > 0 {
		if err := w.old.fetch(r, w.k); err != nil {
			return nil, false, err
		}
	}
	if changed = w.merge(&w.old, changes); changed {
		w.cut()
	}
	return w.out, changed, nil
}

// children applies changes below an inner page and returns its new references. An unchanged
// child stays the same page.
func (w *packer) children(p *inner, changes []Change) (out []ref, changed bool, err error) {
	before := w.out
	w.out = make([]ref, 0, len(p.refs)+4)
	if p.level == 1 {
		changed, err = w.leaves(p, changes)
	} else {
		changed, err = w.inners(p, changes)
	}
	out, w.out = w.out, before
	return out, changed, err
}

// route splits off the changes that belong below child i.
func (p *inner) route(i int, changes []Change) (part, rest []Change) {
	if i+1 == len(p.refs) || len(changes) == 0 {
		return changes, nil
	}
	next := p.refs[i+1].key
	if bytes.Compare(changes[0].Key, next) >= 0 {
		return nil, changes
	}
	n, _ := slices.BinarySearchFunc(changes, next, func(c Change, next []byte) int {
		return bytes.Compare(c.Key, next)
	})
	return changes[:n], changes[n:]
}

// leaves rewrites the children of a page of level 1. A run that is too small stays in w.run.
func (w *packer) leaves(p *inner, changes []Change) (changed bool, err error) {
	w.run.reset()
	for i := range p.refs {
		kid := &p.refs[i]
		var part []Change
		part, changes = p.route(i, changes)
		if len(part) == 0 && (w.run.len() == 0 || kid.single()) {
			w.cut()
			w.push(*kid)
			continue
		}
		if err := w.old.fetch(kid, w.k); err != nil {
			return false, err
		}
		waited := w.run.len() > 0
		if !w.merge(&w.old, part) && !waited {
			w.run.reset()
			w.push(*kid)
			continue
		}
		changed = true
		w.replaced(kid)
		if w.run.cost >= mergeCost {
			w.cut()
		}
	}
	if n := len(w.out); w.run.len() > 0 && n > 0 && !w.out[n-1].single() {
		w.run, w.side = w.side, w.run
		w.run.reset()
		last := w.out[n-1]
		w.out = w.out[:n-1]
		if err := w.content(&last); err != nil {
			return false, err
		}
		w.run.join(&w.side)
	}
	w.cut()
	return changed, nil
}

// join adds the entries of another run.
func (r *leafRun) join(o *leafRun) {
	shift := uint32(len(r.data))
	r.data = append(r.data, o.data...)
	for _, e := range o.ends {
		r.ends = append(r.ends, e+shift)
	}
	r.cost += o.cost
}

// content adds the entries of a leaf, stored or fresh, that is replaced.
func (w *packer) content(r *ref) error {
	if !r.fresh {
		if err := w.old.fetch(r, w.k); err != nil {
			return err
		}
	} else {
		err := w.old.index(r.body)
		invariant.Check(err == nil, "a leaf that was just written does not read: %v", err)
	}
	w.run.take(&w.old, 0, len(w.old.spans))
	w.replaced(r)
	if r.fresh {
		w.free = append(w.free, r.body)
	}
	return nil
}

// inners rewrites the children of a page above level 1.
func (w *packer) inners(p *inner, changes []Change) (changed bool, err error) {
	var wait []ref // the references of a page that has too few
	for i := range p.refs {
		kid := &p.refs[i]
		var part []Change
		part, changes = p.route(i, changes)
		refs, touched := kid.kid.refs, false
		if len(part) > 0 {
			if refs, touched, err = w.children(kid.kid, part); err != nil {
				return false, err
			}
			if !touched {
				refs = kid.kid.refs
			}
		}
		if !touched && len(wait) == 0 {
			w.push(*kid)
			continue
		}
		changed = true
		w.replaced(kid)
		if refs, err = w.join(wait, refs); err != nil {
			return false, err
		}
		if wait = nil; few(refs) {
			wait = refs
		} else {
			w.cutRefs(refs)
		}
	}
	if n := len(w.out); len(wait) > 0 && n > 0 {
		last := w.out[n-1]
		w.out = w.out[:n-1]
		w.replaced(&last)
		if wait, err = w.join(last.kid.refs, wait); err != nil {
			return false, err
		}
	}
	w.cutRefs(wait)
	return changed, nil
}

// few reports whether references are too few for a page of their own.
func few(refs []ref) bool {
	return len(refs) < minRefs || (&inner{refs: refs}).cost() < mergeCost
}

// join puts the references of two neighbouring pages together. Where they meet, two children of
// which one has too little are joined, down to the leaves.
func (w *packer) join(a, b []ref) ([]ref, error) {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...), nil
	}
	out := make([]ref, 0, len(a)+len(b)+1)
	left, right := a[len(a)-1], b[0]
	if !left.small() && !right.small() || left.single() || right.single() {
		return append(append(out, a...), b...), nil
	}
	out = append(out, a[:len(a)-1]...)
	before := w.out
	w.out = nil
	if left.kid == nil {
		w.run.reset()
		if err := w.content(&left); err != nil {
			return nil, err
		}
		if err := w.content(&right); err != nil {
			return nil, err
		}
		w.cut()
	} else {
		w.replaced(&left)
		w.replaced(&right)
		refs, err := w.join(left.kid.refs, right.kid.refs)
		if err != nil {
			return nil, err
		}
		w.cutRefs(refs)
	}
	out = append(out, w.out...)
	w.out = before
	return append(out, b[1:]...), nil
}

// cutRefs makes inner pages of references: one if they fit, else parts that cost about the same,
// of at least minRefs each.
func (w *packer) cutRefs(refs []ref) {
	cost := (&inner{refs: refs}).cost()
	for len(refs) >= 2*minRefs && cost > pageCost {
		to, part := 0, uint64(0)
		for goal := evenly(cost); to < len(refs); to++ {
			c := refs[to].refCost()
			if to >= minRefs && part+c > goal || len(refs)-to == minRefs {
				break
			}
			part += c
		}
		w.inner(refs[:to:to], part)
		refs, cost = refs[to:], cost-part
	}
	if len(refs) > 0 {
		w.inner(refs, cost)
	}
}

func (w *packer) inner(refs []ref, cost uint64) {
	r := ref{key: refs[0].key, cost: cost, fresh: true}
	r.kid = &inner{level: refs[0].level() + 1, refs: refs}
	for i := range refs {
		r.entries += refs[i].entries
	}
	w.push(r)
}
