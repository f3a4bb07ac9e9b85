package ledger

import (
	"fmt"
	"maps"
	"slices"

	"weir/internal/invariant"
	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/tree"
)

// Block collects the changes of one block. It belongs to the ledger's writer.
type Block struct {
	ledger  *Ledger
	base    *Version
	touched map[Unit]*content // nil: dropped
	top     *tree.Top         // set by Root
	saved   *checkpoint       // set by Checkpoint
	time    int64             // set by SetTime
	ended   bool
}

// get returns a unit as the block has it so far, nil when it does not exist.
func (b *Block) get(u Unit) *content {
	if c, ok := b.touched[u]; ok {
		return c
	}
	return b.base.find(u)
}

// change checks that the block may still change.
func (b *Block) change() {
	invariant.Check(!b.ended && b.top == nil && b.saved == nil, "a change after the block's end")
}

// Create makes an empty tree or log, unless the unit exists.
func (b *Block) Create(u Unit) {
	b.change()
	if b.get(u) != nil {
		return
	}
	switch {
	case u.IsTree():
		b.touched[u] = &content{unit: u, tree: tree.New()}
	case u.IsLog():
		b.touched[u] = &content{unit: u, log: eventlog.New(logSource{b.ledger.kv, u})}
	default:
		invariant.Fail("unit %x is neither a tree nor a log", u[:])
	}
}

// Apply writes one batch of net changes with strictly ascending keys to a tree. The tree is
// created if it does not exist and the batch is not empty.
//
// Errors: tree.ErrBatch; the block is unchanged.
func (b *Block) Apply(u Unit, batch []tree.Change) error {
	b.change()
	invariant.Check(u.IsTree(), "unit %x is not a tree", u[:])
	if len(batch) == 0 {
		return nil
	}
	old := tree.New()
	if c := b.get(u); c != nil {
		old = c.tree
	}
	next, err := old.Apply(batch)
	if err != nil {
		return fmt.Errorf("unit %x: %w", u[:], err)
	}
	if next != old || b.get(u) == nil {
		b.touched[u] = &content{unit: u, tree: next}
	}
	return nil
}

// Append adds a leaf, which covers rows offsets, and its payload to a log, which is created
// if it does not exist. It returns the leaf's index and its first offset. The block keeps leaf
// and payload.
//
// Errors: eventlog.ErrLimit; the block is unchanged.
func (b *Block) Append(u Unit, leaf []byte, rows uint32, payload []byte) (
	index, first uint64, err error,
) {
	b.change()
	invariant.Check(u.IsLog(), "unit %x is not a log", u[:])
	old := b.Log(u)
	if old == nil {
		old = eventlog.New(logSource{b.ledger.kv, u})
	}
	next, err := old.Append(leaf, rows, payload)
	if err != nil {
		return 0, 0, fmt.Errorf("unit %x: %w", u[:], err)
	}
	b.touched[u] = &content{unit: u, log: next}
	return old.Size(), old.Next(), nil
}

// Drop removes a tree or a log, if it exists. Its name must not be used again. The id of its
// root page stays under the app hash until the next checkpoint.
func (b *Block) Drop(u Unit) {
	b.change()
	b.touched[u] = nil
}

// Reader reads a tree as the block has it so far. A unit that does not exist reads as empty.
func (b *Block) Reader(u Unit) Reader {
	if c := b.get(u); c != nil && c.tree != nil {
		return c.tree
	}
	return empty{}
}

// Log returns a log as the block has it so far, nil when it does not exist.
func (b *Block) Log(u Unit) *eventlog.Log {
	if c := b.get(u); c != nil {
		return c.log
	}
	return nil
}

// OpState is the state of one operator at a checkpoint.
type OpState struct {
	Unit Unit // of a state kind
	// Save visits every entry in strictly ascending key order.
	Save func(visit func(key, value []byte))
}

// Checkpoint makes this block a checkpoint. It puts the root page id of every tree and the
// root of every operator's state under the app hash, in place of those of the checkpoint
// before; ops are all operators with state. It comes after all changes and before Root.
func (b *Block) Checkpoint(ops []OpState) {
	b.change()
	s := &checkpoint{set: map[Unit]Hash{}, states: map[Unit]pages.Manifest{}}
	for _, c := range b.contents() {
		if c.tree != nil {
			c.tree.Root()
			s.set[c.unit.PageIDUnit()] = pages.SetIDs(c.tree.Page())
		}
	}
	for _, op := range ops {
		_, twice := s.states[op.Unit]
		invariant.Check(op.Unit.IsState() && !twice, "operator state %x", op.Unit[:])
		m := s.save(op, b.ledger.durable.states[op.Unit])
		s.states[op.Unit] = m
		s.set[op.Unit] = m.Root()
	}
	b.saved = s
}

// contents merges the touched units into those of the base version.
func (b *Block) contents() []content {
	if len(b.touched) == 0 {
		return b.base.contents
	}
	out := make([]content, 0, len(b.base.contents)+len(b.touched))
	at := 0
	for _, u := range slices.SortedFunc(maps.Keys(b.touched), Unit.Compare) {
		for at < len(b.base.contents) && b.base.contents[at].unit.Compare(u) < 0 {
			out = append(out, b.base.contents[at])
			at++
		}
		if at < len(b.base.contents) && b.base.contents[at].unit == u {
			at++
		}
		if c := b.touched[u]; c != nil {
			out = append(out, *c)
		}
	}
	return append(out, b.base.contents[at:]...)
}

// Root returns the app hash after this block and ends its changes. Each changed page is hashed
// once.
func (b *Block) Root() Hash {
	invariant.Check(!b.ended, "the block has ended")
	if b.top != nil {
		return b.top.Root()
	}
	set := map[Unit]*Hash{}
	for _, u := range slices.SortedFunc(maps.Keys(b.touched), Unit.Compare) {
		if c := b.touched[u]; c != nil {
			root := c.root()
			set[u] = &root
		} else {
			set[u] = nil
		}
	}
	if b.saved != nil {
		b.saved.replace(b.base.top, set)
	}
	changes := make([]tree.TopChange, 0, len(set))
	for _, u := range slices.SortedFunc(maps.Keys(set), Unit.Compare) {
		changes = append(changes, tree.TopChange{Unit: u, Root: set[u]})
	}
	top, err := b.base.top.Apply(changes)
	invariant.Check(err == nil, "top tree: %v", err)
	b.top = top
	return top.Root()
}

// SetTime keeps the block's time with its version and in its checkpoint. It is not under the app
// hash, which does not change because time passes.
func (b *Block) SetTime(micros int64) { b.time = micros }

// Commit publishes the block as the version of a height, which must be above the last. If the
// block is a checkpoint it returns only when that is durable.
//
// Errors: those of the store, for a checkpoint. Nothing is published then, and the ledger must
// be opened again.
func (b *Block) Commit(height uint64) (*Version, error) {
	b.Root()
	invariant.Check(height > b.base.height, "height %d after %d", height, b.base.height)
	v := &Version{height: height, time: b.time, top: b.top, contents: b.contents()}
	if b.saved != nil {
		if err := b.ledger.write(v, b.saved); err != nil {
			return nil, fmt.Errorf("checkpoint of height %d: %w", height, err)
		}
	}
	b.ended = true
	b.ledger.publish(v)
	b.ledger.writing = false
	return v, nil
}

// Discard ends the block without a trace.
func (b *Block) Discard() {
	if !b.ended {
		b.ended, b.ledger.writing = true, false
	}
}
