package proof_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/tree"
)

var (
	lieSeed  = flag.Int64("lies.seed", 1, "seed of the lies that TestLies tells")
	lieCount = flag.Int("lies.count", 1000, "lies of each kind that TestLies tells")
)

// lie is one kind of false answer. tell makes one about a world, and returns what the verifier
// says to it; told is false when this world does not lend itself to it.
type lie struct {
	name string
	tell func(w *world) (told bool, err error)
}

// world is an honest tree, top tree and log with the proofs of one question each.
type world struct {
	r          *rand.Rand
	rows       []proof.Entry // of the tree, ascending
	tree       *tree.Tree
	older      *tree.Tree // before some of the rows
	root       proof.Hash
	lo, hi     []byte // the question
	from, to   int    // its rows
	ranged     *node
	top        *tree.Top
	units      *node
	log        *eventlog.Log
	leaves     [][]byte
	states     []proof.LogState
	first, run int // leaves first to first+run-1
}

func newWorld(tb testing.TB, r *rand.Rand) *world {
	w := &world{r: r}
	w.makeTree(tb)
	w.makeUnits(tb)
	w.makeLog(tb)
	return w
}

func (w *world) makeTree(tb testing.TB) {
	r := w.r
	var batch, late []tree.Change
	for i := range 3 + r.Intn(120) {
		e := proof.Entry{
			Key: fmt.Appendf(nil, "\x10%06d", 3*i), Value: fmt.Appendf(nil, "v%d", r.Intn(1000)),
		}
		w.rows = append(w.rows, e)
		if c := (tree.Change{Key: e.Key, Value: e.Value}); i > 0 && r.Intn(4) == 0 {
			late = append(late, c)
		} else {
			batch = append(batch, c)
		}
	}
	w.older = mustTree(tb, tree.New(), batch)
	w.tree = mustTree(tb, w.older, late)
	w.root = w.tree.Root()
	w.from = r.Intn(len(w.rows))
	w.to = min(w.from+r.Intn(12), len(w.rows)) // may be from: nothing
	w.lo = fmt.Appendf(nil, "\x10%06d", 3*w.from-r.Intn(2))
	w.hi = fmt.Appendf(nil, "\x10%06d", 3*w.to-r.Intn(2))
	if w.from == 0 {
		w.lo = w.rows[0].Key
	}
	if bytes.Compare(w.hi, w.lo) < 0 {
		w.hi = w.lo
	}
	raw, err := w.tree.ProveRange(w.lo, w.hi)
	if err != nil {
		tb.Fatal(err)
	}
	w.ranged = parse(raw)
}

func (w *world) makeUnits(tb testing.TB) {
	var changes []tree.TopChange
	for i := range 4 + w.r.Intn(30) {
		changes = append(changes, tree.TopChange{
			Unit: proof.NewUnit(1, uint64(2*i), 0),
			Root: &proof.Hash{1, byte(i), byte(w.r.Intn(256))},
		})
	}
	named := changes[w.r.Intn(len(changes))].Unit
	var err1, err2 error
	var raw []byte
	if w.top, err1 = tree.NewTop().Apply(changes); err1 == nil {
		raw, err2 = w.top.ProveUnits(named)
	}
	if err := errors.Join(err1, err2); err != nil {
		tb.Fatal(err)
	}
	w.units = parse(raw)
}

func (w *world) makeLog(tb testing.TB) {
	w.log = eventlog.New(nil)
	for i := range 4 + w.r.Intn(40) {
		w.leaves = append(w.leaves, fmt.Appendf(nil, "leaf %d of %d", i, w.r.Intn(1000)))
		next, err := w.log.Append(w.leaves[i], uint32(1+w.r.Intn(3)), nil)
		if err != nil {
			tb.Fatal(err)
		}
		w.log = next
		w.states = append(w.states, next.State())
	}
	w.first = w.r.Intn(len(w.leaves))
	w.run = 1 + w.r.Intn(len(w.leaves)-w.first)
}

