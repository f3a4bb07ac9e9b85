package proof_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"weir/ledger/proof"
	"weir/ledger/tree"
)

// rowsTree returns a hashed tree with n rows k000, k002, ...
func rowsTree(tb testing.TB, n int) *tree.Tree {
	var batch []tree.Change
	for i := range n {
		batch = append(batch, tree.Change{Key: rowKey(2 * i), Value: fmt.Appendf(nil, "v%d", i)})
	}
	t, err := tree.New().Apply(batch)
	if err != nil {
		tb.Fatal(err)
	}
	t.Root()
	return t
}

func rowKey(i int) []byte { return fmt.Appendf(nil, "\x10k%04d", i) }

// leafNode is a leaf of a hand-made tree; a boundary shows only the hash of its value.
type leafNode struct {
	key, value string
	boundary   bool
	opaque     bool
}

func (l leafNode) hash() proof.Hash { return proof.LeafHash([]byte(l.key), []byte(l.value)) }

// build writes leaves as one pruned tree, in the shape of RFC 6962 whatever their order, and
// returns the root that it implies.
func build(w *proof.Builder, leaves []leafNode) proof.Hash {
	if len(leaves) == 1 {
		l := leaves[0]
		h := l.hash()
		switch {
		case l.opaque:
			w.Opaque(&h)
		case l.boundary:
			w.Boundary([]byte(l.key), []byte(l.value))
		default:
			w.Row([]byte(l.key), []byte(l.value))
		}
		return h
	}
	k := int(proof.LogSplit(uint64(len(leaves))))
	w.Inner()
	left := build(w, leaves[:k])
	right := build(w, leaves[k:])
	return proof.InnerHash(&left, &right)
}

// accepts decodes and verifies against the very root that the forged tree has, so that only
// the rules about its content can refuse it.
func accepts(leaves []leafNode, lo, hi string) error {
	var w proof.Builder
	root := build(&w, leaves)
	r, err := proof.DecodeRange(w.Bytes())
	if err != nil {
		return err
	}
	_, err = r.Verify(root, []byte(lo), []byte(hi))
	return err
}

