package proof

import "crypto/sha256"

// Kinds of key proof, the first byte of the encoding.
const (
	keyAbsent  = 0x00
	keyPresent = 0x01
)

// Step is one inner node on the way from a leaf up to the root.
type Step struct {
	Sibling Hash
	// Right says that the sibling is the right child, and the way comes from the left one.
	Right bool
}

// Key proves that one key has a value, or that it is absent. The key itself is not part of
// the proof: the verifier brings it.
type Key struct {
	// Value is the proven value, nil for an absent key.
	Value []byte
	// Path leads from the leaf to the root; for a present key only.
	Path []Step
	// Gap is the range proof, without rows, that shows the absence; nil for a present key.
	Gap *Range
}

// DecodeKey reads a key proof. It keeps b and returns slices of it.
func DecodeKey(b []byte) (k *Key, err error) {
	err = guard(func() error {
		r := &reader{b}
		kind, err := r.byte()
		if err != nil {
			return err
		}
		switch kind {
		case keyAbsent:
			k, err = decodeAbsent(r)
		case keyPresent:
			k, err = decodePresent(r)
		default:
			err = invalid("kind %d of key proof", kind)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return k, nil
}

func decodeAbsent(r *reader) (*Key, error) {
	gap, err := DecodeRange(r.b)
	if err != nil {
		return nil, err
	}
	if len(gap.rows) != 0 {
		return nil, invalid("an absence with rows")
	}
	return &Key{Gap: gap}, nil
}

func decodePresent(r *reader) (*Key, error) {
	value, err := r.field()
	if err != nil {
		return nil, err
	}
	depth, err := r.byte()
	if err != nil {
		return nil, err
	}
	if depth > MaxDepth {
		return nil, invalid("deeper than %d", MaxDepth)
	}
	sides, err := r.take((uint64(depth) + 7) / 8)
	if err != nil {
		return nil, err
	}
	if n := depth % 8; n != 0 && sides[len(sides)-1]>>n != 0 {
		return nil, invalid("unused bits are set")
	}
	k := &Key{Value: value, Path: make([]Step, depth)}
	for i := range k.Path {
		k.Path[i].Right = sides[i/8]>>(i%8)&1 == 1
		if err := r.hash(&k.Path[i].Sibling); err != nil {
			return nil, err
		}
	}
	return k, r.end()
}

// AppendBinary appends the encoding.
func (k *Key) AppendBinary(b []byte) ([]byte, error) {
	if k.Gap != nil {
		return k.Gap.AppendBinary(append(b, keyAbsent))
	}
	if len(k.Path) > MaxDepth || len(k.Value) == 0 {
		return nil, invalid("not a key proof")
	}
	b = appendField(append(b, keyPresent), k.Value)
	b = append(b, byte(len(k.Path)))
	var sides [MaxDepth / 8]byte
	for i, s := range k.Path {
		if s.Right {
			sides[i/8] |= 1 << (i % 8)
		}
	}
	b = append(b, sides[:(len(k.Path)+7)/8]...)
	for i := range k.Path {
		b = append(b, k.Path[i].Sibling[:]...)
	}
	return b, nil
}

// Verify returns the proven value of key in the tree with this root, nil when key is proven
// absent. The key must be a user key: above the sentinel 00 and below FF.
func (k *Key) Verify(root Hash, key []byte) (value []byte, err error) {
	err = guard(func() error {
		if k.Gap != nil {
			after := append(append(make([]byte, 0, len(key)+1), key...), 0)
			rows, err := k.Gap.Verify(root, key, after)
			if err == nil && len(rows) != 0 {
				err = invalid("the key is present")
			}
			return err
		}
		if _, _, err := userBounds(key, nil); err != nil || len(k.Value) == 0 {
			return invalid("not a user key with a value")
		}
		if len(k.Path) > MaxDepth {
			return invalid("deeper than %d", MaxDepth)
		}
		vh := Hash(sha256.Sum256(k.Value))
		if climb(leafHash(key, &vh), k.Path) != root {
			return invalid("wrong root")
		}
		value = k.Value
		return nil
	})
	return value, err
}

func climb(h Hash, path []Step) Hash {
	for i := range path {
		if path[i].Right {
			h = InnerHash(&h, &path[i].Sibling)
		} else {
			h = InnerHash(&path[i].Sibling, &h)
		}
	}
	return h
}
