package bad

import "math"

type celsius float64

type number interface{ ~int | ~float64 }

func floats(x, y, z float64, f float32, d celsius, c complex128) float64 {
	_ = x*y + z           // want `float arithmetic` `float arithmetic`
	_ = float64(x*y) + z  // want `float arithmetic`
	_ = f / 2             // want `float arithmetic`
	_ = d - 1             // want `float arithmetic`
	_ = c * c             // want `float arithmetic`
	x += y                // want `compound float assignment`
	x -= y                // want `compound float assignment`
	x *= y                // want `compound float assignment`
	x /= y                // want `compound float assignment`
	x++                   // want `compound float assignment`
	x--                   // want `compound float assignment`
	_ = int(x + y)        // want `float arithmetic`
	return math.Pow(x, y) // want `math.Pow in replicated code`
}

func sum[T number](a, b T) T { return a + b } // want `float arithmetic`
