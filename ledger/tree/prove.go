package tree

import (
	"bytes"
	"fmt"

	"weir/ledger/proof"
)

// ProveRange returns the encoding of a proof.Range of the entries with lo <= key < hi. A nil
// lo is the lowest possible user key, a nil hi lies above all of them. The tree must be hashed.
//
// Errors: ErrBounds, ErrProofTooLarge.
func (t *Tree) ProveRange(lo, hi []byte) ([]byte, error) {
	if lo == nil {
		lo = []byte{proof.SentinelLow + 1}
	}
	last := []byte{proof.SentinelHigh}
	if hi == nil {
		hi = last
	}
	if bytes.Compare(lo, []byte{proof.SentinelLow}) <= 0 || bytes.Compare(lo, hi) > 0 ||
		bytes.Compare(hi, last) > 0 {
		return nil, ErrBounds
	}
	g := rangeProver{}
	g.left, _ = t.Neighbours(lo)
	_, g.right = t.Neighbours(hi)
	g.page(t.root.Page())
	if g.w.Len() > ProofMax {
		return nil, ErrProofTooLarge
	}
	return g.w.Bytes(), nil
}

type rangeProver struct {
	w           proof.Builder
	left, right []byte
}

func (g *rangeProver) page(p *Page) {
	if g.w.Len() > ProofMax {
		return
	}
	d := pruner{w: &g.w, from: max(p.floor(0, g.left), 0), to: p.floor(0, g.right)}
	d.entry = func(i int) {
		if p.level > 0 {
			g.page(p.kids[i].Page())
			return
		}
		key, value := p.Entry(i)
		if bytes.Equal(key, g.left) || bytes.Equal(key, g.right) {
			g.w.Boundary(key, value)
		} else {
			g.w.Row(key, value)
		}
	}
	d.write(p.hashes, p.Len())
}

// pruner writes the binary tree over n entries, leaving out what lies outside from..to.
type pruner struct {
	w        *proof.Builder
	from, to int
	entry    func(i int)
}

func (d *pruner) write(hashes []proof.Hash, n int) {
	var levels [][]proof.Hash
	for ; n > 1; n = (n + 1) / 2 {
		levels = append(levels, hashes[:n])
		hashes = hashes[n:]
	}
	d.node(append(levels, hashes[:1]), 0)
}

// node writes node j of the topmost level.
func (d *pruner) node(levels [][]proof.Hash, j int) {
	l := len(levels) - 1
	first, end := j<<l, min((j+1)<<l, len(levels[0]))
	switch {
	case end <= d.from || first > d.to:
		d.w.Opaque(&levels[l][j])
	case l == 0:
		d.entry(j)
	case 2*j+1 == len(levels[l-1]): // an odd last node moved up
		d.node(levels[:l], 2*j)
	default:
		d.w.Inner()
		d.node(levels[:l], 2*j)
		d.node(levels[:l], 2*j+1)
	}
}

// ProveKey proves that key has its value or is absent. The tree must be hashed.
//
// Errors: ErrBounds.
func (t *Tree) ProveKey(key []byte) (*proof.Key, error) {
	if !isUserKey(key) {
		return nil, ErrBounds
	}
	value, path, ok := t.Path(key)
	if ok {
		return &proof.Key{Value: value, Path: path}, nil
	}
	after := append(append(make([]byte, 0, len(key)+1), key...), 0)
	b, err := t.ProveRange(key, after)
	if err != nil {
		return nil, err
	}
	gap, err := proof.DecodeRange(b)
	if err != nil {
		return nil, fmt.Errorf("tree: own proof: %w", err)
	}
	return &proof.Key{Gap: gap}, nil
}

// Path returns the value of a key, which may be a sentinel, and the way from its leaf to the
// root. The tree must be hashed.
func (t *Tree) Path(key []byte) (value []byte, path []proof.Step, ok bool) {
	var pages []*Page
	var at []int
	for p := t.root.Page(); ; {
		i := p.floor(0, key)
		if i < 0 {
			return nil, nil, false
		}
		pages, at = append(pages, p), append(at, i)
		if p.level > 0 {
			p = p.kids[i].Page()
			continue
		}
		k, v := p.Entry(i)
		if !bytes.Equal(k, key) {
			return nil, nil, false
		}
		value = v
		break
	}
	for i := len(pages) - 1; i >= 0; i-- {
		path = appendSteps(path, pages[i].hashes, pages[i].Len(), at[i])
	}
	return value, path, true
}

// appendSteps appends the way from entry i up to the root of a binary tree over n entries.
func appendSteps(path []proof.Step, hashes []proof.Hash, n, i int) []proof.Step {
	for n > 1 {
		if s := i ^ 1; s < n { // an odd last node has no sibling
			path = append(path, proof.Step{Sibling: hashes[s], Right: s > i})
		}
		hashes, n, i = hashes[n:], (n+1)/2, i/2
	}
	return path
}
