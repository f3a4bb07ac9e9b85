package ledger

import "errors"

// Usage is what a ledger takes of its store, in bytes.
type Usage struct {
	Pages    uint64 // of trees and of operator state
	Logs     uint64 // leaves and hashes
	Payloads uint64
	Changes  uint64 // of blocks in the window
}

// UsageOf measures a store by what it says of a range of keys.
func UsageOf(size func(lo, hi []byte) (uint64, error)) (Usage, error) {
	var errs []error
	class := func(c byte) uint64 {
		n, err := size([]byte{c}, []byte{c + 1})
		errs = append(errs, err)
		return n
	}
	u := Usage{
		Pages: class(classPage), Logs: class(classLeaf) + class(classHashes),
		Payloads: class(classPayload), Changes: class(classChanges),
	}
	return u, errors.Join(errs...)
}
