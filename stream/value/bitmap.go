package value

import "math/bits"

// Get reports bit i.
func (b Bitmap) Get(i int) bool {
	w := i >> 6
	return w < len(b) && b[w]>>(uint(i)&63)&1 != 0
}

// Set sets bit i, growing the bitmap.
func (b *Bitmap) Set(i int) {
	w := i >> 6
	for len(*b) <= w {
		*b = append(*b, 0)
	}
	(*b)[w] |= 1 << (uint(i) & 63)
}

// Any reports whether a bit is set.
func (b Bitmap) Any() bool {
	for _, w := range b {
		if w != 0 {
			return true
		}
	}
	return false
}

// Count returns the number of set bits.
func (b Bitmap) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Or returns the union in new storage, or nil when neither has a bit set.
func (b Bitmap) Or(c Bitmap) Bitmap {
	if len(b) < len(c) {
		b, c = c, b
	}
	if !b.Any() && !c.Any() {
		return nil
	}
	z := append(Bitmap(nil), b...)
	for i, w := range c {
		z[i] |= w
	}
	return z
}

// slice returns bits lo..hi-1 moved to 0, nil if none is set.
func (b Bitmap) slice(lo, hi int) Bitmap {
	var z Bitmap
	for i := lo; i < hi && i>>6 < len(b); i++ {
		if b.Get(i) {
			z.Set(i - lo)
		}
	}
	return z
}
