package proof_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"weir/ledger/proof"
)

func sha(b []byte) proof.Hash { return sha256.Sum256(b) }

// rangeLies change what the rows of an answer are.
func rangeLies() []lie {
	return []lie{
		byRange("a row's value is another", tagRow, func(w *world, n *node) bool {
			n.value = w.other(n.value)
			return true
		}),
		byRange("a row's key is another", tagRow, func(w *world, n *node) bool {
			n.key = w.other(n.key)
			return true
		}),
		byRange("a row is hidden behind its hash", tagRow, func(_ *world, n *node) bool {
			n.hide()
			return true
		}),
		byRange("a row shows only the hash of its value", tagRow, func(_ *world, n *node) bool {
			*n = node{tag: tagBoundary, key: n.key, hash: sha(n.value)}
			return true
		}),
		byRange("a row is left out, its sibling moves up", tagInner, func(w *world, n *node) bool {
			kept, gone := n.left, n.right
			if w.r.Intn(2) == 0 {
				kept, gone = gone, kept
			}
			if gone.tag != tagRow {
				return false
			}
			*n = *kept
			return true
		}),
		byRange("a row is there twice", tagRow, func(_ *world, n *node) bool {
			one := *n
			*n = node{tag: tagInner, left: &one, right: &one}
			return true
		}),
		byRange("a row is invented beside another", tagRow, func(_ *world, n *node) bool {
			one, more := *n, *n
			more.key = append(bytes.Clone(n.key), 'x')
			*n = node{tag: tagInner, left: &one, right: &more}
			return true
		}),
		byRange("two children change places", tagInner, func(_ *world, n *node) bool {
			n.left, n.right = n.right, n.left
			return n.left.root() != n.right.root()
		}),
		byRange("a whole part with rows is hidden", tagInner, func(w *world, n *node) bool {
			if n == w.ranged || len(n.of(tagRow)) == 0 {
				return false
			}
			n.hide()
			return true
		}),
	}
}

// boundaryLies change what stands around the rows.
func boundaryLies() []lie {
	return []lie{
		byRange("a neighbour's key is another", tagBoundary, func(w *world, n *node) bool {
			n.key = w.other(append(bytes.Clone(n.key), 0))
			return true
		}),
		byRange("the hash of a neighbour's value is another", tagBoundary,
			func(w *world, n *node) bool { return w.flip(&n.hash) }),
		byRange("a neighbour is hidden", tagBoundary, func(_ *world, n *node) bool {
			n.hide()
			return true
		}),
		byRange("what is left out has another hash", tagOpaque,
			func(w *world, n *node) bool { return w.flip(&n.hash) }),
		byRange("a part that was left out is invented", tagOpaque, func(_ *world, n *node) bool {
			one := *n
			*n = node{tag: tagInner, left: &one, right: &node{tag: tagOpaque, hash: sha(nil)}}
			return true
		}),
		{"range: the first row poses as the left neighbour", func(w *world) (bool, error) {
			rows, ends := w.ranged.of(tagRow), w.ranged.of(tagBoundary)
			if len(rows) == 0 {
				return false, nil
			}
			*rows[0] = node{tag: tagBoundary, key: rows[0].key, hash: sha(rows[0].value)}
			ends[0].hide()
			return true, w.judge(w.ranged.bytes())
		}},
		{"range: the last row poses as the right neighbour", func(w *world) (bool, error) {
			rows, ends := w.ranged.of(tagRow), w.ranged.of(tagBoundary)
			if len(rows) == 0 {
				return false, nil
			}
			last := rows[len(rows)-1]
			*last = node{tag: tagBoundary, key: last.key, hash: sha(last.value)}
			ends[1].hide()
			return true, w.judge(w.ranged.bytes())
		}},
	}
}

// orderLies exchange rows.
func orderLies() []lie {
	return []lie{
		{"range: two rows exchange their values", func(w *world) (bool, error) {
			rows := w.ranged.of(tagRow)
			if len(rows) < 2 {
				return false, nil
			}
			i := w.r.Intn(len(rows) - 1)
			a, b := rows[i], rows[i+1]
			a.value, b.value = b.value, a.value
			return !bytes.Equal(a.value, b.value), w.judge(w.ranged.bytes())
		}},
		{"range: two rows exchange their places", func(w *world) (bool, error) {
			rows := w.ranged.of(tagRow)
			if len(rows) < 2 {
				return false, nil
			}
			i := w.r.Intn(len(rows) - 1)
			*rows[i], *rows[i+1] = *rows[i+1], *rows[i]
			return true, w.judge(w.ranged.bytes())
		}},
	}
}

