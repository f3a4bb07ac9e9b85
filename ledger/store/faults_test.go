package store

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/vfs"
	"github.com/cockroachdb/pebble/vfs/errorfs"
)

// machine is a disk that stops at one of its writes: the power fails, or the disk is full.
type machine struct {
	disk *vfs.MemFS
	left atomic.Int64
	off  atomic.Bool
	err  error
	cut  bool // the power fails: nothing is synced any more, nothing is read
}

func newMachine(n int, err error, cut bool) *machine {
	m := &machine{disk: vfs.NewStrictMem(), err: err, cut: cut}
	m.left.Store(int64(n))
	return m
}

// MaybeError implements errorfs.Injector.
func (m *machine) MaybeError(op errorfs.Op, _ string) error {
	if op.OpKind() == errorfs.OpKindRead {
		if m.cut && m.off.Load() {
			return m.err
		}
		return nil
	}
	if m.left.Add(-1) >= 0 {
		return nil
	}
	if !m.off.Swap(true) && m.cut {
		m.disk.SetIgnoreSyncs(true)
	}
	return m.err
}

// heal lets an abandoned store finish what it does in the background, so that it ends.
func (m *machine) heal(p *Pebble) {
	m.left.Store(1 << 60)
	m.off.Store(false)
	if p != nil {
		_ = p.Close()
	}
}

// small are options that make tables and compactions out of little.
func small(fs vfs.FS) Options {
	return Options{CacheSize: 1 << 20, MemTableSize: 32 << 10, fs: fs}
}

// files is the content of a disk below the store's folder.
type files map[string][]byte

const folder = "d/ledger.db"

