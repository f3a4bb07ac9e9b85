package invariant

// Fault is a panic with an operating error: this node's disk failed, or its bytes are damaged,
// under a computation that has no way to return an error. Guards let it pass like a Violation,
// since it says nothing about the input; whoever serves a reader recovers it as an error, and
// the process that executes blocks exits.
type Fault struct{ Err error }

func (f Fault) Error() string { return f.Err.Error() }

// Unwrap gives the operating error.
func (f Fault) Unwrap() error { return f.Err }

// Raise panics with a Fault.
func Raise(err error) { panic(Fault{err}) }

// Passes tells whether a guard has to let a recovered panic pass.
func Passes(p any) bool {
	switch p.(type) {
	case Violation, Fault:
		return true
	}
	return false
}
