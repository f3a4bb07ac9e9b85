package proof

import "crypto/sha256"

// Node tags of a pruned tree, written in pre-order.
const (
	tagOpaque   = 0x00 // hash of a subtree that the proof leaves out
	tagInner    = 0x01 // left node, right node
	tagRow      = 0x02 // key and value
	tagBoundary = 0x03 // key and SHA-256(value): a neighbour of the range
	tagUnit     = 0x04 // unit name and root
)

// visitor judges the in-order sequence of a pruned tree.
type visitor interface {
	// opaque is told that a subtree is left out here.
	opaque() error
	// leaf reads a leaf of the given tag and returns its hash.
	leaf(tag byte, r *reader) (Hash, error)
}

// readPruned reads one pruned tree, which must fill b, and returns the root that it implies.
func readPruned(b []byte, v visitor) (root Hash, err error) {
	err = guard(func() error {
		r := &reader{b}
		var err error
		if root, _, err = readNode(r, v, 0); err != nil {
			return err
		}
		return r.end()
	})
	return root, err
}

// readNode reads a node and all below it. An inner node with two opaque children is refused:
// it has to be opaque itself, so that one pruned tree has one encoding.
func readNode(r *reader, v visitor, depth int) (h Hash, opaque bool, err error) {
	if depth > MaxDepth {
		return h, false, invalid("deeper than %d", MaxDepth)
	}
	tag, err := r.byte()
	if err != nil {
		return h, false, err
	}
	switch tag {
	case tagOpaque:
		if err = r.hash(&h); err != nil {
			return h, false, err
		}
		return h, true, v.opaque()
	case tagInner:
		left, leftOpaque, err := readNode(r, v, depth+1)
		if err != nil {
			return h, false, err
		}
		right, rightOpaque, err := readNode(r, v, depth+1)
		if err != nil {
			return h, false, err
		}
		if leftOpaque && rightOpaque {
			return h, false, invalid("inner node without a leaf below it")
		}
		return InnerHash(&left, &right), false, nil
	}
	h, err = v.leaf(tag, r)
	return h, false, err
}

// Builder writes a pruned tree in pre-order: an Inner is followed by its left and then its
// right node. It does not check the grammar; decoding the result does.
type Builder struct{ b []byte }

// Bytes returns what was written.
func (w *Builder) Bytes() []byte { return w.b }

// Len returns the number of bytes written.
func (w *Builder) Len() int { return len(w.b) }

// Opaque writes a subtree that is left out.
func (w *Builder) Opaque(h *Hash) { w.b = append(append(w.b, tagOpaque), h[:]...) }

// Inner opens an inner node.
func (w *Builder) Inner() { w.b = append(w.b, tagInner) }

// Row writes an entry of the range.
func (w *Builder) Row(key, value []byte) {
	w.b = appendField(appendField(append(w.b, tagRow), key), value)
}

// Boundary writes a neighbour of the range: its key, and only the hash of its value.
func (w *Builder) Boundary(key, value []byte) {
	vh := sha256.Sum256(value)
	w.b = append(appendField(append(w.b, tagBoundary), key), vh[:]...)
}

// Unit writes a leaf of the top tree.
func (w *Builder) Unit(u Unit, root *Hash) {
	w.b = append(append(append(w.b, tagUnit), u[:]...), root[:]...)
}