func mustTree(tb testing.TB, t *tree.Tree, batch []tree.Change) *tree.Tree {
	tb.Helper()
	next, err := t.Apply(batch)
	if err != nil {
		tb.Fatal(err)
	}
	next.Root()
	return next
}

// node is a node of a parsed proof.
type node struct {
	tag         byte
	hash        proof.Hash // opaque; boundary: of its value; unit: its root
	key, value  []byte
	left, right *node
}

// Tags of the wire form (docs/spec/proof.md).
const (
	tagOpaque, tagInner, tagRow, tagBoundary, tagUnit = 0, 1, 2, 3, 4
)

func parse(b []byte) *node {
	n, rest := parseNode(b)
	if len(rest) > 0 {
		panic("an honest proof has bytes behind it")
	}
	return n
}

func parseNode(b []byte) (n *node, rest []byte) {
	n, b = &node{tag: b[0]}, b[1:]
	field := func() []byte { // all fields here are shorter than 128 bytes
		f := b[1 : 1+b[0]]
		b = b[1+b[0]:]
		return f
	}
	switch n.tag {
	case tagInner:
		n.left, b = parseNode(b)
		n.right, b = parseNode(b)
		return n, b
	case tagRow:
		n.key, n.value = field(), field()
		return n, b
	case tagBoundary:
		n.key = field()
	case tagUnit:
		n.key, b = b[:proof.UnitSize], b[proof.UnitSize:]
	}
	n.hash = proof.Hash(b[:32])
	return n, b[32:]
}

func (n *node) bytes() []byte {
	b := []byte{n.tag}
	field := func(f []byte) { b = append(append(b, byte(len(f))), f...) }
	switch n.tag {
	case tagInner:
		return append(append(b, n.left.bytes()...), n.right.bytes()...)
	case tagRow:
		field(n.key)
		field(n.value)
		return b
	case tagBoundary:
		field(n.key)
	case tagUnit:
		b = append(b, n.key...)
	}
	return append(b, n.hash[:]...)
}

// root is the hash that the node implies.
func (n *node) root() proof.Hash {
	switch n.tag {
	case tagInner:
		l, r := n.left.root(), n.right.root()
		return proof.InnerHash(&l, &r)
	case tagRow:
		return proof.LeafHash(n.key, n.value)
	case tagUnit:
		u := proof.Unit(n.key)
		return proof.UnitHash(&u, &n.hash)
	case tagBoundary:
		kh := sha(n.key)
		return sha(slices.Concat([]byte{0, 32}, kh[:], []byte{32}, n.hash[:]))
	}
	return n.hash
}

// of returns pointers to the places of all nodes with a tag, in order.
func (n *node) of(tag byte) (out []*node) {
	if n.tag == tag {
		out = append(out, n)
	}
	if n.tag == tagInner {
		out = append(append(out, n.left.of(tag)...), n.right.of(tag)...)
	}
	return out
}

// pick returns a random node of a tag, nil if there is none.
func (w *world) pick(n *node, tag byte) *node {
	all := n.of(tag)
	if len(all) == 0 {
		return nil
	}
	return all[w.r.Intn(len(all))]
}

// hide makes a node opaque, with its true hash.
func (n *node) hide() { *n = node{tag: tagOpaque, hash: n.root()} }

// judge asks the world's question of a range proof.
func (w *world) judge(b []byte) error {
	p, err := proof.DecodeRange(b)
	if err == nil {
		_, err = p.Verify(w.root, w.lo, w.hi)
	}
	return err
}

// byRange is a lie that changes one node of the range proof.
func byRange(name string, tag byte, change func(w *world, n *node) bool) lie {
	return lie{"range: " + name, func(w *world) (bool, error) {
		n := w.pick(w.ranged, tag)
		if n == nil || !change(w, n) {
			return false, nil
		}
		return true, w.judge(w.ranged.bytes())
	}}
}

