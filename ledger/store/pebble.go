package store

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble"
	"github.com/cockroachdb/pebble/vfs"
)

// Pebble is a KV on disk.
type Pebble struct {
	db     *pebble.DB
	path   string
	opts   *pebble.Options
	fs     vfs.FS        // below what watches pebble's files
	bulks  atomic.Uint64 // numbers the tables of bulks
	writes sync.RWMutex  // held by writers together, or by Hold alone
	closed sync.Once
	// failed is the first failure of a write, also of those that pebble makes by itself.
	failed atomic.Pointer[error]
	//weir:goroutine waits for the disk; no answer depends on it
	dead chan struct{} // closed at the first failure
}

var _ KV = (*Pebble)(nil)

// Options tune a Pebble. Zero values mean the defaults.
type Options struct {
	CacheSize    int64 // bytes of blocks in memory; CacheSizeDefault
	MemTableSize int64 // bytes of one table in memory before it is written; MemTableSizeDefault
	OpenFiles    int   // OpenFilesDefault
	ReadOnly     bool  // nothing is written; the store has to be there

	fs vfs.FS // of tests; nil: the file system of the machine
}

// Defaults of Options.
const (
	CacheSizeDefault    = 64 << 20
	MemTableSizeDefault = 16 << 20
	OpenFilesDefault    = 1000
)

// compactions is the number of compactions that may run at once.
const compactions = 2

// OpenPebble opens or creates the store in the folder dir/name.db, with default options.
func OpenPebble(name, dir string) (*Pebble, error) {
	return OpenPebbleWith(name, dir, Options{})
}

// OpenPebbleWith opens or creates the store in the folder dir/name.db.
//
// Errors: ErrDamaged when its table of contents has changed; those of pebble.
func OpenPebbleWith(name, dir string, o Options) (*Pebble, error) {
	path := filepath.Join(dir, name+".db")
	//weir:goroutine waits for the disk; no answer depends on it
	p := &Pebble{path: path, dead: make(chan struct{})}
	if o.fs == nil {
		o.fs = vfs.Default
	}
	po := p.options(o)
	p.opts, p.fs = po, o.fs
	defer po.Cache.Unref()
	err := checkManifests(o.fs, path)
	if err == nil {
		err = p.do(func() (err error) {
			p.db, err = pebble.Open(path, po)
			return err
		})
	}
	if err == nil && !o.ReadOnly {
		err = syncFolders(o.fs, dir)
	}
	if err == nil {
		err = removeBulks(o.fs, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open store %s in %s: %w", name, dir, err)
	}
	return p, nil
}

// syncFolders makes the entry of the store's folder durable, and that of the folder it is in.
// Pebble does so with what is in its own folder only.
func syncFolders(fs vfs.FS, dir string) error {
	for _, d := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
		f, err := fs.OpenDir(d)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// options are pebble's own.
func (p *Pebble) options(o Options) *pebble.Options {
	po := &pebble.Options{
		Cache:                    pebble.NewCache(or(o.CacheSize, CacheSizeDefault)),
		MemTableSize:             uint64(or(o.MemTableSize, MemTableSizeDefault)),
		MaxOpenFiles:             int(or(int64(o.OpenFiles), OpenFilesDefault)),
		MaxConcurrentCompactions: func() int { return compactions },
		Logger:                   failing{p},
		FS:                       p.disk(o.fs),
		ReadOnly:                 o.ReadOnly,
		EventListener: &pebble.EventListener{BackgroundError: func(err error) {
			if !errors.Is(err, pebble.ErrCancelledCompaction) {
				p.fail(err)
			}
		}},
	}
	return po.EnsureDefaults()
}

func or(n, standard int64) int64 {
	if n <= 0 {
		return standard
	}
	return n
}

// failing takes what pebble cannot go on after. Pebble means to end the process then; instead
// the store answers nothing any more, and its owner ends.
type failing struct{ p *Pebble }

func (failing) Infof(string, ...any)  {}
func (failing) Errorf(string, ...any) {}
func (f failing) Fatalf(format string, args ...any) {
	for _, a := range args {
		if err, ok := a.(error); ok {
			f.p.fail(err)
		}
	}
	f.p.fail(fmt.Errorf(format, args...))
	//weir:goroutine waits for the disk; no answer depends on it
	select {} // pebble is not made for going on here
}

// fail notes the first failure.
func (p *Pebble) fail(err error) {
	if p.failed.CompareAndSwap(nil, &err) {
		//weir:goroutine waits for the disk; no answer depends on it
		close(p.dead)
	}
}

// failure is the error of every call after a failure.
func (p *Pebble) failure() error {
	if err := p.failed.Load(); err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, *err)
	}
	return nil
}

// do waits for something that pebble does or for a failure: on a full disk pebble waits for ever
// for room.
func (p *Pebble) do(f func() error) error {
	//weir:goroutine waits for the disk; no answer depends on it
	done := make(chan error, 1)
	//weir:goroutine waits for the disk; no answer depends on it
	go func() { done <- guard(f) }()
	//weir:goroutine waits for the disk; no answer depends on it
	select {
	//weir:goroutine waits for the disk; no answer depends on it
	case err := <-done:
		if p.failure() == nil { // pebble may return nil after a failure
			return err
		}
	//weir:goroutine waits for the disk; no answer depends on it
	case <-p.dead:
	}
	return p.failure()
}

// guard returns the errors that pebble throws: it panics when its log cannot be written.
func guard(f func() error) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case error:
			err = e
		default:
			panic(e)
		}
	}()
	return f()
}

