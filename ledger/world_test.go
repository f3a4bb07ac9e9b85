package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/pages"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// blockOps is one block of the model: what happens to which unit.
type blockOps struct {
	batches    map[Unit]map[string]string // "" deletes
	leaves     map[Unit]int               // appends
	drop       []Unit
	checkpoint bool
	ops        int // operators with state, at a checkpoint
}

// model is the plain twin of a ledger.
type model struct {
	trees map[Unit]map[string]string
	logs  map[Unit][]string
}

func newModel() *model {
	return &model{trees: map[Unit]map[string]string{}, logs: map[Unit][]string{}}
}

func (m *model) apply(o blockOps) {
	for u, batch := range o.batches {
		if m.trees[u] == nil {
			m.trees[u] = map[string]string{}
		}
		for k, v := range batch {
			if v == "" {
				delete(m.trees[u], k)
			} else {
				m.trees[u][k] = v
			}
		}
	}
	for u, n := range o.leaves {
		for range n {
			m.logs[u] = append(m.logs[u], fmt.Sprintf("leaf %d", len(m.logs[u])))
		}
	}
	for _, u := range o.drop {
		delete(m.trees, u)
		delete(m.logs, u)
	}
}

func (m *model) clone() *model {
	c := newModel()
	for u, kv := range m.trees {
		c.trees[u] = maps.Clone(kv)
	}
	for u, leaves := range m.logs {
		c.logs[u] = slices.Clone(leaves)
	}
	return c
}

// opState is a function of the model, so that a restart can compare it.
func (m *model) opState(i int) map[string]string {
	out := map[string]string{}
	for u, rows := range m.trees {
		for k, v := range rows {
			if len(k)%(i+1) == 0 {
				out[string(u[:])+k] = v
			}
		}
	}
	return out
}

// readOpState reads an operator's state of the last checkpoint, nothing if it has none.
func readOpState(l *Ledger, i int) (map[string]string, error) {
	out := map[string]string{}
	err := l.OperatorState(opUnit(i), func(k, v []byte) { out[string(k)] = string(v) })
	if errors.Is(err, ErrNoUnit) {
		err = nil
	}
	return out, err
}

func opUnit(i int) Unit { return NewUnit(0x50, uint64(i), 0) }

// opChanges is what turns an operator's state of the last checkpoint into the model's.
func opChanges(t fataler, l *Ledger, m *model, i int) OpState {
	old, err := readOpState(l, i)
	if err != nil {
		t.Fatal(err)
	}
	now := m.opState(i)
	for k := range old {
		if _, ok := now[k]; !ok {
			now[k] = ""
		}
	}
	op := OpState{Unit: opUnit(i)}
	for _, k := range slices.Sorted(maps.Keys(now)) {
		c := tree.Change{Key: []byte(k)}
		if v := now[k]; v != "" {
			c.Value = []byte(v)
		}
		op.Changes = append(op.Changes, c)
	}
	return op
}

