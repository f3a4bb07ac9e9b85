package pages

// Operator state is a set of entries with strictly ascending keys in a packed tree (State).
const (
	// StatePageLen is the number of entries of the fullest state page.
	StatePageLen = 256
	// StateKeyMax and StateValueMax bound an entry, in bytes. A value may be empty.
	StateKeyMax   = 64 << 10
	StateValueMax = 1 << 20

	domainStatePage = 0x03
	domainState     = 0x04
)

// stateField is field for operator state, where a field may be empty.
func stateField(b []byte, limit uint64) (f, rest []byte, err error) {
	if len(b) > 0 && b[0] == 0 {
		return b[1:1:1], b[1:], nil
	}
	return field(b, limit)
}