// Get implements KV.
func (p *Pebble) Get(key []byte) ([]byte, bool, error) {
	if err := p.failure(); err != nil {
		return nil, false, err
	}
	v, done, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read store: %w", err)
	}
	// Not nil, also when it is empty.
	v = append(make([]byte, 0, len(v)), v...)
	if err := done.Close(); err != nil {
		return nil, false, fmt.Errorf("read store: %w", err)
	}
	return v, true, nil
}

// Scan implements KV.
func (p *Pebble) Scan(lo, hi []byte, visit func(key, value []byte) error) (err error) {
	if err := p.failure(); err != nil {
		return err
	}
	it, err := p.db.NewIter(&pebble.IterOptions{LowerBound: lo, UpperBound: hi})
	if err != nil {
		return fmt.Errorf("scan store: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for it.First(); it.Valid(); it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			return fmt.Errorf("scan store: %w", err)
		}
		if err := visit(it.Key(), v); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("scan store: %w", err)
	}
	return nil
}

// Write implements KV.
func (p *Pebble) Write(b *Batch, sync bool) error {
	if err := p.failure(); err != nil {
		return err
	}
	w := p.db.NewBatchWithSize(b.size + 16*len(b.ops) + 16)
	for _, o := range b.ops {
		var err error
		switch o.kind {
		case opSet:
			err = w.Set(o.key, o.value, nil)
		case opDelete:
			err = w.Delete(o.key, nil)
		case opDeleteRange:
			err = w.DeleteRange(o.key, o.value, nil)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write store: %w", err), w.Close())
		}
	}
	how := pebble.NoSync
	if sync {
		how = pebble.Sync
		if len(b.ops) == 0 { // pebble takes it for nothing: what is before has to be synced
			if err := w.LogData(nil, nil); err != nil {
				return errors.Join(fmt.Errorf("write store: %w", err), w.Close())
			}
		}
	}
	p.writes.RLock()
	err := p.do(func() error { return w.Commit(how) })
	p.writes.RUnlock()
	if err == nil {
		return w.Close()
	}
	p.fail(err)
	return fmt.Errorf("write store: %w", p.failure())
}

// Flush implements KV. It does not wait.
func (p *Pebble) Flush() error {
	if err := p.failure(); err != nil {
		return err
	}
	return p.do(func() error { _, err := p.db.AsyncFlush(); return err })
}

// Close implements KV. A store that has failed is abandoned: pebble may hold its own locks.
func (p *Pebble) Close() (err error) {
	if p.failure() != nil {
		return nil
	}
	p.closed.Do(func() { err = p.do(p.db.Close) })
	return err
}

// Compact rewrites what lies in lo <= key < hi, so that what was deleted there leaves the
// disk; a nil hi means to the end.
func (p *Pebble) Compact(lo, hi []byte) error {
	hi, err := p.end(hi)
	if err != nil || bytes.Compare(lo, hi) >= 0 {
		return err
	}
	if err := p.do(func() error { return p.db.Compact(lo, hi, false) }); err != nil {
		return fmt.Errorf("compact store: %w", err)
	}
	return nil
}

// end returns a key behind all others for a nil hi.
func (p *Pebble) end(hi []byte) ([]byte, error) {
	if err := p.failure(); err != nil || hi != nil {
		return hi, err
	}
	it, err := p.db.NewIter(nil)
	if err != nil {
		return nil, fmt.Errorf("scan store: %w", err)
	}
	if it.Last() {
		hi = append(bytes.Clone(it.Key()), 0)
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return nil, fmt.Errorf("scan store: %w", err)
	}
	return hi, nil
}

// DiskSize estimates the bytes on disk of what lies in lo <= key < hi; a nil hi means to the
// end. What is still in memory, or was deleted and not compacted yet, shows later.
func (p *Pebble) DiskSize(lo, hi []byte) (uint64, error) {
	hi, err := p.end(hi)
	if err != nil || bytes.Compare(lo, hi) >= 0 {
		return 0, err
	}
	var n uint64
	err = p.do(func() (err error) {
		n, err = p.db.EstimateDiskUsage(lo, hi)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("disk usage of the store: %w", err)
	}
	return n, nil
}

// Totals describe a store as a whole, in bytes.
type Totals struct {
	Disk        uint64 // all files
	Tables      uint64 // sorted tables in use
	Log         uint64 // write-ahead log
	Obsolete    uint64 // files that wait to be removed
	Memory      uint64 // tables in memory
	Cache       int64
	CacheHits   int64 // numbers, not bytes
	CacheMisses int64
	Debt        uint64 // estimate of what compaction has still to write
	Compacted   uint64 // written by compactions since the store was opened
	Written     uint64 // in all since then: log, tables, compactions
}

// Totals describes the store as a whole.
//
// Errors: ErrFailed.
func (p *Pebble) Totals() (t Totals, err error) {
	var m *pebble.Metrics
	if err := p.do(func() error { m = p.db.Metrics(); return nil }); err != nil {
		return t, err
	}
	return Totals{
		Disk:        m.DiskSpaceUsage(),
		Tables:      uint64(m.Total().Size),
		Log:         m.WAL.PhysicalSize,
		Obsolete:    m.Table.ObsoleteSize + m.Table.ZombieSize + m.WAL.ObsoletePhysicalSize,
		Memory:      m.MemTable.Size,
		Cache:       m.BlockCache.Size,
		CacheHits:   m.BlockCache.Hits,
		CacheMisses: m.BlockCache.Misses,
		Debt:        m.Compact.EstimatedDebt,
		Compacted:   m.Total().BytesCompacted,
		Written:     m.WAL.BytesWritten + m.Total().BytesFlushed + m.Total().BytesCompacted,
	}, nil
}