func (w *world) flip(h *proof.Hash) bool {
	h[w.r.Intn(len(h))] ^= 1 << w.r.Intn(8)
	return true
}

// other returns bytes like b but for one.
func (w *world) other(b []byte) []byte {
	b = bytes.Clone(b)
	b[1+w.r.Intn(len(b)-1)] ^= 1 << w.r.Intn(7)
	return b
}

// TestLies tells many lies of many kinds, each about a world of its own: every one is refused.
func TestLies(t *testing.T) {
	tree, units, log := (*world).makeTree, (*world).makeUnits, (*world).makeLog
	kinds := 0
	for _, group := range []struct {
		lies []lie
		make func(*world, testing.TB)
	}{
		{rangeLies(), tree},
		{questionLies(), tree},
		{keyLies(), tree},
		{unitLies(), units},
		{logLies(), log},
	} {
		for _, l := range group.lies {
			kinds++
			r := rand.New(rand.NewSource(*lieSeed<<16 + int64(kinds)))
			t.Run(l.name, func(t *testing.T) { tellAll(t, r, l, group.make) })
		}
	}
	if kinds < 30 {
		t.Errorf("%d kinds of lie", kinds)
	}
	t.Logf("%d kinds, %d lies of each", kinds, *lieCount)
}

func tellAll(t *testing.T, r *rand.Rand, l lie, fill func(*world, testing.TB)) {
	told := 0
	for tries := 0; told < *lieCount; tries++ {
		if tries > 100**lieCount {
			t.Fatalf("only %d lies could be told", told)
		}
		w := &world{r: r}
		fill(w, t)
		ok, err := l.tell(w)
		if !ok {
			continue
		}
		if told++; !errors.Is(err, proof.ErrInvalid) {
			t.Fatalf("lie %d is not refused: %v\nagain: go test ./ledger/proof -run TestLies "+
				"-lies.seed %d", told, err, *lieSeed)
		}
	}
}

// TestHonest: no honest proof of the same worlds is refused, and each says what there is.
func TestHonest(t *testing.T) {
	r := rand.New(rand.NewSource(*lieSeed))
	for i := range *lieCount {
		w := newWorld(t, r)
		p, err := proof.DecodeRange(w.ranged.bytes())
		if err != nil {
			t.Fatal(i, err)
		}
		rows, err := p.Verify(w.root, w.lo, w.hi)
		if err != nil || fmt.Sprintf("%x", rows) != fmt.Sprintf("%x", w.within()) {
			t.Fatalf("world %d: %x, %v", i, rows, err)
		}
		if got := w.ranged.root(); got != w.root {
			t.Fatalf("world %d: the parser has another root", i)
		}
		units, err := proof.DecodeUnits(w.units.bytes())
		if err == nil {
			_, err = units.Verify(w.top.Root())
		}
		k := w.key(w.r.Intn(len(w.rows)))
		value, err2 := k.proof.Verify(w.root, k.key)
		if err := errors.Join(err, err2); err != nil || !bytes.Equal(value, k.value) {
			t.Fatalf("world %d: units, key: %v", i, err)
		}
		inclusion, run, consistency := w.logProofs(t)
		if err := errors.Join(
			inclusion.Verify(w.log.Root(), w.leaves[w.first]),
			run.Verify(w.log.Root(), w.leaves[w.first:w.first+w.run]),
			consistency.Verify(w.states[w.first].Root(), w.log.Root())); err != nil {
			t.Fatalf("world %d: log: %v", i, err)
		}
	}
}

// within are the rows that the question has.
func (w *world) within() (out []proof.Entry) {
	for _, e := range w.rows {
		if bytes.Compare(e.Key, w.lo) >= 0 && bytes.Compare(e.Key, w.hi) < 0 {
			out = append(out, e)
		}
	}
	return out
}
