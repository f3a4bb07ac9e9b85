//go:build !invariants

package invariant

// Expensive says whether whole-structure checks run.
const Expensive = false