// questionLies answer another question honestly.
func questionLies() []lie {
	prove := func(w *world, from, to []byte) []byte {
		raw, err := w.tree.ProveRange(from, to)
		if err != nil {
			panic(err)
		}
		return raw
	}
	return []lie{
		{"question: the answer begins later", func(w *world) (bool, error) {
			if len(w.within()) == 0 {
				return false, nil
			}
			from := append(bytes.Clone(w.within()[0].Key), 0)
			if bytes.Compare(from, w.hi) > 0 {
				return false, nil
			}
			return true, w.judge(prove(w, from, w.hi))
		}},
		{"question: the answer ends earlier", func(w *world) (bool, error) {
			rows := w.within()
			if len(rows) == 0 {
				return false, nil
			}
			return true, w.judge(prove(w, w.lo, rows[len(rows)-1].Key))
		}},
		{"question: the answer has rows beyond", func(w *world) (bool, error) {
			if w.to >= len(w.rows) || bytes.Compare(w.hi, w.rows[w.to].Key) > 0 {
				return false, nil
			}
			return true, w.judge(prove(w, w.lo, append(bytes.Clone(w.rows[w.to].Key), 0)))
		}},
		{"question: another range of the same tree", func(w *world) (bool, error) {
			if w.from == 0 || len(w.within()) == 0 {
				return false, nil
			}
			return true, w.judge(prove(w, w.rows[0].Key, w.rows[w.from].Key))
		}},
		{"question: the state of an earlier height", func(w *world) (bool, error) {
			if w.older == w.tree {
				return false, nil
			}
			raw, err := w.older.ProveRange(w.lo, w.hi)
			if err != nil {
				return false, err
			}
			return true, w.judge(raw)
		}},
		{"question: an absence is asked with a range of rows", func(w *world) (bool, error) {
			i := w.r.Intn(len(w.rows))
			raw := prove(w, w.rows[i].Key, append(bytes.Clone(w.rows[i].Key), 0))
			_, err := proof.DecodeKey(append([]byte{0}, raw...))
			return true, err
		}},
		{"question: cut short", func(w *world) (bool, error) {
			b := w.ranged.bytes()
			return true, w.judge(b[:w.r.Intn(len(b))])
		}},
		{"question: bytes behind", func(w *world) (bool, error) {
			return true, w.judge(append(w.ranged.bytes(), byte(w.r.Intn(256))))
		}},
	}
}

// keyed is a key with its value and proof.
type keyed struct {
	key, value []byte
	proof      *proof.Key
}

func (w *world) key(i int) keyed {
	p, err := w.tree.ProveKey(w.rows[i].Key)
	if err != nil {
		panic(err)
	}
	return keyed{w.rows[i].Key, w.rows[i].Value, p}
}

// byKey is a lie that changes the proof of a key that is there.
func byKey(name string, change func(w *world, p *proof.Key) bool) lie {
	return lie{"key: " + name, func(w *world) (bool, error) {
		k := w.key(w.r.Intn(len(w.rows)))
		if !change(w, k.proof) {
			return false, nil
		}
		b, err := k.proof.AppendBinary(nil)
		if err != nil {
			return true, err
		}
		p, err := proof.DecodeKey(b)
		if err == nil {
			_, err = p.Verify(w.root, k.key)
		}
		return true, err
	}}
}

