package operator

import (
	"math"
	"testing"
)

func TestBandArithmetic(t *testing.T) {
	const top, bottom = math.MaxInt64, math.MinInt64
	for _, c := range [][3]int64{
		{1, 2, 3},
		{5, bottom, bottom},
		{-5, top, top},
		{top - 1, 5, top},
		{bottom + 1, -5, bottom},
		{top, -1, top - 1},
		{bottom, 1, bottom + 1},
	} {
		if got := saturatingAdd(c[0], c[1]); got != c[2] {
			t.Errorf("%d + %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
	for _, c := range [][3]int64{{7, 3, 2}, {-7, 3, -3}, {-6, 3, -2}, {0, 3, 0}, {-1, 3, -1}} {
		if got := floorDiv(c[0], c[1]); got != c[2] {
			t.Errorf("%d / %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestBandBuckets: a row reaches into three buckets at most, and only bands with two ends, keys
// and marks have buckets.
func TestBandBuckets(t *testing.T) {
	b := Band{Low: -3_000_000, High: 4_000_000, Marked: true}
	if got := b.bucket(1); got != 7_000_000 {
		t.Errorf("a bucket has %d", got)
	}
	if got := (&Band{Low: 5, High: 5, Marked: true}).bucket(1); got != minBucket {
		t.Errorf("the least bucket has %d", got)
	}
	for _, none := range []Band{
		{Low: math.MinInt64, High: 4, Marked: true},
		{Low: 4, High: math.MaxInt64, Marked: true},
		{Low: -3, High: 4},
		{Low: -math.MaxInt64, High: math.MaxInt64 - 1, Marked: true},
	} {
		if got := none.bucket(1); got != 0 {
			t.Errorf("%+v has buckets of %d", none, got)
		}
	}
	if got := b.bucket(0); got != 0 {
		t.Errorf("without keys a bucket has %d", got)
	}
	for _, right := range []bool{false, true} {
		r, width := b.reach(right), b.bucket(1)
		first, last := floorDiv(r.low, width), floorDiv(width-1+r.high, width)
		if last-first > 2 {
			t.Errorf("%d buckets are read", last-first+1)
		}
		for _, own := range []int64{-2 * width, -width - 1, -width, -1, 0, width - 1, width} {
			at := floorDiv(own, width)
			low, high := floorDiv(own+r.low, width), floorDiv(own+r.high, width)
			if low < at+first || high > at+last {
				t.Errorf("time %d reaches buckets %d to %d", own, low, high)
			}
		}
	}
}
