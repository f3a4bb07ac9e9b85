package statebench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"weir/internal/cputime"
	"weir/ledger"
	"weir/ledger/proof"
	"weir/ledger/store"
	"weir/ledger/tree"
	"weir/testnet/bench"
)

// Config says what to measure with.
type Config struct {
	Dir             string            // where the store goes; "": a temporary folder
	Keys            int               // entries of the relation
	Batch           int               // changes of a block
	Blocks          int               // blocks that are measured
	Checkpoint      int               // blocks between two checkpoints
	CacheMiB        int               // memory for stored pages
	OperatorEntries int               // entries of operator state; 0: none
	Progress        func(changes int) // is called with the changes that were made
}

// Bounds of a configuration.
const (
	MinKeys  = 1000
	MaxKeys  = 100_000_000
	MaxBatch = 1_000_000
)

// Check refuses what cannot be measured.
func (c *Config) Check() error {
	switch {
	case c.Keys < MinKeys || c.Keys > MaxKeys:
		return fmt.Errorf("%d keys is not %d to %d", c.Keys, MinKeys, MaxKeys)
	case c.Batch < 1 || c.Batch > MaxBatch || c.Batch > c.Keys:
		return fmt.Errorf("a batch of %d is not 1 to %d and the number of keys", c.Batch, MaxBatch)
	case c.Blocks < 1 || c.Checkpoint < 1:
		return errors.New("blocks and checkpoint are at least 1")
	case c.OperatorEntries < 0 || c.OperatorEntries > MaxKeys:
		return fmt.Errorf("%d operator entries is not 0 to %d", c.OperatorEntries, MaxKeys)
	}
	return nil
}

// unit is where the relation lies.
var unit = ledger.NewUnit(0x10, 1024, 0)

// run is one measurement under way.
type run struct {
	cfg    Config
	dir    string
	kv     *store.Pebble
	ledger *ledger.Ledger
	work   workload
	ops    operators
	height uint64
	out    []bench.Figure
}

func (r *run) add(name string, value float64, unit string) {
	r.out = append(r.out, bench.Figure{Name: name, Value: value, Unit: unit})
}