func keyLies() []lie {
	return []lie{
		byKey("another value", func(w *world, p *proof.Key) bool {
			p.Value = w.other(p.Value)
			return true
		}),
		byKey("no value", func(_ *world, p *proof.Key) bool {
			p.Value = nil
			return true
		}),
		byKey("another sibling", func(w *world, p *proof.Key) bool {
			return w.flip(&p.Path[w.r.Intn(len(p.Path))].Sibling)
		}),
		byKey("a sibling on the other side", func(w *world, p *proof.Key) bool {
			s := &p.Path[w.r.Intn(len(p.Path))]
			s.Right = !s.Right
			return true
		}),
		byKey("a step is left out", func(w *world, p *proof.Key) bool {
			i := w.r.Intn(len(p.Path))
			p.Path = slices.Delete(p.Path, i, i+1)
			return true
		}),
		byKey("a step is taken twice", func(w *world, p *proof.Key) bool {
			i := w.r.Intn(len(p.Path))
			p.Path = slices.Insert(p.Path, i, p.Path[i])
			return true
		}),
		byKey("the value of the neighbour", func(w *world, p *proof.Key) bool {
			other := w.key(w.r.Intn(len(w.rows))).proof
			same := bytes.Equal(other.Value, p.Value)
			*p = *other
			return !same
		}),
	}
}

// absenceLies prove something else than the key that was asked for.
func absenceLies() []lie {
	return []lie{
		{"key: the proof of another key", func(w *world) (bool, error) {
			i, j := w.r.Intn(len(w.rows)), w.r.Intn(len(w.rows))
			if i == j {
				return false, nil
			}
			_, err := w.key(i).proof.Verify(w.root, w.rows[j].Key)
			return true, err
		}},
		{"key: the absence of a key that is there", func(w *world) (bool, error) {
			i := w.r.Intn(len(w.rows))
			gap, err := w.tree.ProveKey(append(bytes.Clone(w.rows[i].Key), 0))
			if err == nil {
				_, err = gap.Verify(w.root, w.rows[i].Key)
			}
			return true, err
		}},
		{"key: an absence behind the neighbour", func(w *world) (bool, error) {
			i := w.r.Intn(len(w.rows) - 1)
			gap, err := w.tree.ProveKey(append(bytes.Clone(w.rows[i].Key), 0))
			if err == nil {
				_, err = gap.Verify(w.root, append(bytes.Clone(w.rows[i+1].Key), 0))
			}
			return true, err
		}},
		{"key: an absence from an earlier height", func(w *world) (bool, error) {
			if w.older == w.tree {
				return false, nil
			}
			gap, err := w.older.ProveKey(w.hi)
			if err == nil {
				_, err = gap.Verify(w.root, w.hi)
			}
			return true, err
		}},
	}
}

func unitLies() []lie {
	change := func(name string, tag byte, f func(w *world, n *node) bool) lie {
		return lie{"units: " + name, func(w *world) (bool, error) {
			asked := proof.Unit(w.units.of(tagUnit)[0].key)
			n := w.pick(w.units, tag)
			if n == nil || !f(w, n) {
				return false, nil
			}
			p, err := proof.DecodeUnits(w.units.bytes())
			if err == nil {
				_, err = p.Root(w.top.Root(), asked)
			}
			return true, err
		}}
	}
	return []lie{
		change("another root", tagUnit, func(w *world, n *node) bool { return w.flip(&n.hash) }),
		change("another name", tagUnit, func(w *world, n *node) bool {
			n.key = w.other(n.key)
			return true
		}),
		change("the unit is hidden", tagUnit, func(_ *world, n *node) bool {
			n.hide()
			return true
		}),
		change("the unit poses as a row", tagUnit, func(_ *world, n *node) bool {
			*n = node{tag: tagRow, key: n.key, value: n.hash[:]}
			return true
		}),
		change("what is left out has another hash", tagOpaque,
			func(w *world, n *node) bool { return w.flip(&n.hash) }),
		change("two children change places", tagInner, func(_ *world, n *node) bool {
			n.left, n.right = n.right, n.left
			return true
		}),
		{"units: the root of another unit", func(w *world) (bool, error) {
			n := w.units.of(tagUnit)[0]
			u := proof.Unit(n.key)
			p, err := proof.DecodeUnits(w.units.bytes())
			if err == nil {
				_, err = p.Root(w.top.Root(), proof.NewUnit(1, u.ID()+2, 0))
			}
			return true, err
		}},
	}
}

