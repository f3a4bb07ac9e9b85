package tree

import "errors"

// Shape of the pages. Protocol: a change gives other page cuts and so other app hashes.
const (
	// Fanout is the greatest number of entries of a page.
	Fanout = 32
	// MinFill is the least number of entries of a page that is not the root.
	MinFill = 8
	// cutFill is the greatest number of entries of the parts into which an over-full run is cut.
	cutFill = 24
)

// Limits of a change.
const (
	// KeyMax is the length of the longest key in bytes. It leaves room for the escapes of a
	// row's 1 KiB key.
	KeyMax = 4 << 10
	// ValueMax is the length of the longest value in bytes. A value has at least one byte:
	// ics23 cannot prove an empty one.
	ValueMax = 1 << 20
	// ProofMax is the size of the largest proof that is made, in bytes: an evidence file.
	ProofMax = 16 << 20
)

// Errors. A tree that returned one is unchanged.
var (
	// ErrBatch is a batch that is unsorted, repeats a key, or breaks a limit.
	ErrBatch = errors.New("tree: invalid batch")
	// ErrBounds is a question about a range that is empty by order or reaches a sentinel.
	ErrBounds = errors.New("tree: invalid bounds")
	// ErrProofTooLarge is a proof above ProofMax: ask for a smaller range.
	ErrProofTooLarge = errors.New("tree: proof is too large")
	// ErrPage is a stored page that breaks a rule.
	ErrPage = errors.New("tree: invalid page")
)
