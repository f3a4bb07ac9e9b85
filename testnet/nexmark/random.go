package nexmark

// random is a stream of numbers that starts anew for every event: splitmix64 (Steele, Lea, Flood:
// Fast Splittable Pseudorandom Number Generators, 2014).
type random uint64

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below draws from 0 to n-1.
func (r *random) below(n int64) int64 { return int64(r.next() % uint64(n)) }

// hot is true with probability 1 - 1/ratio.
func (r *random) hot(ratio int64) bool { return r.below(ratio) > 0 }

// letters appends n letters.
func (r *random) letters(dst []byte, n int) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyz_abcde"
	for n > 0 {
		bits := r.next()
		for range min(n, 12) {
			dst = append(dst, alphabet[bits&31])
			bits >>= 5
		}
		n -= 12
	}
	return dst
}

// around draws a length from 4/5 to 6/5 of n.
func (r *random) around(n int) int {
	if n <= 0 {
		return 0
	}
	return n*4/5 + int(r.below(int64(n*2/5)+1))
}

// stepsPerDecade of the table of prices.
const stepsPerDecade = 64

// prices is 100 * 10^(i/64) for six decades: 1.00 to 1,000,000.00 in cents.
var prices = priceTable()

func priceTable() (t [6 * stepsPerDecade]int64) {
	const ratio = 1.0366329284376979972906255 // 10^(1/64)
	p := 100.0
	for i := range t {
		t[i] = int64(p + 0.5)
		p = float64(p * ratio)
	}
	return t
}

// price draws a price in cents, log-uniform.
func (r *random) price() int64 {
	i := r.below(int64(len(prices)))
	step := prices[i] * 3 / 100
	return prices[i] + r.below(step+1)
}
