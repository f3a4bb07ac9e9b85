package tree

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/proof"
)

// naiveRoot computes the root of a page from scratch: RFC 6962 by its own recursion, leaf by
// leaf, page by page.
func naiveRoot(p *Page) proof.Hash {
	var entries []proof.Hash
	for i := range p.Len() {
		if p.Level() == 0 {
			key, value := p.Entry(i)
			entries = append(entries, proof.LeafHash(key, value))
		} else {
			entries = append(entries, naiveRoot(p.Child(i).Page()))
		}
	}
	return naiveMTH(entries)
}

func naiveMTH(h []proof.Hash) proof.Hash {
	if len(h) == 1 {
		return h[0]
	}
	k := int(proof.LogSplit(uint64(len(h))))
	left, right := naiveMTH(h[:k]), naiveMTH(h[k:])
	return proof.InnerHash(&left, &right)
}

// contents returns all user entries.
func contents(t *Tree) (keys, values [][]byte) {
	t.Scan(nil, nil, func(k, v []byte) bool {
		keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
		return true
	})
	return keys, values
}

func userKey(i int) []byte { return fmt.Appendf(nil, "\x10k%05d", i) }

func sortedBatch(m map[string][]byte) (batch []Change) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		batch = append(batch, Change{[]byte(k), m[k]})
	}
	return batch
}

// drawBatch draws net changes near one another, so that pages fill up and empty out.
func drawBatch(rt *rapid.T, space int) map[string][]byte {
	n := rapid.IntRange(1, 120).Draw(rt, "changes")
	from := rapid.IntRange(0, space-1).Draw(rt, "from")
	step := rapid.SampledFrom([]int{1, 1, 2, 7, 31}).Draw(rt, "step")
	deletes := rapid.SampledFrom([]int{0, 50, 90, 100}).Draw(rt, "deletes")
	m := map[string][]byte{}
	if rapid.IntRange(0, 3).Draw(rt, "wipe") == 0 { // whole pages vanish, a few rows survive
		every := rapid.SampledFrom([]int{space, 5, 23, 150}).Draw(rt, "survivors")
		for i := from; i < min(from+rapid.IntRange(1, space).Draw(rt, "width"), space); i++ {
			if (i-from)%every != every-1 {
				m[string(userKey(i))] = nil
			}
		}
		return m
	}
	for i := range n {
		k := string(userKey((from + i*step) % space))
		if rapid.IntRange(0, 99).Draw(rt, "p") < deletes {
			m[k] = nil
		} else {
			m[k] = rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "value")
		}
	}
	return m
}

// TestModel applies random batches beside a plain map: contents, shape, hashes from scratch,
// old versions unchanged, probes and scans.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		space := rapid.SampledFrom([]int{40, 300, 2000, 9000}).Draw(rt, "space")
		tr, model := New(), map[string][]byte{}
		if rapid.Bool().Draw(rt, "prefill") {
			for i := range space {
				model[string(userKey(i))] = []byte{1}
			}
			tr = mustApply(rt, tr, sortedBatch(model))
		}
		for range rapid.IntRange(1, 12).Draw(rt, "batches") {
			old, oldRoot := tr, tr.Root()
			m := drawBatch(rt, space)
			for _, k := range slices.Sorted(maps.Keys(m)) {
				if m[k] == nil {
					delete(model, k)
				} else {
					model[k] = m[k]
				}
			}
			batch := sortedBatch(m)
			tr = mustApply(rt, tr, batch)
			again := mustApply(rt, old, batch)
			checkTree(rt, tr, model)
			if again.Root() != tr.Root() || !samePages(again.root.Page(), tr.root.Page()) {
				rt.Fatal("the same batch gives other pages")
			}
			if old.Root() != oldRoot || naiveRoot(old.root.Page()) != oldRoot {
				rt.Fatal("an old version changed")
			}
			if noop := mustApply(rt, tr, batch); noop != tr {
				rt.Fatal("a batch without net changes makes another tree")
			}
		}
	})
}

func mustApply(tb interface{ Fatalf(string, ...any) }, t *Tree, batch []Change) *Tree {
	next, err := t.Apply(batch)
	if err != nil {
		tb.Fatalf("apply: %v", err)
	}
	return next
}

func samePages(a, b *Page) bool {
	if a.level != b.level || !bytes.Equal(a.body, b.body) || a.Len() != b.Len() {
		return false
	}
	for i := range a.kids {
		if !samePages(a.kids[i].Page(), b.kids[i].Page()) {
			return false
		}
	}
	return true
}

func checkTree(rt *rapid.T, tr *Tree, model map[string][]byte) {
	root := tr.Root()
	if err := tr.Check(); err != nil {
		rt.Fatal(err)
	}
	if naiveRoot(tr.root.Page()) != root {
		rt.Fatal("the incremental root differs from the one from scratch")
	}
	keys, values := contents(tr)
	if len(keys) != len(model) {
		rt.Fatalf("%d entries, want %d", len(keys), len(model))
	}
	for i, k := range keys {
		if !bytes.Equal(model[string(k)], values[i]) {
			rt.Fatalf("value of %x", k)
		}
	}
	var probe [][]byte
	for _, k := range slices.Sorted(maps.Keys(model)) {
		probe = append(probe, []byte(k), []byte(k+"\x00"))
	}
	probe = append(probe, []byte{0xFF})
	seen := 0
	tr.ProbeSorted(probe, func(i int, v []byte) {
		if i != seen || !bytes.Equal(v, model[string(probe[i])]) {
			rt.Fatalf("probe %d of %x gives %x", i, probe[i], v)
		}
		seen++
	})
	if seen != len(probe) {
		rt.Fatalf("%d visits for %d keys", seen, len(probe))
	}
}