type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// play executes one block on a ledger; m is the model after the block.
func play(t fataler, l *Ledger, m *model, o blockOps) *Block {
	b := l.Begin()
	height := l.Height() + 1
	for _, u := range slices.SortedFunc(maps.Keys(o.batches), Unit.Compare) {
		var batch []tree.Change
		for _, k := range slices.Sorted(maps.Keys(o.batches[u])) {
			c := tree.Change{Key: []byte(k)}
			if v := o.batches[u][k]; v != "" {
				c.Value = []byte(v)
			}
			batch = append(batch, c)
		}
		b.Create(u)
		if err := b.Apply(u, batch); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range slices.SortedFunc(maps.Keys(o.leaves), Unit.Compare) {
		for range o.leaves[u] {
			index := uint64(0)
			if log := b.Log(u); log != nil {
				index = log.Size()
			}
			got, first, err := b.Append(u, fmt.Appendf(nil, "leaf %d", index), 2,
				fmt.Appendf(nil, "payload %d", index))
			if err != nil || got != index || first != 2*index {
				t.Fatalf("append %d at %d: %v", got, first, err)
			}
		}
	}
	for _, u := range o.drop {
		b.Drop(u)
	}
	if o.checkpoint {
		if err := l.Wait(); err != nil {
			t.Fatal(err)
		}
		var ops []OpState
		for i := range o.ops {
			ops = append(ops, opChanges(t, l, m, i))
		}
		b.Checkpoint(height, ops)
	}
	return b
}

// compare checks every unit of the newest version against the model.
func compare(t fataler, l *Ledger, m *model) { compareVersion(t, l.Latest(), m) }

func compareVersion(t fataler, v *Version, m *model) {
	for u, want := range m.trees {
		got := map[string]string{}
		v.Reader(u).Scan(nil, nil, func(k, val []byte) bool {
			got[string(k)] = string(val)
			return true
		})
		if !maps.Equal(got, want) {
			t.Fatalf("height %d: tree %x differs", v.Height(), u[:])
		}
	}
	for u, want := range m.logs {
		log := v.Log(u)
		if log == nil || log.Size() != uint64(len(want)) || log.Next() != 2*uint64(len(want)) {
			t.Fatalf("height %d: log %x differs", v.Height(), u[:])
		}
		for i, leaf := range want {
			got, err1 := log.Leaf(uint64(i))
			payload, err2 := log.Payload(uint64(i))
			if err1 != nil || err2 != nil || string(got) != leaf ||
				string(payload) != fmt.Sprintf("payload %d", i) {
				t.Fatalf("log %x, leaf %d: %q %q %v %v", u[:], i, got, payload, err1, err2)
			}
		}
	}
	units := 0
	for _, e := range v.Units() {
		if e.Unit.IsTree() || e.Unit.IsLog() {
			units++
		}
	}
	if units != len(m.trees)+len(m.logs) {
		t.Fatalf("%d units, want %d", units, len(m.trees)+len(m.logs))
	}
}

func checkOpStates(t fataler, l *Ledger, m *model, n int) {
	for i := range n {
		got, err := readOpState(l, i)
		if err != nil || !maps.Equal(got, m.opState(i)) {
			t.Fatalf("operator %d has another state: %v", i, err)
		}
	}
	if got := l.OperatorStates(); len(got) != n {
		t.Fatalf("%d operators have state, want %d", len(got), n)
	}
}

func drawBlock(rt *rapid.T) blockOps {
	o := blockOps{batches: map[Unit]map[string]string{}, leaves: map[Unit]int{}}
	for range rapid.IntRange(0, 3).Draw(rt, "batches") {
		u := NewUnit(1, rapid.Uint64Range(1, 3).Draw(rt, "tree"), 0)
		batch := map[string]string{}
		from := rapid.IntRange(0, 900).Draw(rt, "from")
		remove := rapid.IntRange(0, 2).Draw(rt, "remove") == 0
		for i := range rapid.IntRange(0, 100).Draw(rt, "n") {
			k := fmt.Sprintf("\x10k%04d", from+i)
			if batch[k] = ""; !remove {
				batch[k] = fmt.Sprintf("v%d", rapid.IntRange(0, 3).Draw(rt, "v"))
			}
		}
		o.batches[u] = batch
	}
	for range rapid.IntRange(0, 2).Draw(rt, "logs") {
		log := NewUnit(0x40, rapid.Uint64Range(1, 2).Draw(rt, "log"), 0)
		o.leaves[log] = rapid.IntRange(1, 5).Draw(rt, "leaves")
	}
	o.checkpoint = rapid.IntRange(0, 2).Draw(rt, "checkpoint") == 0
	o.ops = rapid.IntRange(0, 2).Draw(rt, "ops")
	return o
}

func open(t fataler, kv store.KV) *Ledger { return openWith(t, kv, Options{Window: 4}) }

func openWith(t fataler, kv store.KV, o Options) *Ledger {
	l, err := Open(kv, o)
	if err != nil {
		t.Fatal(err)
	}
	l.batchSize = 2000 // several batches per checkpoint
	return l
}

// drawOptions draws how a ledger is kept, which must not change what it says.
func drawOptions(rt *rapid.T) Options {
	o := Options{
		Window:     rapid.SampledFrom([]uint64{0, 3, 100}).Draw(rt, "window"),
		CacheBytes: rapid.SampledFrom([]int{1, 20_000, 0}).Draw(rt, "cache"),
		Versions:   rapid.SampledFrom([]int{1, 3, 64}).Draw(rt, "versions"),
	}
	if rapid.Bool().Draw(rt, "beside") {
		o.Go = func(f func()) { go f() }
		o.Each = func(n int, f func(i int)) {
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() { f(i) })
			}
			wg.Wait()
		}
	}
	return o
}

