package ledger

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/internal/invariant"
	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// script is a fixed sequence of blocks with a checkpoint every third.
func script() (blocks []blockOps) {
	r := rand.New(rand.NewSource(7))
	for height := 1; height <= 13; height++ {
		o := blockOps{batches: map[Unit]map[string]string{}, leaves: map[Unit]int{}}
		for id := range uint64(2) {
			batch := map[string]string{}
			from := r.Intn(300)
			for i := range 60 {
				k := fmt.Sprintf("\x10k%04d", from+i)
				if batch[k] = fmt.Sprintf("v%d", r.Intn(5)); r.Intn(3) == 0 {
					batch[k] = ""
				}
			}
			o.batches[NewUnit(1, id+1, 0)] = batch
		}
		o.leaves[NewUnit(0x40, 1, 0)] = 2
		if height == 8 {
			o.drop = []Unit{NewUnit(1, 9, 0), NewUnit(0x40, 9, 0)}
		} else if height < 8 {
			o.batches[NewUnit(1, 9, 0)] = map[string]string{"\x10x": fmt.Sprint(height)}
			o.leaves[NewUnit(0x40, 9, 0)] = 1
		}
		o.checkpoint = height%3 == 0
		o.ops = 1
		blocks = append(blocks, o)
	}
	return blocks
}

// reference plays the script without any trouble.
func reference(t *testing.T, blocks []blockOps) (hashes []Hash, kv *store.Memory) {
	kv = store.NewMemory()
	l, m := open(t, kv), newModel()
	for i, o := range blocks {
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(uint64(i + 1)); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, l.AppHash())
	}
	compare(t, l, m)
	return hashes, kv
}

// TestCrashAtEveryWrite stops the store at each of its writes, with every number of unsynced
// batches that a loss of power may spare, and continues from what is left.
func TestCrashAtEveryWrite(t *testing.T) {
	blocks := script()
	hashes, whole := reference(t, blocks)
	for n := 1; n <= whole.Writes(); n++ {
		kv := store.NewMemory()
		kv.StopAt(n)
		l, m := open(t, kv), newModel()
		crashed := uint64(0)
		for i, o := range blocks {
			m.apply(o)
			if _, err := play(t, l, m, o).Commit(uint64(i + 1)); err != nil {
				if !errors.Is(err, store.ErrCrashed) {
					t.Fatal(err)
				}
				crashed = uint64(i + 1)
				break
			}
		}
		for keep := range kv.Unsynced() + 1 {
			left := kv.Crash(keep)
			l := open(t, left)
			// A crash while the window is pruned comes after its checkpoint.
			if before := (crashed - 1) / 3 * 3; l.Damage() != nil ||
				l.Height() != before && l.Height() != crashed {
				t.Fatalf("write %d, %d spared: height %d after a crash in block %d: %v",
					n, keep, l.Height(), crashed, l.Damage())
			}
			catchUp(t, l, blocks, hashes)
			checkGarbage(t, left, l)
		}
	}
}

