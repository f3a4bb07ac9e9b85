package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// conformance is what every KV must do.
func conformance(t *testing.T, kv KV) {
	var b Batch
	for i := range 10 {
		b.Set(fmt.Appendf(nil, "k%d", i), fmt.Appendf(nil, "v%d", i))
	}
	b.Set([]byte("empty"), nil)
	if err := kv.Write(&b, false); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	b.Delete([]byte("k3"))
	b.Delete([]byte("absent"))
	b.Set([]byte("k4"), []byte("new"))
	if err := kv.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, value string
		ok         bool
	}{{"k0", "v0", true}, {"k3", "", false}, {"k4", "new", true}, {"empty", "", true}} {
		v, ok, err := kv.Get([]byte(c.key))
		if err != nil || ok != c.ok || string(v) != c.value {
			t.Errorf("%s: %q %v %v", c.key, v, ok, err)
		}
	}
	scan := func(lo, hi []byte) (out string) {
		err := kv.Scan(lo, hi, func(k, v []byte) error {
			out += fmt.Sprintf("%s=%s ", k, v)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return out
	}
	if got := scan([]byte("k2"), []byte("k6")); got != "k2=v2 k4=new k5=v5 " {
		t.Errorf("scan: %s", got)
	}
	if got := scan([]byte("k8"), nil); got != "k8=v8 k9=v9 " {
		t.Errorf("scan to the end: %s", got)
	}
	b.Reset()
	b.Set([]byte("k51"), []byte("gone"))
	b.DeleteRange([]byte("k5"), []byte("k7"))
	b.DeleteRange([]byte("k9"), []byte("k9"))
	b.DeleteRange([]byte("k9"), []byte("k1"))
	b.Set([]byte("k6"), []byte("back"))
	if err := kv.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	if got := scan([]byte("k4"), []byte("k8")); got != "k4=new k6=back k7=v7 " {
		t.Errorf("after a range delete: %s", got)
	}
	if err := kv.Write(&Batch{}, true); err != nil {
		t.Errorf("an empty batch: %v", err)
	}
	stop := errors.New("stop")
	n := 0
	err := kv.Scan([]byte("k"), nil, func(_, _ []byte) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("stopped scan: %v after %d", err, n)
	}
}

// bulkConformance is what every Bulk must do.
func bulkConformance(t *testing.T, kv KV) {
	set := func(b Bulk, keys ...string) {
		for _, k := range keys {
			if err := b.Set([]byte(k), []byte("bulk")); err != nil {
				t.Fatal(err)
			}
		}
	}
	var before Batch
	before.Set([]byte("x2"), []byte("old"))
	if err := kv.Write(&before, false); err != nil {
		t.Fatal(err)
	}
	none := kv.Bulk()
	set(none, "x1", "x3")
	if err := none.Abort(); err != nil {
		t.Fatal(err)
	}
	b := kv.Bulk()
	set(b, "x2", "y1", "x4", "y2") // each class ascends on its own
	if _, ok, err := kv.Get([]byte("y1")); ok || err != nil {
		t.Fatalf("an entry is there before its commit: %v", err)
	}
	if b.Set([]byte("y1"), nil) == nil {
		t.Fatal("keys that do not ascend are accepted")
	}
	if err := errors.Join(b.Commit(), b.Abort(), kv.Bulk().Commit()); err != nil {
		t.Fatal(err)
	}
	got := ""
	err := kv.Scan([]byte("x"), nil, func(k, v []byte) error {
		got += fmt.Sprintf("%s=%s ", k, v)
		return nil
	})
	if want := "x2=bulk x4=bulk y1=bulk y2=bulk "; err != nil || got != want {
		t.Fatalf("after a bulk: %q, %v", got, err)
	}
}

func TestBulk(t *testing.T) {
	bulkConformance(t, NewMemory())
	dir := t.TempDir()
	p, err := OpenPebble("ledger", dir)
	if err != nil {
		t.Fatal(err)
	}
	bulkConformance(t, p)
	left := p.Bulk() // a crash leaves its table behind
	if err := errors.Join(left.Set([]byte("z"), []byte("lost")), p.Close()); err != nil {
		t.Fatal(err)
	}
	if p, err = OpenPebble("ledger", dir); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, ok, err := p.Get([]byte("z"))
	files, _ := filepath.Glob(filepath.Join(dir, "ledger.db", bulkPrefix+"*"))
	if ok || err != nil || len(files) > 0 {
		t.Fatalf("after a restart: %v, %v, files %v", ok, err, files)
	}
}

func TestMemory(t *testing.T) { conformance(t, NewMemory()) }

func TestPebble(t *testing.T) {
	dir := t.TempDir()
	p, err := OpenPebble("ledger", dir)
	if err != nil {
		t.Fatal(err)
	}
	conformance(t, p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err = OpenPebble("ledger", dir); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if v, ok, err := p.Get([]byte("k4")); string(v) != "new" || !ok || err != nil {
		t.Fatalf("after reopening: %q %v %v", v, ok, err)
	}
}

// TestCrash checks what a crash leaves: all synced batches, and a prefix of the others.
func TestCrash(t *testing.T) {
	m := NewMemory()
	write := func(k string, sync bool) error {
		var b Batch
		b.Set([]byte(k), []byte("x"))
		return m.Write(&b, sync)
	}
	for i, k := range []string{"a", "b", "c", "d"} {
		if err := write(k, i == 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.Unsynced(); n != 2 {
		t.Fatalf("%d unsynced batches, want 2", n)
	}
	for keep, want := range []string{"ab", "abc", "abcd", "abcd"} {
		got := ""
		err := m.Crash(keep).Scan([]byte("a"), nil, func(k, _ []byte) error {
			got += string(k)
			return nil
		})
		if err != nil || got != want {
			t.Errorf("keep %d: %q, want %q", keep, got, want)
		}
	}
	m.StopAt(2)
	if err := write("e", true); err != nil {
		t.Fatal(err)
	}
	if err := write("f", true); !errors.Is(err, ErrCrashed) {
		t.Fatalf("the stopped write gives %v", err)
	}
	if _, _, err := m.Get([]byte("a")); !errors.Is(err, ErrCrashed) {
		t.Fatalf("a read after the crash gives %v", err)
	}
}
