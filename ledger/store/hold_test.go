package store

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// last is the greatest number that a writer of TestHoldCopiesOneInstant has put into a store.
func last(t *testing.T, kv KV, class byte) (n uint64) {
	t.Helper()
	err := kv.Scan([]byte{class}, []byte{class + 1}, func(key, _ []byte) error {
		if got := binary.BigEndian.Uint64(key[1:]); got != n+1 {
			return fmt.Errorf("%d after %d", got, n)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func putBatch(p *Pebble, key, value []byte) error {
	var b Batch
	b.Set(key, value)
	return p.Write(&b, false)
}

func putBulk(p *Pebble, key, value []byte) error {
	b := p.Bulk()
	if err := b.Set(key, value); err != nil {
		return err
	}
	return b.Commit()
}

// TestHoldCopiesOneInstant copies two stores while writers put each number into the first and then
// into the second, in batches and in bulks: in the copies the first is never behind the second, and
// at most one number ahead.
func TestHoldCopiesOneInstant(t *testing.T) {
	dir := t.TempDir()
	var stores [2]*Pebble
	for i := range stores {
		p, err := OpenPebbleWith(fmt.Sprint(i), dir, Options{MemTableSize: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		stores[i] = p
	}
	var writers sync.WaitGroup
	var done atomic.Bool
	var written [256]atomic.Int64
	puts := map[byte]func(p *Pebble, key, value []byte) error{'a': putBatch, 'b': putBulk}
	for class, put := range puts {
		writers.Go(func() {
			for n := uint64(1); !done.Load(); n++ {
				key := binary.BigEndian.AppendUint64([]byte{class}, n)
				for _, p := range stores {
					if err := put(p, key, make([]byte, 1000)); err != nil {
						t.Error(err)
						return
					}
				}
				written[class].Add(1)
			}
		})
	}
	for n := range 8 {
		for a, b := written['a'].Load(), written['b'].Load(); written['a'].Load() < a+5 ||
			written['b'].Load() < b+5; {
			time.Sleep(time.Millisecond)
		}
		to := filepath.Join(dir, fmt.Sprint("copy", n))
		release := stores[0].Hold()
		other := stores[1].Hold()
		for i, p := range stores {
			if err := p.CopyTo(fmt.Sprint(i), to); err != nil {
				t.Fatal(err)
			}
		}
		other()
		release()
		var got [2][2]uint64
		for i := range stores {
			p, err := OpenPebbleWith(fmt.Sprint(i), to, Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			got[i] = [2]uint64{last(t, p, 'a'), last(t, p, 'b')}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for class := range 2 {
			first, second := got[0][class], got[1][class]
			if first < second || first > second+1 || second == 0 {
				t.Errorf("copy %d: %d in the first store, %d in the second", n, first, second)
			}
		}
	}
	done.Store(true)
	writers.Wait()
}

// TestCopyRefused copies onto something that is there: refused, and the store goes on.
func TestCopyRefused(t *testing.T) {
	dir := t.TempDir()
	p, err := OpenPebble("s", dir)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.CopyTo("s", dir); err == nil {
		t.Error("a store is copied onto itself")
	}
	var b Batch
	b.Set([]byte("k"), []byte("v"))
	if err := p.Write(&b, true); err != nil {
		t.Error(err)
	}
	if err := p.CopyTo("s", filepath.Join(dir, "copy")); err != nil {
		t.Error(err)
	}
}
