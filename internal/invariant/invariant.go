package invariant

import "fmt"

// Violation is the value that Check panics with. Guards re-panic it instead of turning it into
// a rejection.
type Violation struct{ Reason string }

func (v Violation) Error() string { return "invariant violated: " + v.Reason }

// Check panics with a Violation unless ok.
func Check(ok bool, format string, args ...any) {
	if !ok {
		panic(Violation{fmt.Sprintf(format, args...)})
	}
}

// Fail panics with a Violation; it marks a place that cannot be reached.
func Fail(format string, args ...any) { Check(false, format, args...) }