// TestGrammar puts every forbidden sequence before the verifier: hidden rows, rows in the
// wrong order, repeated, outside the bounds, missing or too many boundaries.
func TestGrammar(t *testing.T) {
	row := func(k string) leafNode { return leafNode{key: k, value: "v"} }
	edge := func(k string) leafNode { return leafNode{key: k, value: "v", boundary: true} }
	hidden := func(k string) leafNode { return leafNode{key: k, value: "v", opaque: true} }
	for _, c := range []struct {
		name   string
		leaves []leafNode
		ok     bool
	}{
		{"honest", []leafNode{hidden("a"), edge("b"), row("d"), row("e"), edge("h"), hidden("i")}, true},
		{"honest, empty", []leafNode{hidden("a"), edge("b"), edge("h")}, true},
		{"hidden row", []leafNode{edge("b"), row("d"), hidden("e"), edge("h")}, false},
		{"hidden between the boundaries", []leafNode{edge("b"), hidden("e"), edge("h")}, false},
		{"hidden subtree", []leafNode{edge("b"), row("d"), hidden("e"), hidden("f"), edge("h")}, false},
		{"swapped", []leafNode{edge("b"), row("e"), row("d"), edge("h")}, false},
		{"repeated", []leafNode{edge("b"), row("d"), row("d"), edge("h")}, false},
		{"boundaries swapped", []leafNode{edge("h"), row("d"), edge("b")}, false},
		{"no left boundary", []leafNode{row("d"), edge("h")}, false},
		{"no right boundary", []leafNode{edge("b"), row("d")}, false},
		{"no boundary", []leafNode{row("d")}, false},
		{"third boundary", []leafNode{edge("b"), row("d"), edge("h"), edge("i")}, false},
		{"row behind the end", []leafNode{edge("b"), row("d"), edge("h"), row("i")}, false},
		{"row before the beginning", []leafNode{row("a"), edge("b"), edge("h")}, false},
		{"left boundary in the range", []leafNode{edge("c"), row("d"), edge("h")}, false},
		{"right boundary in the range", []leafNode{edge("b"), row("d"), edge("f")}, false},
		{"row below the range", []leafNode{edge("a"), row("b"), row("d"), edge("h")}, false},
		{"row above the range", []leafNode{edge("b"), row("d"), row("g"), edge("h")}, false},
		{"empty value", []leafNode{edge("b"), {key: "d"}, edge("h")}, false},
		{"empty key", []leafNode{{boundary: true, value: "v"}, row("d"), edge("h")}, false},
	} {
		if err := accepts(c.leaves, "c", "g"); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestNotMinimal refuses an inner node above nothing but opaque ones: a second encoding.
func TestNotMinimal(t *testing.T) {
	a, b := proof.Hash{1}, proof.Hash{2}
	var w proof.Builder
	w.Inner()
	w.Inner()
	w.Opaque(&a)
	w.Opaque(&b)
	w.Inner()
	w.Boundary([]byte("a"), []byte("v"))
	w.Boundary([]byte("b"), []byte("v"))
	if _, err := proof.DecodeRange(w.Bytes()); err == nil {
		t.Fatal("a proof with an expanded opaque subtree is accepted")
	}
}

// TestDepth accepts paths of MaxDepth inner nodes and refuses one more, in both forms.
func TestDepth(t *testing.T) {
	for _, c := range []struct {
		depth int
		ok    bool
	}{{proof.MaxDepth, true}, {proof.MaxDepth + 1, false}} {
		var w proof.Builder
		var h proof.Hash
		for range c.depth - 1 {
			w.Inner()
			w.Opaque(&h)
		}
		w.Inner()
		w.Boundary([]byte("a"), []byte("v"))
		w.Boundary([]byte("b"), []byte("v"))
		if _, err := proof.DecodeRange(w.Bytes()); (err == nil) != c.ok {
			t.Errorf("range of depth %d: %v", c.depth, err)
		}
		k := &proof.Key{Value: []byte("v"), Path: make([]proof.Step, c.depth)}
		raw, err := k.AppendBinary(nil)
		if (err == nil) != c.ok {
			t.Errorf("key proof of depth %d: %v", c.depth, err)
		}
		if c.ok {
			if _, err := proof.DecodeKey(raw); err != nil {
				t.Errorf("key proof of depth %d: %v", c.depth, err)
			}
		}
	}
}

// TestBounds refuses questions that reach a sentinel or are empty by order.
func TestBounds(t *testing.T) {
	tr := rowsTree(t, 3)
	raw, err := tr.ProveRange(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := proof.DecodeRange(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lo, hi []byte
		ok     bool
	}{
		{nil, nil, true},
		{[]byte{1}, []byte{0xFF}, true},
		{[]byte{0}, nil, false},
		{[]byte{}, nil, false},
		{nil, []byte{0xFF, 0}, false},
		{[]byte("\x10b"), []byte("\x10a"), false},
	} {
		if _, err := r.Verify(tr.Root(), c.lo, c.hi); (err == nil) != c.ok {
			t.Errorf("bounds %x..%x: %v", c.lo, c.hi, err)
		}
	}
}

// TestKeyHoldingAnotherLeaf writes the preimages of other nodes into keys and values, and
// checks that they are never read as nodes.
func TestKeyHoldingAnotherLeaf(t *testing.T) {
	inner := append([]byte{proof.DomainInner}, make([]byte, 64)...)
	kh, vh := sha256.Sum256([]byte("\x10absent")), sha256.Sum256([]byte("forged"))
	leaf := append(append([]byte{0, 0x20}, kh[:]...), append([]byte{0x20}, vh[:]...)...)
	forged := proof.LeafHash([]byte("\x10absent"), []byte("forged"))
	if len(leaf) != 67 || sha256.Sum256(leaf) != forged {
		t.Fatal("the leaf preimage is not what the specification says")
	}
	for _, poison := range [][]byte{inner, leaf} {
		tr, err := tree.New().Apply([]tree.Change{
			{Key: append([]byte{0x10}, poison...), Value: poison},
		})
		if err != nil {
			t.Fatal(err)
		}
		root := tr.Root()
		p, err := tr.ProveKey(append([]byte{0x10}, poison...))
		if err != nil {
			t.Fatal(err)
		}
		for cut := range p.Path { // a shorter path, as if the leaf were another node
			forged := &proof.Key{Value: []byte("forged"), Path: p.Path[cut:]}
			if v, err := forged.Verify(root, []byte("\x10absent")); err == nil {
				t.Fatalf("an absent key has the value %q", v)
			}
		}
	}
}

// TestAbsenceOfPresentKey tries to show a present key absent by the gap beside it.
func TestAbsenceOfPresentKey(t *testing.T) {
	tr := rowsTree(t, 100)
	for i := range 99 {
		gap, err := tr.ProveKey(rowKey(2*i + 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range [][]byte{rowKey(2 * i), rowKey(2*i + 2)} {
			if _, err := gap.Verify(tr.Root(), key); err == nil {
				t.Fatalf("%q is present and proven absent", key)
			}
		}
	}
	full, err := tr.ProveRange(rowKey(10), rowKey(11))
	if err != nil {
		t.Fatal(err)
	}
	r, err := proof.DecodeRange(full)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&proof.Key{Gap: r}).Verify(tr.Root(), rowKey(10)); err == nil {
		t.Fatal("a range with a row passes for an absence")
	}
}

// TestValuePosingAsUnitRoot lets a user store a 32-byte value under a 13-byte key, which looks
// like an entry of the top tree, and tries to chain through it.
func TestValuePosingAsUnitRoot(t *testing.T) {
	victim := proof.NewUnit(0x10, 7, 0) // its bytes start with a user key's tag
	fake := rowsTree(t, 5)
	fakeRoot := fake.Root()
	users, err := tree.New().Apply([]tree.Change{{Key: victim[:], Value: fakeRoot[:]}})
	if err != nil {
		t.Fatal(err)
	}
	usersRoot, realRoot := users.Root(), rowsTree(t, 1).Root()
	top, err := tree.NewTop().Apply([]tree.TopChange{
		{Unit: proof.NewUnit(1, 1, 0), Root: &usersRoot},
		{Unit: victim, Root: &realRoot},
	})
	if err != nil {
		t.Fatal(err)
	}
	var w proof.Builder // the user's tree in the form of a proof of units
	_, path, _ := users.Path(victim[:])
	if len(path) != 2 {
		t.Fatalf("path of %d", len(path))
	}
	w.Inner()
	w.Inner()
	w.Opaque(&path[0].Sibling)
	w.Unit(victim, &fakeRoot)
	w.Opaque(&path[1].Sibling)
	forged, err := proof.DecodeUnits(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forged.Root(usersRoot, victim); err != nil {
		t.Fatal("the forgery is not even a proof under the user's tree:", err)
	}
	if root, err := forged.TreeRoot(top.Root(), victim); err == nil {
		t.Fatalf("a user's value %x passes for the root of a unit", root)
	}
}

// TestKinds refuses the root of one kind of unit where another is asked for.
func TestKinds(t *testing.T) {
	h := proof.Hash{1}
	var changes []tree.TopChange
	for _, kind := range []byte{0x01, 0x3F, 0x40, 0x4F, 0x50, 0x60} {
		changes = append(changes, tree.TopChange{Unit: proof.NewUnit(kind, 1, 0), Root: &h})
	}
	top, err := tree.NewTop().Apply(changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		raw, err := top.ProveUnits(c.Unit)
		if err != nil {
			t.Fatal(err)
		}
		p, err := proof.DecodeUnits(raw)
		if err != nil {
			t.Fatal(err)
		}
		_, treeErr := p.TreeRoot(top.Root(), c.Unit)
		_, logErr := p.LogRoot(top.Root(), c.Unit)
		if (treeErr == nil) != c.Unit.IsTree() || (logErr == nil) != c.Unit.IsLog() {
			t.Errorf("kind %x: as a tree %v, as a log %v", c.Unit.Kind(), treeErr, logErr)
		}
		if _, err := p.Root(top.Root(), proof.NewUnit(2, 2, 2)); err == nil {
			t.Error("a unit that the proof does not name has a root")
		}
	}
	low, high := proof.NewUnit(1, proof.UnitIDMax, 0), proof.NewUnit(1, proof.UnitIDMax+1, 0)
	if !low.IsTree() || high.IsTree() {
		t.Error("the greatest id of a tree")
	}
	if a, b := low.PageIDUnit(), proof.NewUnit(2, proof.UnitIDMax, 0).PageIDUnit(); a == b {
		t.Error("two trees share a page id unit")
	}
}

// TestUnitOrder refuses units that repeat, descend or pose as sentinels.
func TestUnitOrder(t *testing.T) {
	for _, c := range []struct {
		a, b byte
		ok   bool
	}{{1, 2, true}, {2, 2, false}, {3, 2, false}, {0, 2, false}, {2, 0xFF, false}} {
		var w proof.Builder
		w.Inner()
		w.Unit(proof.NewUnit(c.a, 0, 0), &proof.Hash{1})
		w.Unit(proof.NewUnit(c.b, 0, 0), &proof.Hash{2})
		if _, err := proof.DecodeUnits(w.Bytes()); (err == nil) != c.ok {
			t.Errorf("kinds %x, %x: %v", c.a, c.b, err)
		}
	}
	if _, err := proof.DecodeUnits(append([]byte{0}, make([]byte, 32)...)); err == nil {
		t.Error("a proof of no unit is accepted")
	}
	if bytes.Compare([]byte{proof.SentinelLow}, []byte{proof.SentinelHigh}) >= 0 {
		t.Error("sentinels")
	}
}