// State measures the ledger.
func State(ctx context.Context, cfg Config) (figures []bench.Figure, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	r := &run{cfg: cfg, work: workload{keys: uint64(cfg.Keys), batch: cfg.Batch}}
	r.ops.entries = cfg.OperatorEntries
	if r.dir, err = os.MkdirTemp(cfg.Dir, "weir-state-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.open(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.ledger.Wait(), r.kv.Close()) }()
	for _, step := range []func(context.Context) error{
		r.fill, r.blocks, r.states, r.proofs, r.restart,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

func (r *run) open() (err error) {
	if r.kv, err = store.OpenPebble("state", r.dir); err != nil {
		return err
	}
	r.ledger, err = ledger.Open(r.kv, ledger.Options{
		CacheBytes: r.cfg.CacheMiB << 20, Window: 1000, Versions: 2,
		Go: func(f func()) { go f() },
	})
	return err
}

// block applies one batch, makes it a checkpoint with operator state if there is any to save, and
// commits.
func (r *run) block(batch []tree.Change, save *saving) error {
	r.height++
	b := r.ledger.Begin()
	if err := b.Apply(unit, batch); err != nil {
		return err
	}
	if save != nil {
		start := time.Now()
		b.Checkpoint(r.height, save.states)
		save.took = time.Since(start)
	}
	b.Root()
	_, err := b.Commit(r.height)
	return err
}

// fill loads the relation and the operator's state, and makes them durable.
func (r *run) fill(ctx context.Context) error {
	start, n := time.Now(), 0
	const loaded = 100_000 // changes of a block
	w := workload{keys: r.work.keys, batch: loaded}
	err := w.load(func(batch []tree.Change) error {
		n += len(batch)
		r.cfg.Progress(len(batch))
		return errors.Join(ctx.Err(), r.block(batch, nil))
	})
	if err != nil {
		return err
	}
	r.ops.fill()
	if err := errors.Join(r.block(nil, r.ops.save()), r.ledger.Wait()); err != nil {
		return err
	}
	r.add("load", float64(n)/time.Since(start).Seconds(), "keys/s")
	return nil
}

// blocks measures blocks of sorted changes, with checkpoints beside them.
func (r *run) blocks(ctx context.Context) error {
	before, err := r.kv.Totals()
	if err != nil {
		return err
	}
	var plain, saving []time.Duration
	changed, cpu, spent := 0, time.Duration(0), time.Duration(0)
	for i := range r.cfg.Blocks {
		batch := r.work.next() // made outside of what is measured
		r.ops.touch(len(batch))
		save := r.ops.at(i+1, r.cfg.Checkpoint)
		start, used := time.Now(), cputime.Now()
		if err := errors.Join(ctx.Err(), r.block(batch, save)); err != nil {
			return err
		}
		took := time.Since(start)
		cpu, spent = cpu+cputime.Now()-used, spent+took
		changed += bytes(batch)
		if save != nil {
			saving = append(saving, took)
			changed += save.bytes
		} else {
			plain = append(plain, took)
		}
		r.cfg.Progress(len(batch))
	}
	if err := r.ledger.Wait(); err != nil {
		return err
	}
	after, err := r.kv.Totals()
	if err != nil {
		return err
	}
	n := float64(r.cfg.Blocks * r.cfg.Batch)
	r.add("changes", n/spent.Seconds(), "changes/s")
	r.add("processor time", us(cpu)/n, "us/change")
	r.add("block p50", quantile(plain, 0.50), "ms")
	r.add("block p99", quantile(plain, 0.99), "ms")
	if len(saving) > 0 {
		r.add("block with a checkpoint, p50", quantile(saving, 0.50), "ms")
		r.add("block with a checkpoint, worst", quantile(saving, 1), "ms")
	}
	r.add("written", float64(after.Written-before.Written)/float64(changed), "bytes/byte changed")
	r.add("store", float64(after.Disk)/(1<<20), "MiB")
	return nil
}

// states measures checkpoints of operator state alone: as many updates as blocks make between two.
func (r *run) states(ctx context.Context) error {
	const rounds = 3
	saved, took := 0, time.Duration(0)
	for range rounds {
		for range r.cfg.Checkpoint {
			r.ops.touch(r.cfg.Batch)
		}
		save := r.ops.save()
		err := errors.Join(ctx.Err(), r.block(nil, save), r.ledger.Wait())
		if err != nil {
			return err
		}
		saved, took = saved+save.entries, took+save.took
	}
	if saved > 0 {
		r.add("operator state saved", us(took)/float64(saved), "us/update")
	}
	return nil
}

// proofs measures point and range proofs over the newest version.
func (r *run) proofs(context.Context) error {
	const points, rows = 2000, 1000
	v := r.ledger.Latest()
	root := v.Tree(unit).Root()
	encoded := make([][]byte, points)
	at := func(i int) []byte { return key(2 * (mix(uint64(i)) % r.work.keys)) }
	start := time.Now()
	for i := range encoded {
		var err error
		if encoded[i], err = v.ProveKey(unit, at(i)); err != nil {
			return err
		}
	}
	r.add("point proof made", us(time.Since(start))/points, "us")
	start = time.Now()
	size := 0
	for i, b := range encoded {
		p, err := proof.DecodeKey(b)
		if err != nil {
			return err
		}
		if value, err := p.Verify(root, at(i)); err != nil || value == nil {
			return fmt.Errorf("point proof %d: %w", i, err)
		}
		size += len(b)
	}
	r.add("point proof verified", us(time.Since(start))/points, "us")
	r.add("point proof", float64(size)/points, "bytes")
	lo := r.work.keys / 2
	start = time.Now()
	b, err := v.ProveRange(unit, key(2*lo), key(2*(lo+rows)))
	if err != nil {
		return err
	}
	r.add("range proof of about 1,000 rows made", us(time.Since(start))/1000, "ms")
	start = time.Now()
	p, err := proof.DecodeRange(b)
	if err != nil {
		return err
	}
	if _, err := p.Verify(root, key(2*lo), key(2*(lo+rows))); err != nil {
		return err
	}
	r.add("range proof verified", us(time.Since(start))/1000, "ms")
	r.add("range proof", float64(len(b))/1024, "KiB")
	return nil
}

// restart closes the store and opens the last checkpoint, operator state and all.
func (r *run) restart(context.Context) error {
	if err := errors.Join(r.block(nil, r.ops.save()), r.ledger.Wait(), r.kv.Close()); err != nil {
		return err
	}
	want := r.ledger.AppHash()
	start := time.Now()
	if err := r.open(); err != nil {
		return err
	}
	n, size := 0, 0
	for _, u := range r.ledger.OperatorStates() {
		err := r.ledger.OperatorState(u, func(key, value []byte) {
			n++
			size += len(key) + len(value)
		})
		if err != nil {
			return err
		}
	}
	r.add("restart: checkpoint opened, operator state read", us(time.Since(start))/1e6, "s")
	r.add("operator state", float64(size)/(1<<20), "MiB")
	if r.ledger.AppHash() != want || n != r.cfg.OperatorEntries {
		return fmt.Errorf("the restart gave another state: %d operator entries", n)
	}
	return nil
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// quantile of durations in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return float64(d[int(q*float64(len(d)-1))].Nanoseconds()) / 1e6
}
