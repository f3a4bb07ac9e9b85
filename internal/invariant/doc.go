// Package invariant holds the assertions that stay on in production.
//
// A broken invariant is the third kind of error in Weir (beside a rejection and an operating
// error): the state of this process can no longer be trusted, so it panics with a Violation,
// no guard swallows it, and the node exits. It must never be used for input that somebody
// else controls: that is a rejection.
//
// Check is cheap and always on. Expensive is true only under the build tag "invariants",
// which CI also runs; wrap whole-structure checks in it.
package invariant
