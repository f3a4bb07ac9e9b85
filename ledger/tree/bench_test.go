package tree

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"testing"

	"weir/ledger/proof"
)

// benchTree returns a tree of n entries with 17-byte keys and 80-byte values.
func benchTree(tb testing.TB, n int) *Tree {
	batch := make([]Change, n)
	for i := range batch {
		batch[i] = benchChange(i*2, 0)
	}
	t := mustApply(tb, New(), batch)
	t.Root()
	return t
}

func benchChange(i, round int) Change {
	key := make([]byte, 17)
	key[0] = 0x10
	binary.BigEndian.PutUint64(key[1:], uint64(i)*0x9E3779B1)
	value := make([]byte, 80)
	binary.BigEndian.PutUint64(value, uint64(i+round))
	return Change{key, value}
}

// BenchmarkApply applies sorted batches of 10,000 changes, half of them new keys, to trees of a
// million and of ten million entries, and hashes.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			t := benchTree(b, n)
			b.ResetTimer()
			b.ReportAllocs()
			for round := range b.N {
				b.StopTimer()
				batch := benchBatch(n, round)
				b.StartTimer()
				t = mustApply(b, t, batch)
				t.Root()
			}
			b.ReportMetric(float64(b.N)*benchSize/b.Elapsed().Seconds(), "changes/s")
		})
	}
}

const benchSize = 10_000

// benchBatch draws a batch: one key at random out of each of as many equal parts of the space.
func benchBatch(n, round int) []Change {
	r := rand.New(rand.NewSource(int64(round)))
	batch, part := make([]Change, benchSize), 2*n/benchSize
	for i := range batch {
		batch[i] = benchChange(i*part+r.Intn(part), round+1)
	}
	return batch
}

func BenchmarkProbeSorted(b *testing.B) {
	t := benchTree(b, 1_000_000)
	keys := make([][]byte, 10_000)
	for i := range keys {
		keys[i] = benchChange(i*200, 0).Key
	}
	b.ResetTimer()
	b.ReportAllocs()
	for range b.N {
		t.ProbeSorted(keys, func(int, []byte) {})
	}
	b.ReportMetric(float64(b.N)*float64(len(keys))/b.Elapsed().Seconds(), "keys/s")
}

func BenchmarkProveKey(b *testing.B) {
	t := benchTree(b, 1_000_000)
	b.ReportAllocs()
	size := 0
	for i := range b.N {
		p, err := t.ProveKey(benchChange(i%1_000_000*2, 0).Key)
		if err != nil {
			b.Fatal(err)
		}
		raw, _ := p.AppendBinary(nil)
		size = len(raw)
	}
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkProveRange1000(b *testing.B) {
	t := benchTree(b, 1_000_000)
	lo, hi := benchChange(500_000, 0).Key, benchChange(502_000, 0).Key
	b.ReportAllocs()
	size := 0
	for range b.N {
		raw, err := t.ProveRange(lo, hi)
		if err != nil {
			b.Fatal(err)
		}
		size = len(raw)
	}
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkVerifyRange1000(b *testing.B) {
	t := benchTree(b, 1_000_000)
	lo, hi := benchChange(500_000, 0).Key, benchChange(502_000, 0).Key
	raw, err := t.ProveRange(lo, hi)
	if err != nil {
		b.Fatal(err)
	}
	root := t.Root()
	b.ResetTimer()
	b.ReportAllocs()
	for range b.N {
		p, err := proof.DecodeRange(raw)
		if err != nil {
			b.Fatal(err)
		}
		if rows, err := p.Verify(root, lo, hi); err != nil || len(rows) != 1000 {
			b.Fatal(len(rows), err)
		}
	}
}
