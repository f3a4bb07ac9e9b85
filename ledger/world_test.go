package ledger

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

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

// opState is a function of the model, so that a restart can compare it.
func (m *model) opState(i int) OpState {
	return OpState{Unit: NewUnit(0x50, uint64(i), 0), Save: func(visit func(k, v []byte)) {
		for _, u := range slices.SortedFunc(maps.Keys(m.trees), Unit.Compare) {
			for _, k := range slices.Sorted(maps.Keys(m.trees[u])) {
				visit(append(u[:], k...), []byte(m.trees[u][k]))
			}
		}
	}}
}

type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// play executes one block on a ledger; m is the model after the block.
func play(t fataler, l *Ledger, m *model, o blockOps) *Block {
	b := l.Begin()
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
		var ops []OpState
		for i := range o.ops {
			ops = append(ops, m.opState(i))
		}
		b.Checkpoint(ops)
	}
	return b
}

// compare checks every unit of the newest version against the model.
func compare(t fataler, l *Ledger, m *model) {
	v := l.Latest()
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
		r, ok := l.OperatorState(NewUnit(0x50, uint64(i), 0))
		if !ok {
			t.Fatalf("operator %d has no state", i)
		}
		m.opState(i).Save(func(k, v []byte) {
			gotKey, gotValue, ok := r.Next()
			if !ok || !bytes.Equal(gotKey, k) || !bytes.Equal(gotValue, v) {
				t.Fatalf("operator state: %x=%x, want %x=%x (%v)", gotKey, gotValue, k, v, r.Err())
			}
		})
		if _, _, more := r.Next(); more || r.Err() != nil {
			t.Fatalf("operator state: %v %v", more, r.Err())
		}
	}
	if _, ok := l.OperatorState(NewUnit(0x50, uint64(n), 0)); ok {
		t.Fatal("an operator state that was given up is still there")
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

func open(t fataler, kv store.KV) *Ledger {
	l, err := Open(kv, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.batchSize = 2000 // several batches per checkpoint
	return l
}

// TestModel plays random blocks on a ledger that restarts, and on one that never does: both
// have the model's contents and one app hash per height.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kv := store.NewMemory()
		l, steady := open(rt, kv), open(rt, store.NewMemory())
		m := newModel()
		var blocks []blockOps
		var hashes []Hash
		ops := 0
		last := uint64(rapid.IntRange(1, 14).Draw(rt, "blocks"))
		for height := uint64(1); height <= last; height++ {
			o := drawBlock(rt)
			blocks = append(blocks, o)
			m.apply(o)
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
			if rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				kv = kv.Crash(0)
				l = open(rt, kv)
				catchUp(rt, l, blocks, hashes)
			}
			if l.AppHash() != hashes[height-1] || l.Height() != height {
				rt.Fatalf("height %d: app hashes differ", height)
			}
		}
		compare(rt, l, m)
		compare(rt, steady, m)
		if l.Durable() == l.Height() && l.Height() > 0 {
			checkOpStates(rt, l, m, ops)
		}
		checkGarbage(rt, kv, l)
	})
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

// checkGarbage checks that the store holds at most two checkpoints, and no page that neither
// of them uses.
func checkGarbage(t fataler, kv store.KV, l *Ledger) {
	heights, err := l.checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	if len(heights) > 2 {
		t.Fatalf("%d checkpoints are kept", len(heights))
	}
	used := map[string]bool{}
	for _, h := range heights {
		one := &Ledger{kv: kv}
		if err := one.load(h); err != nil {
			t.Fatalf("kept checkpoint %d: %v", h, err)
		}
		for i := range one.durable.version.contents {
			c := &one.durable.version.contents[i]
			if c.tree != nil {
				markPages(used, c.unit, c.tree.Page())
			}
		}
		for u, m := range one.durable.states {
			for _, id := range m.Pages {
				used[string(hashKey(classState, u, id))] = true
			}
		}
	}
	for _, class := range []byte{classPage, classState} {
		err := kv.Scan([]byte{class}, []byte{class + 1}, func(k, _ []byte) error {
			if !used[string(k)] {
				return fmt.Errorf("key %x is garbage", k)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func markPages(used map[string]bool, u Unit, p *tree.Page) {
	id, _ := p.ID()
	used[string(hashKey(classPage, u, id))] = true
	if p.Level() > 0 {
		for i := range p.Len() {
			markPages(used, u, p.Child(i))
		}
	}
}
