// Package good has the accepted forms.
package good

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

const third = 1.0 / 3 // exact until it is rounded once

func accepted(m map[string]int, a, b float64, at time.Time) (n int) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		n += m[k]
	}
	_ = slices.SortedFunc(maps.Keys[map[string]int](m), cmp.Compare)
	maps.Insert(m, maps.All(m))
	_ = maps.Clone(m)
	//weir:unordered a sum of integers does not depend on order
	for _, v := range m {
		n += v
	}
	if a < b && -a > b {
		n++
	}
	a = float64(float64(a*b) + third)
	a = float64((a - b))
	a = math.Sqrt(math.Floor(a))
	slices.SortStableFunc([]int{n}, cmp.Compare)
	_ = fmt.Sprintf("100%%packed %d %v", n, at.Add(time.Second))
	return n
}

func sum[T ~int | ~string](a, b T) T { return a + b }
