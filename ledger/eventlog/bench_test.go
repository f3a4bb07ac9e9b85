package eventlog

import (
	"math/rand"
	"runtime"
	"sync"
	"testing"
)

const million = 1 << 20

// big is a saved log of a million leaves and some.
var big = sync.OnceValues(func() (*disk, *Log) { return hashed(million + 12345) })

// hashed returns a saved log of n leaves, of which the disk has the hashes only.
func hashed(n int) (*disk, *Log) {
	d := newDisk()
	l, leaf := New(d), make([]byte, 300)
	for i := range n {
		leaf[0], leaf[1], leaf[2] = byte(i), byte(i>>8), byte(i>>16)
		next, err := l.Append(leaf, 100, nil)
		if err != nil {
			panic(err)
		}
		if l = next; len(l.tail) == 1000 {
			if err := l.Save(hashesOnly{d}); err != nil {
				panic(err)
			}
			l = l.Trim()
		}
	}
	if err := l.Save(hashesOnly{d}); err != nil {
		panic(err)
	}
	return d, l.Trim()
}

type hashesOnly struct{ *disk }

func (hashesOnly) PutLeaf(uint64, []byte) error    { return nil }
func (hashesOnly) PutPayload(uint64, []byte) error { return nil }

func BenchmarkAppend(b *testing.B) {
	l, leaf := New(nil), make([]byte, 300)
	b.ReportAllocs()
	for range b.N {
		next, err := l.Append(leaf, 100, nil)
		if err != nil {
			b.Fatal(err)
		}
		if l = next; len(l.tail) > 1000 {
			l = l.Trim()
		}
	}
}

func BenchmarkOpenMillion(b *testing.B) {
	d, l := big()
	root := l.Root()
	b.ResetTimer()
	b.ReportAllocs()
	d.reads = 0
	for range b.N {
		if _, err := Open(d, State{l.size, l.next, l.kept}, root); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.reads)/float64(b.N), "reads/op")
}

func BenchmarkProveInclusionMillion(b *testing.B) {
	d, l := big()
	r := rand.New(rand.NewSource(1))
	b.ResetTimer()
	b.ReportAllocs()
	d.reads = 0
	for range b.N {
		if _, err := l.ProveInclusion(uint64(r.Intn(million))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.reads)/float64(b.N), "reads/op")
}

func BenchmarkProveConsistencyMillion(b *testing.B) {
	_, l := big()
	old := l.State()
	next, _ := l.Append([]byte{1}, 1, nil)
	b.ResetTimer()
	for range b.N {
		if _, err := next.ProveConsistency(old); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMemory holds a log of many saved leaves to a few kilobytes.
func TestMemory(t *testing.T) {
	d, l := hashed(1<<16 - 1)
	s, root := State{l.size, l.next, l.kept}, l.Root()
	const logs = 64
	open := make([]*Log, logs)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range open {
		opened, err := Open(d, s, root)
		if err != nil {
			t.Fatal(err)
		}
		open[i] = opened
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / logs; each > 32<<10 {
		t.Errorf("a log of %d leaves takes %d bytes", s.Size, each)
	} else {
		t.Logf("%d bytes for %d leaves", each, s.Size)
	}
	runtime.KeepAlive(open)
}
