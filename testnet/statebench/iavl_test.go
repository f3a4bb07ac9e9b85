package statebench

import (
	"testing"

	"cosmossdk.io/log"
	db "github.com/cosmos/cosmos-db"
	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"

	"weir/internal/cputime"
	"weir/ledger"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// The comparison: one workload over two stores, each with a root hash and a commit per block, on
// disk. Run both at once, since only their ratio means something on a shared machine:
//
//	go test -bench 'Weir|IAVL' -benchtime 20x ./testnet/statebench
const (
	compareKeys  = 200_000
	compareBatch = 10_000
)

// measure runs blocks of the workload and reports changes a second, by both clocks.
func measure(b *testing.B, block func(batch []tree.Change)) {
	w := workload{keys: compareKeys, batch: compareBatch}
	err := w.load(func(batch []tree.Change) error { block(batch); return nil })
	if err != nil {
		b.Fatal(err)
	}
	cpu := int64(0)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		batch := w.next()
		b.StartTimer()
		used := cputime.Now()
		block(batch)
		cpu += int64(cputime.Now() - used)
	}
	n := float64(b.N) * compareBatch
	b.ReportMetric(n/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(float64(cpu)/n/1000, "cpu-us/change")
}

func BenchmarkWeir(b *testing.B) {
	kv, err := store.OpenPebble("weir", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer kv.Close()
	l, err := ledger.Open(kv, ledger.Options{Go: func(f func()) { go f() }})
	if err != nil {
		b.Fatal(err)
	}
	height := uint64(0)
	measure(b, func(batch []tree.Change) {
		height++
		block := l.Begin()
		if err := block.Apply(unit, batch); err != nil {
			b.Fatal(err)
		}
		if height%50 == 0 {
			block.Checkpoint(height, nil)
		}
		block.Root()
		if _, err := block.Commit(height); err != nil {
			b.Fatal(err)
		}
	})
	if err := l.Wait(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkIAVL(b *testing.B) {
	d, err := db.NewPebbleDB("iavl", b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	t := iavl.NewMutableTree(iavldb.NewWrapper(d), 500_000, true, log.NewNopLogger(),
		iavl.SyncOption(true))
	measure(b, func(batch []tree.Change) {
		for _, c := range batch {
			if _, err := t.Set(c.Key, c.Value); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := t.SaveVersion(); err != nil {
			b.Fatal(err)
		}
	})
}

// TestWorkload: batches ascend strictly, and half of the changes meet a key that is there.
func TestWorkload(t *testing.T) {
	w := workload{keys: 5000, batch: 500}
	there := map[string]bool{}
	check := func(batch []tree.Change) (met int) {
		for i, c := range batch {
			if i > 0 && string(batch[i-1].Key) >= string(c.Key) {
				t.Fatal("a batch does not ascend")
			}
			if there[string(c.Key)] {
				met++
			}
			there[string(c.Key)] = true
		}
		return met
	}
	if err := w.load(func(batch []tree.Change) error { check(batch); return nil }); err != nil {
		t.Fatal(err)
	}
	if met := check(w.next()); len(there) < 5200 || met < 200 || met > 300 {
		t.Fatalf("%d keys, %d met", len(there), met)
	}
}

// TestState runs a small measurement with every part, and refuses what cannot be measured.
func TestState(t *testing.T) {
	cfg := Config{
		Dir: t.TempDir(), Keys: 4000, Batch: 500, Blocks: 9, Checkpoint: 4, CacheMiB: 1,
		OperatorEntries: 3000, Progress: func(int) {},
	}
	figures, err := State(t.Context(), cfg)
	if err != nil || len(figures) < 15 {
		t.Fatalf("%d figures, %v", len(figures), err)
	}
	for _, f := range figures {
		if f.Value <= 0 {
			t.Errorf("%s is %v", f.Name, f.Value)
		}
	}
	for _, bad := range []func(*Config){
		func(c *Config) { c.Keys = MinKeys - 1 },
		func(c *Config) { c.Keys = MaxKeys + 1 },
		func(c *Config) { c.Batch = 0 },
		func(c *Config) { c.Batch = c.Keys + 1 },
		func(c *Config) { c.Blocks = 0 },
		func(c *Config) { c.OperatorEntries = -1 },
	} {
		c := cfg
		if bad(&c); c.Check() == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
