package ledger

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/store"
	"weir/ledger/tree"
)

// checkPayload binds payloads to leaves as play makes them.
func checkPayload(_ Unit, leaf, payload []byte) error {
	if want := bytes.Replace(leaf, []byte("leaf"), []byte("payload"), 1); !bytes.Equal(want, payload) {
		return fmt.Errorf("payload %q beside leaf %q", payload, leaf)
	}
	return nil
}

func runFsck(t fataler, kv store.KV) *Fsck {
	r, err := RunFsck(kv, FsckOptions{Payload: checkPayload, CacheBytes: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fsckWorld is a store with every kind of entry: trees with inner pages, a dropped tree and a
// dropped log, a log of several blocks of hashes, operator state, changes, lists.
func fsckWorld(t *testing.T) *store.Memory {
	kv := store.NewMemory()
	l := openWith(t, kv, Options{Window: 100, Versions: 1})
	m := newModel()
	tree1, tree2 := NewUnit(1, 1, 0), NewUnit(1, 2, 0)
	log1, log2 := NewUnit(0x40, 1, 0), NewUnit(0x40, 2, 0)
	for h := 1; h <= 12; h++ {
		o := blockOps{
			batches: map[Unit]map[string]string{tree1: {}}, leaves: map[Unit]int{log1: 14},
			checkpoint: h%3 == 0, ops: 2,
		}
		for i := range 60 {
			o.batches[tree1][fmt.Sprintf("\x10k%04d", h*50+i)] = fmt.Sprintf("v%d", h)
		}
		if h < 7 {
			o.batches[tree2] = map[string]string{fmt.Sprintf("\x10k%d", h): "x"}
			o.leaves[log2] = 2
		}
		if h == 8 {
			o.drop = []Unit{tree2, log2}
		}
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(uint64(h)); err != nil {
			t.Fatal(err)
		}
	}
	return kv
}

// TestFsckFindsEveryFlip flips a bit in each stored value, one after the other, at its begin, in
// its middle and at its end.
func TestFsckFindsEveryFlip(t *testing.T) {
	kv := fsckWorld(t)
	r := runFsck(t, kv)
	if r.Problems > 0 || len(r.Unjudged) > 0 {
		t.Fatalf("a sound store: %+v", r)
	}
	t.Logf("%+v", *r)
	if r.Checkpoints != 4 || r.Blocks != 9 || r.Leaves != 12*14+12 || r.HashBlocks < 3 ||
		r.Payloads != r.Leaves || r.Leftovers != 0 || r.StatePages == 0 || r.Listed == 0 {
		t.Errorf("counts: %+v", *r)
	}
	classes := map[byte]int{}
	for _, e := range entries(t, kv) {
		for _, at := range []int{0, len(e.value) / 2, len(e.value) - 1} {
			if len(e.value) == 0 {
				continue
			}
			bad := slices.Clone(e.value)
			bad[at] ^= 0x10
			set(t, kv, e.key, bad)
			if r := runFsck(t, kv); r.Problems == 0 {
				t.Errorf("key %x: byte %d of %d flipped, and nothing found", e.key, at, len(bad))
			}
			classes[e.key[0]]++
		}
		set(t, kv, e.key, e.value)
	}
	if len(classes) != 7 {
		t.Errorf("classes %v", classes)
	}
}

// TestFsckFindsEveryLoss takes each entry away, one after the other.
func TestFsckFindsEveryLoss(t *testing.T) {
	kv := fsckWorld(t)
	for _, e := range entries(t, kv) {
		var b store.Batch
		b.Delete(e.key)
		if err := kv.Write(&b, true); err != nil {
			t.Fatal(err)
		}
		r := runFsck(t, kv)
		// Without its oldest or newest record a store is what a crash leaves.
		crash := e.key[0] == classCheckpoint && (e.key[8] == 3 || e.key[8] == 12)
		if r.Problems == 0 != crash {
			t.Errorf("key %x is gone: %d problems", e.key, r.Problems)
		}
		set(t, kv, e.key, e.value)
	}
}

// TestFsckFindsGarbage adds pages that no checkpoint has.
func TestFsckFindsGarbage(t *testing.T) {
	kv := fsckWorld(t)
	set(t, kv, pageKey(tree.Loc{Batch: 6, Seq: 9999}), []byte("x"))
	if r := runFsck(t, kv); r.Problems != 1 {
		t.Errorf("a page that nothing uses: %+v", r)
	}
	kv = fsckWorld(t)
	set(t, kv, pageKey(tree.Loc{Batch: 13, Seq: 1}), []byte("x"))
	if r := runFsck(t, kv); r.Problems != 0 || r.Leftovers != 1 {
		t.Errorf("a page that a crash has left: %+v", r)
	}
}

// TestFsckAfterAnything: whatever a ledger went through, crashes included, its store is sound.
func TestFsckAfterAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kv := store.NewMemory()
		opts := drawOptions(rt)
		l := openWith(rt, kv, opts)
		m := newModel()
		var models []*model
		for range rapid.IntRange(1, 20).Draw(rt, "blocks") {
			o := drawBlock(rt)
			m.apply(o)
			models = append(models, m.clone())
			if _, err := play(rt, l, m, o).Commit(l.Height() + 1); err != nil {
				rt.Fatal(err)
			}
			if rapid.IntRange(0, 5).Draw(rt, "crash") == 0 {
				kv = kv.Crash(rapid.IntRange(0, 30).Draw(rt, "keep"))
				if r := runFsck(rt, kv); r.Problems > 0 {
					rt.Fatalf("after a crash: %v", r.First)
				}
				l = openWith(rt, kv, opts)
				models = models[:l.Height()]
				if m = newModel(); len(models) > 0 {
					m = models[len(models)-1].clone()
				}
			}
		}
		if err := l.Wait(); err != nil {
			rt.Fatal(err)
		}
		if r := runFsck(rt, kv); r.Problems > 0 {
			rt.Fatal(r.First)
		}
	})
}

type fsckEntry struct{ key, value []byte }

func entries(t *testing.T, kv store.KV) (all []fsckEntry) {
	err := kv.Scan([]byte{0}, nil, func(k, v []byte) error {
		all = append(all, fsckEntry{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func set(t *testing.T, kv store.KV, key, value []byte) {
	var b store.Batch
	b.Set(key, value)
	if err := kv.Write(&b, true); err != nil {
		t.Fatal(err)
	}
}