func readFiles(t *testing.T, fs vfs.FS) files {
	out := files{}
	names, err := fs.List(folder)
	if err != nil {
		return out // not created yet
	}
	for _, name := range names {
		f, err := fs.Open(fs.PathJoin(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	delete(out, "LOCK")
	return out
}

// mount makes a disk with these files.
func (fs files) mount(t testing.TB) *vfs.MemFS {
	m := vfs.NewMem()
	for _, dir := range []string{"d", folder} {
		if err := m.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range fs {
		f, err := m.Create(m.PathJoin(folder, name))
		if err == nil {
			_, err = f.Write(slices.Clone(b))
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// run plays the script on a machine that stops at its n-th write.
func run(t *testing.T, m *machine) (s *trial, p *Pebble, err error) {
	s = newTrial(60, 9000)
	if err := m.disk.MkdirAll("d", 0o755); err != nil {
		t.Fatal(err)
	}
	if root, err := m.disk.OpenDir(""); err != nil || root.Sync() != nil {
		t.Fatal(err)
	}
	p, err = OpenPebbleWith("ledger", "d", small(errorfs.Wrap(m.disk, m)))
	if err != nil {
		return s, nil, err
	}
	return s, p, s.play(p, func() bool { return !m.cut || !m.off.Load() })
}

// stride is how many faults are left out between two, to keep a short run short.
func stride(long, short int) int {
	if testing.Short() {
		return short
	}
	return long
}

// TestPowerCut cuts the power at writes of the disk all through a script, and opens what was
// synced; and that with a part of what was not synced, as a torn write leaves it.
func TestPowerCut(t *testing.T) {
	cuts := 0
	for n := 1; ; n += stride(5, 19) {
		m := newMachine(n, errors.New("no power"), true)
		s, p, err := run(t, m)
		if !m.off.Load() {
			if err := errors.Join(err, p.Close()); m.off.Load() {
				continue // stopped while it closed
			} else if err != nil {
				t.Fatal(err)
			}
			break
		}
		cuts++
		live := readFiles(t, m.disk)
		m.heal(p)
		m.disk.ResetToSyncedState()
		synced := readFiles(t, m.disk)
		what := fmt.Sprintf("cut at %d", n)
		reopen(t, what, s, synced)
		for _, part := range []int{3, 2} {
			reopen(t, fmt.Sprintf("%s, 1/%d torn", what, part), s, torn(synced, live, part))
		}
	}
	if cuts < 10 {
		t.Fatalf("only %d writes", cuts)
	}
}

// torn adds a part of what a file had more to what was synced of it.
func torn(synced, live files, part int) files {
	out := maps.Clone(synced)
	for name, b := range synced {
		more := live[name]
		if strings.HasSuffix(name, ".sst") || len(more) <= len(b) ||
			!slices.Equal(more[:len(b)], b) {
			continue
		}
		out[name] = more[:len(b)+(len(more)-len(b))/part]
	}
	return out
}

func reopen(t *testing.T, what string, s *trial, disk files) {
	t.Helper()
	p, err := OpenPebbleWith("ledger", "d", small(disk.mount(t)))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	s.check(t, what, p)
	if err := p.Close(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestDiskFull fills the disk at writes all through a script. The store says so, once and for
// ever, and after a restart with room it has all that it acknowledged.
func TestDiskFull(t *testing.T) {
	fills := 0
	for n := 1; ; n += stride(5, 19) {
		m := newMachine(n, syscall.ENOSPC, false)
		s, p, err := run(t, m)
		if !m.off.Load() {
			if err := errors.Join(err, p.Close()); m.off.Load() {
				continue // stopped while it closed
			} else if err != nil {
				t.Fatal(err)
			}
			break
		}
		fills++
		if p != nil && err == nil { // the last write that pebble made by itself
			<-p.dead
			err = p.Write(&Batch{}, true)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("full at %d: %v", n, err)
		}
		if p != nil {
			for _, err := range []error{
				p.Write(&Batch{}, true), p.Compact(nil, nil), p.Scan(nil, nil, nil),
			} {
				if !errors.Is(err, ErrFailed) {
					t.Fatalf("full at %d, the next call gives %v", n, err)
				}
			}
			if _, _, err := p.Get([]byte("k")); !errors.Is(err, ErrFailed) {
				t.Fatalf("full at %d, a read gives %v", n, err)
			}
		}
		left := readFiles(t, m.disk)
		m.heal(p)
		reopen(t, fmt.Sprintf("full at %d", n), s, left)
	}
	if fills < 10 {
		t.Fatalf("only %d writes", fills)
	}
}

// TestFlippedBit flips a bit of bytes all over every file. The store refuses, or holds what it
// held; a write-ahead log may end early, as after a crash, and then the store holds a prefix of
// its batches that has all tables.
func TestFlippedBit(t *testing.T) {
	whole, s, flushed := manyFiles(t)
	kinds := map[string]map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		kind := name[strings.LastIndexAny(name, ".")+1:]
		kind, _, _ = strings.Cut(kind, "-")
		if kinds[kind] == nil {
			kinds[kind] = map[string]int{}
		}
		step := max(stride(5, 53), len(whole[name])/stride(120, 40))
		for at := 0; at < len(whole[name]); at += step {
			disk := maps.Clone(whole)
			disk[name] = slices.Clone(disk[name])
			disk[name][at] ^= 1 << (at % 8)
			got, err := openAndRead(t, disk)
			k, ok := s.prefix(got, flushed)
			switch {
			case err != nil:
				kinds[kind]["refused"]++
			case ok && k == len(s.batches):
				kinds[kind]["right"]++
			case ok && kind == "log":
				kinds[kind]["a prefix"]++
			default:
				t.Errorf("%s, byte %d of %d: %d keys, silently wrong (%v, %d)", name, at,
					len(whole[name]), len(got), ok, k)
			}
		}
	}
	t.Log(kinds)
	if kinds["sst"]["refused"] == 0 || kinds["MANIFEST"]["refused"] == 0 {
		t.Errorf("nothing was found: %v", kinds)
	}
}

// manyFiles returns the files of a store with tables on several levels and a log with batches
// that no table has; those have the first flushed batches.
func manyFiles(t *testing.T) (whole files, s *trial, flushed int) {
	fs := files{}.mount(t)
	p, err := OpenPebbleWith("ledger", "d", small(fs))
	if err != nil {
		t.Fatal(err)
	}
	s = newTrial(30, 400)
	for i := range s.batches {
		switch i {
		case 8, 15, 22:
			if err := p.db.Flush(); err != nil {
				t.Fatal(err)
			}
			flushed = i
		case 18:
			if err := p.Compact(nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Write(&s.batches[i], true); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return readFiles(t, fs), s, flushed
}

func openAndRead(t *testing.T, disk files) (map[string]string, error) {
	p, err := OpenPebbleWith("ledger", "d", small(disk.mount(t)))
	if err != nil {
		return nil, err
	}
	got, err := read(p)
	return got, errors.Join(err, p.Close())
}

// TestCompactionOverDamage compacts a table whose first block is damaged. Pebble itself would
// leave out the keys of that block and delete the table.
func TestCompactionOverDamage(t *testing.T) {
	fs := files{}.mount(t)
	p, err := OpenPebbleWith("ledger", "d", small(fs))
	if err != nil {
		t.Fatal(err)
	}
	write := func(from int) {
		var b Batch
		for i := from; i < scriptKeys; i += 2 {
			b.Set(scriptKey(i), fmt.Appendf(nil, "%0300d", i))
		}
		if err := errors.Join(p.Write(&b, true), p.db.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	write(0)
	if err := errors.Join(p.Compact(nil, nil), p.Close()); err != nil {
		t.Fatal(err)
	}
	disk := readFiles(t, fs)
	for name, b := range disk {
		if strings.HasSuffix(name, ".sst") {
			b[100] ^= 1
		}
	}
	fs = disk.mount(t)
	if p, err = OpenPebbleWith("ledger", "d", small(fs)); err != nil {
		t.Fatal(err)
	}
	var b Batch
	b.Set(scriptKey(1), []byte("new"))
	if err := p.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	if err := p.Compact(scriptKey(0), scriptKey(59)); !errors.Is(err, ErrDamaged) {
		t.Fatalf("compaction over a damaged block: %v", err)
	}
	for range 2 { // and after a restart the table is still there
		if p, err = OpenPebbleWith("ledger", "d", small(readFiles(t, fs).mount(t))); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Get(scriptKey(0)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("a key of a damaged block: %v", err)
		}
	}
}
