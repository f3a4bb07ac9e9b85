package consensus

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	cmtdb "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"
)

func openTestStore(t testing.TB, dir string) store {
	t.Helper()
	c := cfg.DefaultConfig()
	c.SetRoot(dir)
	db, err := openStore(&cfg.DBContext{ID: "test", Config: c})
	if err != nil {
		t.Fatal(err)
	}
	return db.(store)
}

// fsyncs counts how often the store's log has been synced.
func (s store) fsyncs(t *testing.T) uint64 {
	t.Helper()
	var m dto.Metric
	if err := s.DB().Metrics().LogWriter.FsyncLatency.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetHistogram().GetSampleCount()
}

// TestSyncedWritesSync: what the commit rule needs of the adapter is that SetSync, DeleteSync
// and WriteSync reach the disk before they return, and that the others need not.
func TestSyncedWritesSync(t *testing.T) {
	s := openTestStore(t, memoryDir(t))
	defer s.Close()
	batch := func(write func(cmtdb.Batch) error) error {
		b := s.NewBatch()
		defer b.Close()
		if err := b.Set([]byte("b"), []byte("v")); err != nil {
			return err
		}
		return write(b)
	}
	for _, x := range []struct {
		name string
		sync uint64
		op   func() error
	}{
		{"Set", 0, func() error { return s.Set([]byte("k"), []byte("v")) }},
		{"SetSync", 1, func() error { return s.SetSync([]byte("k"), []byte("v")) }},
		{"Delete", 0, func() error { return s.Delete([]byte("k")) }},
		{"DeleteSync", 1, func() error { return s.DeleteSync([]byte("k")) }},
		{"Write", 0, func() error { return batch(cmtdb.Batch.Write) }},
		{"WriteSync", 1, func() error { return batch(cmtdb.Batch.WriteSync) }},
	} {
		before := s.fsyncs(t)
		if err := x.op(); err != nil {
			t.Fatal(x.name, err)
		}
		// Pebble counts a sync a moment after it has woken the writer.
		for end := time.Now().Add(5 * time.Second); x.sync > 0 && s.fsyncs(t) == before; {
			if time.Now().After(end) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if got := s.fsyncs(t) - before; got < x.sync || x.sync == 0 && got > 0 {
			t.Errorf("%s: %d fsyncs, want %d", x.name, got, x.sync)
		}
	}
}

// TestStoreLikeMemDB runs random operations against the store and CometBFT's memory database,
// which must agree on every read, iterator and error.
func TestStoreLikeMemDB(t *testing.T) {
	dir := memoryDir(t)
	c := cfg.DefaultConfig()
	c.SetRoot(dir)
	open := func() cmtdb.DB {
		db, err := openStore(&cfg.DBContext{ID: "test", Config: c})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	rapid.Check(t, func(t *rapid.T) {
		m := &twins{store: db, twin: cmtdb.NewMemDB(), open: open}
		defer func() { db = m.store }()
		m.clear(t)
		t.Repeat(map[string]func(*rapid.T){
			"set":     m.set,
			"delete":  m.remove,
			"batch":   m.batch,
			"get":     m.get,
			"iterate": m.iterate,
			"compact": m.compact,
			"reopen":  m.reopen,
		})
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// twins are a store and its oracle.
type twins struct {
	store, twin cmtdb.DB
	open        func() cmtdb.DB
}

// key draws short keys, empty and nil ones too.
func key(t *rapid.T, label string) []byte {
	return rapid.OneOf(rapid.Just([]byte(nil)),
		rapid.SliceOfN(rapid.SampledFrom([]byte{0, 'a', 'b', 255}), 0, 3)).Draw(t, label)
}

func agree(t *rapid.T, what string, a, b error) {
	if (a == nil) != (b == nil) {
		t.Fatalf("%s: %v, twin %v", what, a, b)
	}
}

func (m *twins) set(t *rapid.T) {
	k, v, sync := key(t, "key"), key(t, "value"), rapid.Bool().Draw(t, "sync")
	if sync {
		agree(t, "SetSync", m.store.SetSync(k, v), m.twin.SetSync(k, v))
		return
	}
	agree(t, "Set", m.store.Set(k, v), m.twin.Set(k, v))
}

func (m *twins) remove(t *rapid.T) {
	k := key(t, "key")
	if rapid.Bool().Draw(t, "sync") {
		agree(t, "DeleteSync", m.store.DeleteSync(k), m.twin.DeleteSync(k))
		return
	}
	agree(t, "Delete", m.store.Delete(k), m.twin.Delete(k))
}

// batch fills, writes and reuses a batch; a written one must refuse further use.
func (m *twins) batch(t *rapid.T) {
	a, b := m.store.NewBatch(), m.twin.NewBatch()
	for range rapid.IntRange(0, 5).Draw(t, "operations") {
		k := key(t, "key")
		if rapid.Bool().Draw(t, "delete") {
			agree(t, "batch Delete", a.Delete(k), b.Delete(k))
			continue
		}
		v := key(t, "value")
		agree(t, "batch Set", a.Set(k, v), b.Set(k, v))
	}
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 0:
		agree(t, "Write", a.Write(), b.Write())
	case 1:
		agree(t, "WriteSync", a.WriteSync(), b.WriteSync())
	default:
		agree(t, "Close", a.Close(), b.Close())
	}
	agree(t, "Set after the end", a.Set([]byte("k"), []byte("v")), b.Set([]byte("k"), []byte("v")))
	agree(t, "Delete after the end", a.Delete([]byte("k")), b.Delete([]byte("k")))
	agree(t, "Write after the end", a.Write(), b.Write())
	agree(t, "WriteSync after the end", a.WriteSync(), b.WriteSync())
	agree(t, "Close again", a.Close(), b.Close())
}

func (m *twins) get(t *rapid.T) {
	k := key(t, "key")
	v, err := m.store.Get(k)
	w, twinErr := m.twin.Get(k)
	agree(t, "Get", err, twinErr)
	if (v == nil) != (w == nil) || !bytes.Equal(v, w) {
		t.Fatalf("Get %x: %x, twin %x", k, v, w)
	}
	has, err := m.store.Has(k)
	twinHas, twinErr := m.twin.Has(k)
	agree(t, "Has", err, twinErr)
	if has != twinHas {
		t.Fatalf("Has %x: %v, twin %v", k, has, twinHas)
	}
}

func (m *twins) iterate(t *rapid.T) {
	start, end := key(t, "start"), key(t, "end")
	if len(start) > 0 && len(end) > 0 && bytes.Compare(start, end) >= 0 {
		return // the interface leaves empty domains open
	}
	iterator := cmtdb.DB.Iterator
	if rapid.Bool().Draw(t, "reverse") {
		iterator = cmtdb.DB.ReverseIterator
	}
	a, err := iterator(m.store, start, end)
	b, twinErr := iterator(m.twin, start, end)
	agree(t, "iterator", err, twinErr)
	if err != nil {
		return
	}
	defer a.Close()
	defer b.Close()
	if lo, hi := a.Domain(); !bytes.Equal(lo, start) || !bytes.Equal(hi, end) {
		t.Fatalf("domain %x to %x, want %x to %x", lo, hi, start, end)
	}
	for ; a.Valid() && b.Valid(); a.Next() {
		if !bytes.Equal(a.Key(), b.Key()) || !bytes.Equal(a.Value(), b.Value()) {
			t.Fatalf("%x=%x, twin %x=%x", a.Key(), a.Value(), b.Key(), b.Value())
		}
		b.Next()
	}
	if a.Valid() != b.Valid() || a.Valid() || a.Error() != nil {
		t.Fatalf("iteration from %x to %x ends at another key, %v", start, end, a.Error())
	}
}

// compact must change nothing; its bounds may be open.
func (m *twins) compact(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "seldom") > 0 {
		return
	}
	start, end := key(t, "start"), key(t, "end")
	if end != nil && bytes.Compare(start, end) >= 0 {
		return
	}
	if err := m.store.Compact(start, end); err != nil {
		t.Fatalf("compact %x to %x: %v", start, end, err)
	}
}

// clear empties the store, which all runs share because opening one is slow.
func (m *twins) clear(t *rapid.T) {
	it, err := m.store.Iterator(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := m.store.NewBatch()
	for ; it.Valid(); it.Next() {
		if err := b.Delete(it.Key()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(it.Close(), b.Write()); err != nil {
		t.Fatal(err)
	}
}

func (m *twins) reopen(t *rapid.T) {
	if rapid.IntRange(0, 19).Draw(t, "seldom") > 0 {
		return
	}
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.store = m.open()
}

// TestReadOfClosedStore: a routine of CometBFT that outlives the node's stop reads a closed store,
// which ended the process with "pebble: closed". It finds nothing, and cannot write.
func TestReadOfClosedStore(t *testing.T) {
	s := openTestStore(t, memoryDir(t))
	key, value := []byte("k"), []byte("v")
	b := s.NewBatch()
	if err := errors.Join(s.SetSync(key, value), b.Set(key, value), s.Close()); err != nil {
		t.Fatal(err)
	}
	got, err1 := s.Get(key)
	there, err2 := s.Has(key)
	if got != nil || there || err1 != nil || err2 != nil {
		t.Errorf("%q %v %v %v", got, there, err1, err2)
	}
	_, err3 := s.Iterator(nil, nil)
	_, err4 := s.ReverseIterator(nil, nil)
	for i, err := range []error{err3, err4, s.Set(key, value), s.Delete(key), b.WriteSync()} {
		if !errors.Is(err, errClosed) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

// TestCompactFreesSpace deletes what a store holds and compacts it.
func TestCompactFreesSpace(t *testing.T) {
	s := openTestStore(t, memoryDir(t))
	defer s.Close()
	value := make([]byte, 1<<10)
	for i := range 4000 {
		copy(value, fmt.Sprintf("%x", i*7919))
		for j := 16; j < len(value); j++ {
			value[j] = byte(i*j ^ i>>3) // hard enough to compress
		}
		if err := s.Set(fmt.Appendf(nil, "key%06d", i), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	before := s.DB().Metrics().DiskSpaceUsage()
	for i := range 3999 {
		if err := s.Delete(fmt.Appendf(nil, "key%06d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	m := s.DB().Metrics()
	var tables int64
	for _, l := range m.Levels {
		tables += l.Size
	}
	if v, err := s.Get([]byte("key003999")); err != nil || v == nil {
		t.Fatalf("the last key is gone: %v", err)
	}
	if tables > 64<<10 {
		t.Fatalf("tables hold %d bytes after compaction, the disk %d before it", tables, before)
	}
	if err := s.Compact([]byte("a"), []byte("z")); err != nil {
		t.Fatal(err)
	}
}
