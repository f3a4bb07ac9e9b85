package proof

import "bytes"

// Entry is a proven row.
type Entry struct{ Key, Value []byte }

// Range proves that its rows are all the entries of a tree between two neighbouring entries.
// It is a pruned tree whose in-order sequence is
//
//	opaque*, L, rows, R, opaque*
//
// with no opaque node between L and R and strictly ascending keys, so that nothing between the
// two boundary keys can be left out. A decoded Range has passed those rules; Verify ties it to
// a root and to bounds.
type Range struct {
	raw         []byte
	root        Hash
	left, right []byte
	rows        []Entry
}

// DecodeRange reads a range proof. It keeps b and returns slices of it.
func DecodeRange(b []byte) (*Range, error) {
	v := &rangeVisitor{}
	root, err := readPruned(b, v)
	if err != nil {
		return nil, err
	}
	if v.state != afterRight {
		return nil, invalid("a boundary of the range is missing")
	}
	return &Range{raw: b, root: root, left: v.left, right: v.last, rows: v.rows}, nil
}

// AppendBinary appends the encoding.
func (r *Range) AppendBinary(b []byte) ([]byte, error) { return append(b, r.raw...), nil }

// Bounds returns the keys of the two neighbours: the range is open between them.
func (r *Range) Bounds() (left, right []byte) { return r.left, r.right }

// Verify proves that the returned rows are exactly the entries with lo <= key < hi of the tree
// with this root. A nil lo is the lowest possible user key, a nil hi lies above all of them.
func (r *Range) Verify(root Hash, lo, hi []byte) ([]Entry, error) {
	lo, hi, err := userBounds(lo, hi)
	if err != nil {
		return nil, err
	}
	switch {
	case r.root != root:
		return nil, invalid("wrong root")
	case bytes.Compare(r.left, lo) >= 0:
		return nil, invalid("the left neighbour is not below the range")
	case bytes.Compare(r.right, hi) < 0:
		return nil, invalid("the right neighbour is not above the range")
	}
	if n := len(r.rows); n > 0 {
		if bytes.Compare(r.rows[0].Key, lo) < 0 || bytes.Compare(r.rows[n-1].Key, hi) >= 0 {
			return nil, invalid("a row lies outside the range")
		}
	}
	return r.rows, nil
}

// userBounds fills in missing bounds and refuses those that reach a sentinel.
func userBounds(lo, hi []byte) ([]byte, []byte, error) {
	if lo == nil {
		lo = []byte{SentinelLow + 1}
	}
	if hi == nil {
		hi = []byte{SentinelHigh}
	}
	if bytes.Compare(lo, []byte{SentinelLow}) <= 0 || bytes.Compare(hi, []byte{SentinelHigh}) > 0 ||
		bytes.Compare(lo, hi) > 0 {
		return nil, nil, invalid("bounds")
	}
	return lo, hi, nil
}

// States of the in-order grammar.
const (
	beforeLeft = iota
	inside
	afterRight
)

type rangeVisitor struct {
	state      int
	left, last []byte
	rows       []Entry
}

func (v *rangeVisitor) opaque() error {
	if v.state == inside {
		return invalid("rows hidden inside the range")
	}
	return nil
}

func (v *rangeVisitor) leaf(tag byte, r *reader) (Hash, error) {
	if tag != tagRow && tag != tagBoundary {
		return Hash{}, invalid("node tag %d", tag)
	}
	key, err := r.field()
	if err != nil {
		return Hash{}, err
	}
	if v.state != beforeLeft && bytes.Compare(key, v.last) <= 0 {
		return Hash{}, invalid("keys do not ascend")
	}
	v.last = key
	if tag == tagRow {
		return v.row(key, r)
	}
	switch v.state {
	case beforeLeft:
		v.state, v.left = inside, key
	case inside:
		v.state = afterRight
	default:
		return Hash{}, invalid("a third boundary")
	}
	var vh Hash
	if err := r.hash(&vh); err != nil {
		return Hash{}, err
	}
	return leafHash(key, &vh), nil
}

func (v *rangeVisitor) row(key []byte, r *reader) (Hash, error) {
	if v.state != inside {
		return Hash{}, invalid("a row outside the boundaries")
	}
	value, err := r.field()
	if err != nil {
		return Hash{}, err
	}
	v.rows = append(v.rows, Entry{key, value})
	return LeafHash(key, value), nil
}