// TestRangeProofs draws ranges and compares what their proofs show with a scan.
func TestRangeProofs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(rt, "n")
		m := map[string][]byte{}
		for i := range n {
			m[string(userKey(i*2))] = fmt.Appendf(nil, "v%d", i)
		}
		tr := mustApply(rt, New(), sortedBatch(m))
		root := tr.Root()
		a := rapid.IntRange(-1, 2*n+1).Draw(rt, "lo")
		b := rapid.IntRange(a, 2*n+2).Draw(rt, "hi")
		lo, hi := userKey(a+1), userKey(b+1)
		if a < 0 {
			lo = nil
		}
		if b > 2*n {
			hi = nil
		}
		raw, err := tr.ProveRange(lo, hi)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := proof.DecodeRange(raw)
		if err != nil {
			rt.Fatal(err)
		}
		rows, err := p.Verify(root, lo, hi)
		if err != nil {
			rt.Fatal(err)
		}
		i := 0
		tr.Scan(lo, hi, func(k, v []byte) bool {
			if i == len(rows) || !bytes.Equal(rows[i].Key, k) || !bytes.Equal(rows[i].Value, v) {
				rt.Fatalf("row %d", i)
			}
			i++
			return true
		})
		if i != len(rows) {
			rt.Fatalf("%d rows proven, %d scanned", len(rows), i)
		}
		if _, err := p.Verify(root, lo, []byte{0xFE}); err == nil && hi != nil && b+1 <= 2*(n-1) {
			rt.Fatal("the proof covers a wider range than it was made for")
		}
	})
}

// TestKeyProofs proves every key, and the absence beside every key.
func TestKeyProofs(t *testing.T) {
	for _, n := range []int{0, 1, 30, 31, 33, 700} {
		m := map[string][]byte{}
		for i := range n {
			m[string(userKey(i))] = fmt.Appendf(nil, "v%d", i)
		}
		tr := mustApply(t, New(), sortedBatch(m))
		root := tr.Root()
		keys := append(slices.Sorted(maps.Keys(m)), "\x01", "\x10", "\xFE\xFF")
		for _, k := range keys {
			for _, key := range [][]byte{[]byte(k), []byte(k + "\x00")} {
				p, err := tr.ProveKey(key)
				if err != nil {
					t.Fatal(err)
				}
				raw, err := p.AppendBinary(nil)
				if err != nil {
					t.Fatal(err)
				}
				back, err := proof.DecodeKey(raw)
				if err != nil {
					t.Fatal(err)
				}
				value, err := back.Verify(root, key)
				if err != nil || !bytes.Equal(value, m[string(key)]) {
					t.Fatalf("n=%d key %x: %x, %v", n, key, value, err)
				}
				if _, err := back.Verify(root, []byte("\x10other")); err == nil && p.Value != nil {
					t.Fatal("the proof shows another key")
				}
			}
		}
	}
}

// TestTop compares the top tree with one computed from scratch.
func TestTop(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		top, model := NewTop(), map[proof.Unit]proof.Hash{}
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			m := map[proof.Unit]*proof.Hash{}
			for range rapid.IntRange(1, 20).Draw(rt, "changes") {
				u := proof.NewUnit(rapid.ByteRange(1, 0x6F).Draw(rt, "kind"),
					rapid.Uint64Range(0, 3).Draw(rt, "id"), 0)
				m[u] = nil
				delete(model, u)
				if rapid.IntRange(0, 3).Draw(rt, "p") > 0 {
					h := proof.Hash{rapid.Byte().Draw(rt, "root")}
					m[u], model[u] = &h, h
				}
			}
			var changes []TopChange
			for _, u := range slices.SortedFunc(maps.Keys(m), proof.Unit.Compare) {
				changes = append(changes, TopChange{u, m[u]})
			}
			next, err := top.Apply(changes)
			if err != nil {
				rt.Fatal(err)
			}
			if again, _ := next.Apply(changes); again != next {
				rt.Fatal("no net change, another top")
			}
			top = next
			checkTop(rt, top, model)
		}
	})
}

func checkTop(rt *rapid.T, top *Top, model map[proof.Unit]proof.Hash) {
	want := []proof.Hash{proof.LeafHash([]byte{0}, []byte{0})}
	units := slices.SortedFunc(maps.Keys(model), proof.Unit.Compare)
	for _, u := range units {
		h := model[u]
		want = append(want, proof.LeafHash(u[:], h[:]))
	}
	want = append(want, proof.LeafHash([]byte{0xFF}, []byte{0}))
	if top.Root() != naiveMTH(want) {
		rt.Fatal("root differs")
	}
	var some []proof.Unit
	for _, u := range units {
		if rapid.Bool().Draw(rt, "prove") {
			some = append(some, u)
		}
	}
	if len(some) > 0 {
		raw, err := top.ProveUnits(some...)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := proof.DecodeUnits(raw)
		if err != nil {
			rt.Fatal(err)
		}
		for _, u := range some {
			if h, err := p.Root(top.Root(), u); err != nil || h != model[u] {
				rt.Fatalf("unit %x: %v", u, err)
			}
		}
	}
	raw, err := top.ProveRange(nil, nil)
	if err != nil {
		rt.Fatal(err)
	}
	p, err := proof.DecodeRange(raw)
	if err != nil {
		rt.Fatal(err)
	}
	if rows, err := p.Verify(top.Root(), nil, nil); err != nil || len(rows) != len(units) {
		rt.Fatalf("%d units listed, %v", len(rows), err)
	}
}
