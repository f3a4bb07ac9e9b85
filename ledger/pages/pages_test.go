package pages

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/tree"
)

// dir is a content-addressed page store.
type dir map[ID][]byte

func (d dir) fetch(id ID) ([]byte, error) {
	b, ok := d[id]
	if !ok {
		return nil, fmt.Errorf("no page %x", id[:8])
	}
	return b, nil
}

// save stores all pages of a tree.
func (d dir) save(p *tree.Page) ID {
	id := SetIDs(p)
	d[id] = Append(nil, p)
	if p.Level() > 0 {
		for i := range p.Len() {
			d.save(p.Child(i))
		}
	}
	return id
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
		tr, d := makeTree(t, n), dir{}
		id := d.save(tr.Page())
		back, err := Load(id, d.fetch)
		if err != nil {
			t.Fatal(err)
		}
		if back.Root() != tr.Root() || SetIDs(back.Page()) != id {
			t.Fatalf("n=%d: another tree came back", n)
		}
		// A loaded tree cuts the same pages as one that never left memory.
		change := []tree.Change{{Key: []byte("\x10k00000x"), Value: []byte("new")}}
		a, err1 := tr.Apply(change)
		b, err2 := back.Apply(change)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a.Root() != b.Root() || SetIDs(a.Page()) != SetIDs(b.Page()) {
			t.Fatalf("n=%d: the next batch gives other pages after loading", n)
		}
	}
}

// TestDamage flips a bit of each page in turn, and removes it: the tree must not load.
func TestDamage(t *testing.T) {
	tr, d := makeTree(t, 800), dir{}
	id := d.save(tr.Page())
	for at, b := range d { //weir:unordered every page is damaged alone
		bad := bytes.Clone(b)
		bad[len(bad)/2] ^= 4
		for _, c := range [][]byte{bad, nil} {
			if d[at] = c; c == nil {
				delete(d, at)
			}
			if _, err := Load(id, d.fetch); err == nil {
				t.Fatal("a damaged tree loads")
			}
			d[at] = b
		}
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
			leafLens(narrow.Page()), leafLens(wide.Page()))
	}
	if SetIDs(narrow.Page()) == SetIDs(wide.Page()) {
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
		out = append(out, leafLens(p.Child(i))...)
	}
	return out
}

func TestState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 255, 256, 257, 600}).Draw(rt, "n")
		d := dir{}
		w := NewStateWriter(func(id ID, page []byte) { d[id] = bytes.Clone(page) })
		var keys, values [][]byte
		for i := range n {
			k := fmt.Appendf(nil, "%04d", i)
			v := rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(rt, "value")
			keys, values = append(keys, k), append(values, v)
			w.Add(k, v)
		}
		m := w.Finish()
		r := NewStateReader(m, d.fetch)
		for i := range n {
			k, v, ok := r.Next()
			if !ok || !bytes.Equal(k, keys[i]) || !bytes.Equal(v, values[i]) {
				rt.Fatalf("entry %d: %x %x %v", i, k, v, r.Err())
			}
		}
		if _, _, ok := r.Next(); ok || r.Err() != nil {
			rt.Fatalf("after the end: %v %v", ok, r.Err())
		}
		if n == 0 {
			return
		}
		at := m.Pages[rapid.IntRange(0, len(m.Pages)-1).Draw(rt, "page")]
		d[at][len(d[at])-1] ^= 1
		r = NewStateReader(m, d.fetch)
		for ok := true; ok; {
			_, _, ok = r.Next()
		}
		if !errors.Is(r.Err(), ErrInvalid) {
			rt.Fatalf("damaged state reads with %v", r.Err())
		}
	})
}

func FuzzDecode(f *testing.F) {
	d := dir{}
	d.save(makeTree(f, 800).Page())
	for _, b := range d { //weir:unordered seeds of a fuzz target
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Decode(b)
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
		for _, r := range p.Refs {
			out = append(appendLen(out, len(r.Key)), r.Key...)
			out = append(append(out, r.Hash[:]...), r.ID[:]...)
		}
		if !bytes.Equal(out, b) {
			t.Fatal("not canonical")
		}
	})
}

func appendLen(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func FuzzState(f *testing.F) {
	w := NewStateWriter(func(_ ID, page []byte) { f.Add(bytes.Clone(page)) })
	for i := range 300 {
		w.Add(fmt.Appendf(nil, "%04d", i), nil)
	}
	w.Finish()
	f.Fuzz(func(t *testing.T, b []byte) {
		id := sha256.Sum256(b)
		n, _, err := statePage(b)
		if err != nil {
			return
		}
		m := Manifest{Entries: uint64(n), Pages: []ID{id}}
		r := NewStateReader(m, func(ID) ([]byte, error) { return b, nil })
		var out []byte
		w := NewStateWriter(func(_ ID, page []byte) { out = bytes.Clone(page) })
		for {
			k, v, ok := r.Next()
			if !ok {
				break
			}
			w.Add(k, v)
		}
		if m := w.Finish(); r.Err() == nil && (!bytes.Equal(out, b) || m.Pages[0] != id) {
			t.Fatal("not canonical")
		}
	})
}