// TestCrashPoints stops at every call of every named point.
func TestCrashPoints(t *testing.T) {
	blocks := script()
	hashes, _ := reference(t, blocks)
	seen := map[string]int{}
	for n := 1; ; n++ {
		kv, calls := store.NewMemory(), 0
		l, err := Open(kv, Options{Window: 4, CrashPoint: func(point string) {
			if calls++; calls == n {
				seen[point]++
				panic("crash at " + point)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		l.batchSize = 2000
		if !crashes(func() { catchUp(t, l, blocks, hashes) }) {
			break
		}
		for keep := range kv.Unsynced() + 1 {
			back := open(t, kv.Crash(keep))
			if back.Height()%3 != 0 || back.Damage() != nil {
				t.Fatalf("point %d: height %d, %v", n, back.Height(), back.Damage())
			}
			catchUp(t, back, blocks, hashes)
		}
	}
	for _, p := range []string{PointBegin, PointData, PointSynced, PointRecord, PointPruned} {
		if seen[p] < 4 {
			t.Errorf("%s was reached %d times", p, seen[p])
		}
	}
}

func crashes(f func()) (crashed bool) {
	defer func() {
		if e := recover(); e != nil {
			if s, ok := e.(string); !ok || !strings.HasPrefix(s, "crash at ") {
				panic(e)
			}
			crashed = true
		}
	}()
	f()
	return false
}

// TestDamage changes and removes every key of the store in turn. The ledger opens with what a
// whole checkpoint says, or not at all, and never with other contents.
func TestDamage(t *testing.T) {
	blocks := script()
	hashes, kv := reference(t, blocks)
	var keys, values [][]byte
	err := kv.Scan([]byte{0}, nil, func(k, v []byte) error {
		keys, values = append(keys, slices.Clone(k)), append(values, slices.Clone(v))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	fellBack, faults := 0, 0
	for i, key := range keys {
		if key[0] == classPayload {
			continue // bound by the leaf, which the application checks
		}
		for _, bad := range [][]byte{nil, flipped(values[i])} {
			left := kv.Crash(0)
			var b store.Batch
			if bad == nil {
				b.Delete(key)
			} else {
				b.Set(key, bad)
			}
			if err := left.Write(&b, true); err != nil {
				t.Fatal(err)
			}
			l, err := Open(left, Options{Window: 4})
			if err != nil {
				if !errors.Is(err, ErrCorrupt) {
					t.Fatalf("key %x: %v", key, err)
				}
				continue
			}
			if l.Damage() != nil || l.Height() < 12 {
				fellBack++
			}
			if faulted(t, func() {
				catchUp(t, l, blocks, hashes)
				err := readAll(l.Latest())
				if errors.Is(err, eventlog.ErrRecord) {
					invariant.Raise(fmt.Errorf("%w: %w", ErrCorrupt, err))
				}
				if err != nil {
					t.Fatalf("key %x: %v", key, err)
				}
			}) {
				faults++
			}
		}
	}
	if fellBack == 0 || faults == 0 {
		t.Errorf("%d damages led back to the checkpoint before, %d to a fault", fellBack, faults)
	}
}

// faulted tells whether f stopped at bytes of the store that are wrong.
func faulted(t *testing.T, f func()) (yes bool) {
	defer func() {
		if p := recover(); p != nil {
			fault, ok := p.(invariant.Fault)
			if !ok || !errors.Is(fault, ErrCorrupt) {
				panic(p)
			}
			yes = true
		}
	}()
	f()
	return false
}

func flipped(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

// TestBothDamaged asks for a clear error when neither checkpoint is whole.
func TestBothDamaged(t *testing.T) {
	_, kv := reference(t, script())
	var b store.Batch
	for _, h := range []uint64{3, 6, 9, 12} {
		b.Set(checkpointKey(h), []byte("torn"))
	}
	if err := kv.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	_, err := Open(kv, Options{})
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "height 12") ||
		!strings.Contains(err.Error(), "height 9") {
		t.Fatalf("open: %v", err)
	}
}

// TestEmptyBlocks checks that blocks without net changes leave the app hash as it is.
func TestEmptyBlocks(t *testing.T) {
	l := open(t, store.NewMemory())
	u := NewUnit(1, 1024, 0)
	set := []tree.Change{{Key: []byte("\x10a"), Value: []byte("1")}}
	commit := func(height uint64, f func(b *Block)) Hash {
		b := l.Begin()
		f(b)
		if _, err := b.Commit(height); err != nil {
			t.Fatal(err)
		}
		return l.AppHash()
	}
	apply := func(batch []tree.Change) func(b *Block) {
		return func(b *Block) {
			if err := b.Apply(u, batch); err != nil {
				t.Fatal(err)
			}
		}
	}
	commit(1, apply(set))
	first := commit(2, func(b *Block) { b.Checkpoint(2, nil) })
	for height, f := range []func(b *Block){
		func(*Block) {},
		apply(nil),
		apply(set),
		apply([]tree.Change{{Key: []byte("\x10absent")}}),
		func(b *Block) { b.Drop(NewUnit(1, 7, 0)) },
		func(b *Block) { b.Create(u) },
		func(b *Block) { b.Checkpoint(9, nil) },
	} {
		if commit(uint64(height+3), f) != first {
			t.Errorf("empty block %d changes the app hash", height)
		}
	}
	if commit(20, apply([]tree.Change{{Key: []byte("\x10b"), Value: []byte("1")}})) == first {
		t.Error("a change leaves the app hash")
	}
}

// TestVersions keeps n versions, tested at n and one beyond.
func TestVersions(t *testing.T) {
	l, err := Open(store.NewMemory(), Options{Versions: 3})
	if err != nil {
		t.Fatal(err)
	}
	for height := uint64(1); height <= 5; height++ {
		b := l.Begin()
		if err := b.Apply(NewUnit(1, 1, 0), []tree.Change{
			{Key: []byte("\x10h"), Value: fmt.Appendf(nil, "%d", height)},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Commit(height); err != nil {
			t.Fatal(err)
		}
	}
	for height := uint64(0); height <= 6; height++ {
		v, err := l.At(height)
		if want := height >= 3 && height <= 5; (err == nil) != want {
			t.Fatalf("height %d is kept: %v, want %v", height, err, want)
		}
		if err != nil {
			continue
		}
		v.Reader(NewUnit(1, 1, 0)).Scan(nil, nil, func(_, value []byte) bool {
			if string(value) != fmt.Sprint(height) {
				t.Fatalf("height %d reads %s", height, value)
			}
			return true
		})
	}
}

// TestReaders reads and proves versions while blocks and checkpoints go on; meant for -race.
func TestReaders(t *testing.T) {
	l := open(t, store.NewMemory())
	blocks, m := script(), newModel()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := readAll(l.Latest()); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	for i, o := range blocks {
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(uint64(i + 1)); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
}

// readAll verifies every unit of a version as an outsider does.
func readAll(v *Version) error {
	for _, e := range v.Units() {
		raw, err := v.ProveUnits(e.Unit)
		if err != nil {
			return err
		}
		units, err := proof.DecodeUnits(raw)
		if err != nil {
			return err
		}
		root, err := units.Root(v.AppHash(), e.Unit)
		if err != nil {
			return err
		}
		switch {
		case e.Unit.IsTree():
			if raw, err = v.ProveRange(e.Unit, nil, nil); err != nil {
				return err
			}
			r, err := proof.DecodeRange(raw)
			if err != nil {
				return err
			}
			if _, err := r.Verify(root, nil, nil); err != nil {
				return err
			}
		case e.Unit.IsLog():
			if err := readLog(v.Log(e.Unit), root); err != nil {
				return err
			}
		}
	}
	return nil
}

func readLog(log *eventlog.Log, root Hash) error {
	for i := range log.Size() {
		leaf, err := log.Leaf(i)
		if errors.Is(err, ErrCorrupt) {
			continue // dropped meanwhile
		}
		if err != nil {
			return err
		}
		p, err := log.ProveInclusion(i)
		if err != nil {
			return err
		}
		if err := p.Verify(root, leaf); err != nil {
			return err
		}
	}
	return nil
}

// TestPebble restarts a ledger on disk.
func TestPebble(t *testing.T) {
	blocks := script()
	hashes, _ := reference(t, blocks)
	dir := t.TempDir()
	for range 2 {
		kv, err := store.OpenPebble("ledger", dir)
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, kv)
		catchUp(t, l, blocks, hashes)
		if l.Durable() != 12 {
			t.Fatalf("durable height %d", l.Durable())
		}
		if err := readAll(l.Latest()); err != nil {
			t.Fatal(err)
		}
		if err := kv.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzRecord(f *testing.F) {
	_, kv := reference(&testing.T{}, script())
	b, err := must(kv, checkpointKey(12))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if !slices.Equal(r.encode(), b) {
			t.Fatal("not canonical")
		}
	})
}