// comparePast reads a height of the past, which is there if the window says so.
func comparePast(t fataler, l *Ledger, height uint64, hash Hash, m *model) {
	v, err := l.At(height)
	if oldest, e := l.Oldest(); e != nil || err != nil {
		if e != nil || !errors.Is(err, ErrOutside) || l.opts.Window > 0 && height >= oldest ||
			height+l.opts.Window >= l.Durable() && height > 0 && l.opts.Window > 0 &&
				height >= oldest {
			t.Fatalf("height %d of %d, oldest %d: %v %v", height, l.Height(), oldest, e, err)
		}
		return
	}
	if v.AppHash() != hash {
		t.Fatalf("height %d has another app hash", height)
	}
	compareVersion(t, v, m)
	if err := readAll(v); err != nil {
		t.Fatalf("height %d: %v", height, err)
	}
}

// TestModel plays random blocks on a ledger that restarts, or is replaced by a snapshot in an empty
// store or in one that fell behind, and on one that never is: both have the model's contents and
// one app hash per height, and so do all heights that are kept.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kv := store.NewMemory()
		opts := drawOptions(rt)
		l, steady := openWith(rt, kv, opts), open(rt, store.NewMemory())
		m := newModel()
		var models []*model
		var blocks []blockOps
		var hashes []Hash
		var behind *store.Memory
		exporter, ops := steady.Exporter(), 0
		last := uint64(rapid.IntRange(1, 14).Draw(rt, "blocks"))
		for height := uint64(1); height <= last; height++ {
			o := drawBlock(rt)
			blocks = append(blocks, o)
			m.apply(o)
			models = append(models, m.clone())
			b := play(rt, steady, m, o)
			if _, err := b.Commit(height); err != nil {
				rt.Fatal(err)
			}
			hashes = append(hashes, steady.AppHash())
			if rapid.Bool().Draw(rt, "discard") {
				play(rt, l, m, o).Discard()
			}
			if _, err := play(rt, l, m, o).Commit(height); err != nil {
				rt.Fatal(err)
			}
			if o.checkpoint {
				ops = o.ops
			}
			switch rapid.IntRange(0, 6).Draw(rt, "what becomes of it") {
			case 0, 1:
				kv = kv.Crash(0)
				l = openWith(rt, kv, opts)
				catchUp(rt, l, blocks, hashes)
			case 2:
				if err := l.Wait(); err != nil {
					rt.Fatal(err)
				}
				behind = kv.Crash(0)
			case 3:
				if err := l.Wait(); err != nil || steady.Durable() == 0 {
					break
				}
				kv = restored(rt, exporter, behind)
				behind = nil
				l = openWith(rt, kv, opts)
				catchUp(rt, l, blocks, hashes)
			}
			if l.AppHash() != hashes[height-1] || l.Height() != height {
				rt.Fatalf("height %d: app hashes differ", height)
			}
		}
		if err := errors.Join(l.Wait(), steady.Wait()); err != nil {
			rt.Fatal(err)
		}
		compare(rt, l, m)
		compare(rt, steady, m)
		for h := range last {
			comparePast(rt, l, h+1, hashes[h], models[h])
		}
		if l.Durable() == l.Height() && l.Height() > 0 {
			checkOpStates(rt, l, m, ops)
		}
		checkGarbage(rt, kv, l)
	})
}

