package pages

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"weir/internal/invariant"
	"weir/ledger/tree"
)

// treeShelf stores pages by number and loads them, without a cache.
type treeShelf struct{ pages [][]byte }

func (s *treeShelf) put(_ *tree.Ref, stored []byte) tree.Loc {
	s.pages = append(s.pages, stored)
	return tree.Loc{Batch: 1, Seq: uint32(len(s.pages) - 1)}
}

func (s *treeShelf) Load(r *tree.Ref) (*tree.Page, error) {
	var b []byte
	if loc := r.Loc(); loc.Batch == 1 && int(loc.Seq) < len(s.pages) {
		b = s.pages[loc.Seq]
	}
	if b == nil {
		return nil, errors.New("no such page")
	}
	p, err := Open(r, b, s)
	if err != nil {
		return nil, err
	}
	return r.Keep(p), nil
}

// save stores all pages of a tree and returns a reference to the root as it is stored.
func (s *treeShelf) save(t *tree.Tree) *tree.Ref {
	r := t.Ref()
	id := SetIDs(r)
	Save(r, s.put, s, func(*tree.Ref) {})
	return tree.StoredRef(r.Level(), r.First(), r.Hash(), id, r.Loc(), s)
}

// readThrough reads a whole stored tree.
func readThrough(r *tree.Ref) (err error) {
	defer func() {
		if f, ok := recover().(invariant.Fault); ok {
			err = f
		}
	}()
	return tree.Open(r).Check()
}

func makeTree(tb testing.TB, n int) *tree.Tree {
	var batch []tree.Change
	for i := range n {
		batch = append(batch, tree.Change{
			Key: fmt.Appendf(nil, "\x10k%05d", i), Value: fmt.Appendf(nil, "v%d", i),
		})
	}
	t, err := tree.New().Apply(batch)
	if err != nil {
		tb.Fatal(err)
	}
	t.Root()
	return t
}

func TestSaveLoad(t *testing.T) {
	for _, n := range []int{0, 1, 30, 31, 800, 5000} {
		tr, d := makeTree(t, n), &treeShelf{}
		root := d.save(tr)
		back := tree.Open(root)
		if back.Root() != tr.Root() || readThrough(root) != nil {
			t.Fatalf("n=%d: another tree came back: %v", n, readThrough(root))
		}
		// A stored tree cuts the same pages as one that never left memory.
		change := []tree.Change{{Key: []byte("\x10k00000x"), Value: []byte("new")}}
		a, err1 := tr.Apply(change)
		b, err2 := tree.Open(d.save(makeTree(t, n))).Apply(change)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a.Root() != b.Root() || SetIDs(a.Ref()) != SetIDs(b.Ref()) {
			t.Fatalf("n=%d: the next batch gives other pages after loading", n)
		}
		stored := len(d.pages)
		Save(b.Ref(), d.put, d, func(*tree.Ref) {})
		if levels := b.Ref().Level() + 1; len(d.pages) > stored+levels+1 {
			t.Fatalf("n=%d: %d pages were stored for one change", n, len(d.pages)-stored)
		}
	}
}

// TestDamage flips every bit of each page in turn, and removes it: the tree must not load as
// another one. Locations are not hashed, but what lies elsewhere is not the page.
func TestDamage(t *testing.T) {
	tr, d := makeTree(t, 800), &treeShelf{}
	root := d.save(tr)
	stored := func() *tree.Ref {
		id, _ := root.ID()
		return tree.StoredRef(root.Level(), root.First(), root.Hash(), id, root.Loc(), d)
	}
	for at, b := range d.pages {
		d.pages[at] = nil
		if readThrough(stored()) == nil {
			t.Fatal("a tree without one of its pages loads")
		}
		step := max(1, len(b)/40)
		for i := 0; i < len(b); i += step {
			bad := bytes.Clone(b)
			bad[i] ^= 1 << (i % 8)
			d.pages[at] = bad
			if readThrough(stored()) == nil {
				t.Fatalf("page %d with byte %d of %d flipped loads", at, i, len(b))
			}
		}
		d.pages[at] = b
	}
}

// TestForeignCuts makes the same 256 entries with the same root by two histories: pages of 16
// and pages of 32. The page id tells them apart, and the next batch gives other roots.
func TestForeignCuts(t *testing.T) {
	narrow := tree.New()
	for i := range 254 {
		narrow = applyOne(t, narrow, i)
	}
	var first, rest []tree.Change
	for i := range 254 { // entry i+1 of the tree, after the low sentinel
		c := tree.Change{Key: fmt.Appendf(nil, "\x10k%05d", i), Value: []byte("v")}
		if at := (i + 1) % 32; at < 23 || at == 31 {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	wide, err1 := tree.New().Apply(first)
	wide, err2 := wide.Apply(rest)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if narrow.Root() != wide.Root() {
		t.Fatalf("cuts %v and %v: the test needs equal roots",
			leafLens(narrow.Ref().Page()), leafLens(wide.Ref().Page()))
	}
	if SetIDs(narrow.Ref()) == SetIDs(wide.Ref()) {
		t.Fatal("the page id does not tell the cuts apart")
	}
	if applyOne(t, narrow, 999).Root() == applyOne(t, wide, 999).Root() {
		t.Fatal("the next batch gives one root: the test needs others")
	}
}

func applyOne(t *testing.T, tr *tree.Tree, i int) *tree.Tree {
	next, err := tr.Apply([]tree.Change{{Key: fmt.Appendf(nil, "\x10k%05d", i), Value: []byte("v")}})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func leafLens(p *tree.Page) (out []int) {
	if p.Level() == 0 {
		return []int{p.Len()}
	}
	for i := range p.Len() {
		out = append(out, leafLens(p.Child(i).Page())...)
	}
	return out
}

func FuzzDecode(f *testing.F) {
	d := &treeShelf{}
	d.save(makeTree(f, 800))
	for _, b := range d.pages {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, rest, err := decode(b)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		out := []byte{domainPage, byte(p.Level), byte(p.Len)}
		if p.Level == 0 {
			leaf, err := tree.LoadLeaf(p.Body, p.Len)
			if err != nil {
				t.Fatal(err)
			}
			out = Append(nil, leaf)
		}
		for _, r := range p.Children {
			out = append(appendLen(out, len(r.Key)), r.Key...)
			out = append(append(out, r.Hash[:]...), r.ID[:]...)
		}
		if !bytes.Equal(append(out, rest...), b) {
			t.Fatal("not canonical")
		}
		if _, err := Decode(b); (err == nil) != (len(rest) == 0) {
			t.Fatal("bytes behind the encoding are accepted")
		}
	})
}

func appendLen(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}
