package operator

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedIsStableByteOrder sorts keys of all lengths, with shared prefixes, zeros and
// repetitions, few and many, as a stable sort by bytes does.
func TestSortedIsStableByteOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n := rapid.SampledFrom([]int{0, 1, 15, 16, 17, 255, 256, 700, 3000}).Draw(t, "n")
		letters := rapid.SampledFrom([]int{1, 2, 256}).Draw(t, "letters")
		most := rapid.SampledFrom([]int{1, 8, 9, 30}).Draw(t, "length")
		fixed := rapid.Bool().Draw(t, "fixed")
		prefix := bytes.Repeat([]byte{7}, rapid.IntRange(0, 12).Draw(t, "prefix"))
		e := newEntries(n, 8)
		want := make([]int32, n)
		for i := range n {
			e.arena = append(e.arena, prefix...)
			length := most
			if !fixed {
				length = r.IntN(most + 1)
			}
			for range length {
				e.arena = append(e.arena, byte(r.IntN(letters)))
			}
			e.close(i, 1)
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int { return bytes.Compare(e.key(a), e.key(b)) })
		if got := e.sorted(); !slices.Equal(got, want) {
			t.Fatalf("%v\n%v", got, want)
		}
	})
}