func (w *world) logProofs(tb testing.TB) (*proof.Inclusion, *proof.Leaves, *proof.Consistency) {
	a, err1 := w.log.ProveInclusion(uint64(w.first))
	b, err2 := w.log.ProveLeaves(uint64(w.first), uint64(w.run))
	c, err3 := w.log.ProveConsistency(w.states[w.first])
	if err := errors.Join(err1, err2, err3); err != nil {
		if tb == nil {
			panic(err)
		}
		tb.Fatal(err)
	}
	return a, b, c
}

// byLeaf, byRun and byGrowth are lies that change a proof of one leaf, of several, or of growth.
func byLeaf(name string, change func(w *world, p *proof.Inclusion, leaf *[]byte) bool) lie {
	return lie{"log: " + name, func(w *world) (bool, error) {
		p, _, _ := w.logProofs(nil)
		leaf := w.leaves[w.first]
		if !change(w, p, &leaf) {
			return false, nil
		}
		return true, p.Verify(w.log.Root(), leaf)
	}}
}

func byRun(name string, change func(w *world, p *proof.Leaves, leaves *[][]byte) bool) lie {
	return lie{"log: " + name, func(w *world) (bool, error) {
		_, p, _ := w.logProofs(nil)
		leaves := slices.Clone(w.leaves[w.first : w.first+w.run])
		if !change(w, p, &leaves) {
			return false, nil
		}
		return true, p.Verify(w.log.Root(), leaves)
	}}
}

func byGrowth(name string, change func(w *world, p *proof.Consistency, old *proof.Hash) bool) lie {
	return lie{"log: " + name, func(w *world) (bool, error) {
		_, _, p := w.logProofs(nil)
		old := w.states[w.first].Root()
		if !change(w, p, &old) {
			return false, nil
		}
		return true, p.Verify(old, w.log.Root())
	}}
}

// otherHash changes one of some hashes, otherNumber a bit of a small number.
func (w *world) otherHash(hashes []proof.Hash) bool {
	return len(hashes) > 0 && w.flip(&hashes[w.r.Intn(len(hashes))])
}

func (w *world) otherNumber(n *uint64) bool {
	*n ^= 1 << w.r.Intn(6)
	return true
}

func logLies() []lie {
	return []lie{
		byLeaf("another leaf", func(w *world, _ *proof.Inclusion, leaf *[]byte) bool {
			*leaf = w.other(*leaf)
			return true
		}),
		byLeaf("a leaf at another place", func(w *world, p *proof.Inclusion, _ *[]byte) bool {
			return w.otherNumber(&p.Index)
		}),
		byLeaf("another size", func(w *world, p *proof.Inclusion, _ *[]byte) bool {
			return w.otherNumber(&p.Size)
		}),
		byLeaf("another next offset", func(w *world, p *proof.Inclusion, _ *[]byte) bool {
			return w.otherNumber(&p.Next)
		}),
		byLeaf("another way up", func(w *world, p *proof.Inclusion, _ *[]byte) bool {
			return w.otherHash(p.Path)
		}),
		byLeaf("a way that is too short", func(_ *world, p *proof.Inclusion, _ *[]byte) bool {
			if len(p.Path) == 0 {
				return false
			}
			p.Path = p.Path[1:]
			return true
		}),
		byRun("a leaf of a run is left out", func(w *world, _ *proof.Leaves, leaves *[][]byte) bool {
			i := w.r.Intn(len(*leaves))
			*leaves = slices.Delete(*leaves, i, i+1)
			return true
		}),
		byRun("two leaves of a run change places", func(w *world, _ *proof.Leaves, l *[][]byte) bool {
			if len(*l) < 2 {
				return false
			}
			i := w.r.Intn(len(*l) - 1)
			(*l)[i], (*l)[i+1] = (*l)[i+1], (*l)[i]
			return true
		}),
		byRun("a run at another place", func(w *world, p *proof.Leaves, _ *[][]byte) bool {
			return w.otherNumber(&p.First)
		}),
		byGrowth("another past", func(w *world, _ *proof.Consistency, old *proof.Hash) bool {
			return w.flip(old)
		}),
		byGrowth("a past of another size", func(w *world, p *proof.Consistency, _ *proof.Hash) bool {
			return w.otherNumber(&p.Old.Size)
		}),
		byGrowth("another growth", func(w *world, p *proof.Consistency, _ *proof.Hash) bool {
			return w.otherHash(p.Path)
		}),
	}
}
