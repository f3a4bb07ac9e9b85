package tree

import (
	"bytes"
	"fmt"

	"weir/internal/invariant"
	"weir/ledger/proof"
)

// Change is one net write: a nil Value deletes Key.
type Change = struct{ Key, Value []byte }

// Apply returns the tree after a batch of changes with strictly ascending keys. The batch's
// bytes are copied. Writing the value that a key has, or deleting an absent key, changes
// nothing; a batch of only such changes returns t itself. Hashing waits for Root.
//
// Errors: ErrBatch.
func (t *Tree) Apply(batch []Change) (*Tree, error) {
	if err := checkBatch(batch); err != nil || len(batch) == 0 {
		return t, err
	}
	w := writer{}
	base := t.root.Page()
	r, changed := w.rewrite(base, batch)
	if !changed {
		return t, nil
	}
	pages := w.cut(r, base)
	for len(pages) > 1 {
		pages = w.cut(run{level: pages[0].Level() + 1, kids: pages}, nil)
	}
	root := pages[0]
	for root.level > 0 {
		p := root.Page()
		if len(p.kids) > 1 {
			break
		}
		root = p.kids[0]
	}
	next := &Tree{root}
	if invariant.Expensive {
		next.checkShape()
	}
	return next, nil
}

func checkBatch(batch []Change) error {
	for i, c := range batch {
		switch {
		case !isUserKey(c.Key):
			return fmt.Errorf("%w: key %d is empty or starts with 00 or FF", ErrBatch, i)
		case len(c.Key) > KeyMax:
			return fmt.Errorf("%w: key %d has %d bytes, limit %d", ErrBatch, i, len(c.Key), KeyMax)
		case c.Value != nil && len(c.Value) == 0:
			return fmt.Errorf("%w: value %d is empty", ErrBatch, i)
		case len(c.Value) > ValueMax:
			return fmt.Errorf("%w: value %d has %d bytes, limit %d",
				ErrBatch, i, len(c.Value), ValueMax)
		case i > 0 && bytes.Compare(batch[i-1].Key, c.Key) >= 0:
			return fmt.Errorf("%w: keys do not ascend at %d", ErrBatch, i)
		}
	}
	return nil
}

// isUserKey reports whether a key may be stored beside the sentinels.
func isUserKey(k []byte) bool {
	return len(k) > 0 && k[0] != proof.SentinelLow && k[0] != proof.SentinelHigh
}

// run is the new content of a page before it is cut: any number of entries, perhaps none.
type run struct {
	level int
	rows  []row  // level 0
	kids  []*Ref // other levels
}

func (r run) len() int {
	if r.level == 0 {
		return len(r.rows)
	}
	return len(r.kids)
}

// writer holds what one Apply reuses from page to page.
type writer struct {
	rows  []row
	edits []edit
}

// rewrite applies a batch below a page and returns the page's new content. Unchanged children
// stay the same pages.
func (w *writer) rewrite(p *Page, batch []Change) (r run, changed bool) {
	if p.level == 0 {
		return w.merge(p, batch)
	}
	out := make([]*Ref, 0, len(p.kids)+1)
	var small run // an under-full run that waits for its right neighbour
	for i, kid := range p.kids {
		var part []Change
		part, batch = p.route(i, batch)
		waits := small.len() > 0
		if !waits {
			if len(part) == 0 {
				out = append(out, kid)
				continue
			}
			w.rows = w.rows[:0]
		}
		var r run
		var touched bool
		if len(part) > 0 {
			page := kid.Page()
			if p.level == 1 && !waits {
				if next, edited, fits := w.patch(page, part); fits {
					if edited {
						kid, changed = newRef(next), true
					}
					out = append(out, kid)
					continue
				}
			}
			r, touched = w.rewrite(page, part)
		}
		if !touched && !waits {
			out = append(out, kid)
			continue
		}
		changed = true
		if !touched {
			r = w.content(kid.Page())
		}
		if waits {
			r, small = w.join(small, r), run{}
		}
		switch {
		case r.len() == 0:
		case r.len() < MinFill:
			small = r
		default:
			out = append(out, w.cut(r, kid.Page())...)
		}
	}
	if small.len() > 0 {
		out = w.mergeLast(out, small)
	}
	return run{level: p.level, kids: out}, changed
}

