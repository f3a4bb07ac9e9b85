package proof

import (
	"errors"
	"fmt"
)

// ErrInvalid is in the chain of every error of this package: the proof, or the question put to
// it, is wrong, and nothing is proven.
var ErrInvalid = errors.New("proof: invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// guard runs a verification; a panic in it is an invalid proof.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = invalid("the verifier panicked")
		}
	}()
	return f()
}