// restored is a store with the last checkpoint of another ledger: one that has an earlier one, if
// it is not nil and has not that very one, or an empty one.
func restored(t fataler, from *Exporter, behind *store.Memory) *store.Memory {
	x := mustSnapshot(t, from)
	defer x.Release()
	to := store.NewMemory()
	if behind != nil && open(t, behind).Height() < x.Manifest.Height {
		to = behind
	}
	if _, err := restoreInto(open(t, to), x, anyLeaves); err != nil {
		t.Fatal(err)
	}
	return to.Crash(0)
}

// catchUp executes the blocks above a ledger's height again and compares the app hashes.
func catchUp(t fataler, l *Ledger, blocks []blockOps, hashes []Hash) {
	if h := l.Height(); h > 0 && l.AppHash() != hashes[h-1] {
		t.Fatalf("loaded height %d with another app hash", h)
	}
	m := newModel()
	for i, o := range blocks {
		m.apply(o)
		if height := uint64(i + 1); height > l.Height() {
			if _, err := play(t, l, m, o).Commit(height); err != nil {
				t.Fatal(err)
			}
			if l.AppHash() != hashes[i] {
				t.Fatalf("height %d executed again gives another app hash", height)
			}
		}
	}
}

// checkGarbage checks that the store holds no more checkpoints than the window needs, no page
// that none of them uses, and no changes below the oldest.
func checkGarbage(t fataler, kv store.KV, l *Ledger) {
	heights, err := l.checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	// The oldest version that was in memory when the last checkpoint was written.
	oldest := l.Durable() - min(l.Durable(), uint64(l.opts.Versions))
	if len(heights) > checkpointsMin && heights[1]+l.opts.Window <= l.Durable() &&
		heights[1]+1 < oldest { // the last block may have moved the oldest since
		t.Fatalf("checkpoints %v are kept", heights)
	}
	used := map[string]bool{}
	var changed []uint64
	err = kv.Scan([]byte{classChanges}, []byte{classChanges + 1}, func(k, _ []byte) error {
		changed = append(changed, binary.BigEndian.Uint64(k[1:]))
		return nil
	})
	if err != nil || len(changed) > 0 && changed[0] <= heights[0] {
		t.Fatalf("changes from %d on, checkpoints from %d on, %v", changed[0], heights[0], err)
	}
	for _, h := range heights {
		one := &Ledger{
			kv: kv, cache: &cache{kv: kv, budget: CacheBytesDefault}, logs: newLogCache(),
		}
		if err := one.load(h); err != nil {
			t.Fatalf("kept checkpoint %d: %v", h, err)
		}
		for i := range one.durable.Load().version.contents {
			c := &one.durable.Load().version.contents[i]
			if c.tree != nil {
				markPages(used, c.tree.Ref())
				if err := c.tree.Check(); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, s := range one.durable.Load().states {
			s.EachPage(func(_ int, _ pages.ID, loc pages.Loc) { used[string(pageKey(loc))] = true })
		}
	}
	err = kv.Scan([]byte{classPage}, []byte{classPage + 1}, func(k, _ []byte) error {
		if !used[string(k)] {
			return fmt.Errorf("key %x is garbage", k)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func markPages(used map[string]bool, r *tree.Ref) {
	used[string(pageKey(r.Loc()))] = true
	if p := r.Page(); p.Level() > 0 {
		for i := range p.Len() {
			markPages(used, p.Child(i))
		}
	}
}