// mergeLast joins an under-full last run with its left neighbour, if it has one.
func (w *writer) mergeLast(out []*Ref, small run) []*Ref {
	if len(out) == 0 {
		return w.cut(small, nil)
	}
	last := out[len(out)-1].Page()
	return append(out[:len(out)-1], w.cut(w.join(w.content(last), small), last)...)
}

// route splits off the changes that belong below child i.
func (p *Page) route(i int, batch []Change) (part, rest []Change) {
	if i+1 == len(p.kids) || len(batch) == 0 {
		return batch, nil
	}
	// Most children get a change or two: the steps double until one goes too far.
	next := p.Key(i + 1)
	lo, hi := 0, 0
	for step := 1; hi < len(batch) && bytes.Compare(batch[hi].Key, next) < 0; step *= 2 {
		lo, hi = hi+1, hi+step
	}
	for hi = min(hi, len(batch)); lo < hi; {
		if mid := (lo + hi) / 2; bytes.Compare(batch[mid].Key, next) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return batch[:lo], batch[lo:]
}

// merge merges a batch into the rows of a leaf.
func (w *writer) merge(p *Page, batch []Change) (r run, changed bool) {
	start, n, at := len(w.rows), p.Len(), 0
	for _, c := range batch {
		next := p.ceil(at, c.Key)
		w.keep(p, at, next)
		at = next
		var old []byte
		if at < n {
			if key, value := p.Entry(at); bytes.Equal(key, c.Key) {
				old = value
			}
		}
		switch {
		case old == nil && c.Value == nil:
			continue
		case old != nil && c.Value != nil && bytes.Equal(old, c.Value):
			w.keep(p, at, at+1)
		case c.Value != nil:
			w.rows = append(w.rows, row{key: c.Key, value: c.Value})
			changed = true
		default:
			changed = true
		}
		if old != nil {
			at++
		}
	}
	w.keep(p, at, n)
	return run{rows: w.rows[start:len(w.rows):len(w.rows)]}, changed
}

// keep appends the rows from..to of a leaf, with their hashes where they are known.
func (w *writer) keep(p *Page, from, to int) {
	for i := from; i < to; i++ {
		key, value := p.Entry(i)
		e := row{key: key, value: value}
		if p.fresh>>i&1 == 0 {
			e.hash = &p.hashes[i]
		}
		w.rows = append(w.rows, e)
	}
}

// content returns a page as a run.
func (w *writer) content(p *Page) run {
	if p.level > 0 {
		return run{level: p.level, kids: p.kids}
	}
	start := len(w.rows)
	w.keep(p, 0, p.Len())
	return run{rows: w.rows[start:len(w.rows):len(w.rows)]}
}

// join puts two neighbouring runs of one level together. Where they meet, an only child that
// is under-full is joined with its new neighbour, down to the leaves.
func (w *writer) join(a, b run) run {
	if a.len() == 0 || b.len() == 0 {
		if a.len() == 0 {
			return b
		}
		return a
	}
	if a.level == 0 {
		rows := make([]row, 0, len(a.rows)+len(b.rows))
		return run{rows: append(append(rows, a.rows...), b.rows...)}
	}
	kids := make([]*Ref, 0, len(a.kids)+len(b.kids)+1)
	left, right := a.kids[len(a.kids)-1].Page(), b.kids[0].Page()
	if left.Len() >= MinFill && right.Len() >= MinFill {
		return run{level: a.level, kids: append(append(kids, a.kids...), b.kids...)}
	}
	seam := w.cut(w.join(w.content(left), w.content(right)), left)
	kids = append(append(kids, a.kids[:len(a.kids)-1]...), seam...)
	return run{level: a.level, kids: append(kids, b.kids[1:]...)}
}

// cut makes the pages of a run that is not empty: one if it fits, else even parts of at most
// cutFill entries. Hashes are reused from base, the page that the run replaces.
func (w *writer) cut(r run, base *Page) []*Ref {
	n := r.len()
	parts := 1
	if n > Fanout {
		parts = (n + cutFill - 1) / cutFill
	}
	pages := make([]*Ref, parts)
	for q := range pages {
		from, to := n*q/parts, n*(q+1)/parts
		if r.level == 0 {
			pages[q] = newRef(newLeaf(r.rows[from:to], base))
		} else {
			pages[q] = newRef(newInner(r.kids[from:to], base))
		}
		base = nil
	}
	return pages
}
