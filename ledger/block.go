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
	done    map[Unit][]byte   // changes of trees so far, to be kept
	top     *tree.Top         // set by Root
	set     []tree.TopChange  // by which top differs from the base's; set by Root
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
		b.touched[u] = &content{unit: u, log: eventlog.New(b.ledger.logSource(u))}
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
		b.done[u] = appendBatch(b.done[u], batch)
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
		old = eventlog.New(b.ledger.logSource(u))
	}
	next, err := old.Append(leaf, rows, payload)
	if err != nil {
		return 0, 0, fmt.Errorf("unit %x: %w", u[:], err)
	}
	b.touched[u] = &content{unit: u, log: next}
	return old.Size(), old.Next(), nil
}

// Forget makes a log forget the records of the leaves before an index; hashes stay. What is
// forgotten must be agreed, since it decides what later blocks can read.
//
// Errors: those of eventlog.Log.Forget.
func (b *Block) Forget(u Unit, before uint64) error {
	b.change()
	return b.edit(u, func(l *eventlog.Log) (*eventlog.Log, error) { return l.Forget(before) })
}

// Erase removes the payload of one leaf of a log.
//
// Errors: those of eventlog.Log.Erase.
func (b *Block) Erase(u Unit, index uint64) error {
	b.change()
	return b.edit(u, func(l *eventlog.Log) (*eventlog.Log, error) { return l.Erase(index) })
}

// edit changes what a log keeps, not what it commits to.
func (b *Block) edit(u Unit, f func(*eventlog.Log) (*eventlog.Log, error)) error {
	old := b.Log(u)
	if old == nil {
		return fmt.Errorf("%w: log %x", ErrNoUnit, u[:])
	}
	next, err := f(old)
	if err == nil && next != old {
		b.touched[u] = &content{unit: u, log: next}
	}
	return err
}

// Drop removes a tree or a log, if it exists. Its name must not be used again. The id of its
// root page stays under the app hash until the next checkpoint.
func (b *Block) Drop(u Unit) {
	b.change()
	b.touched[u] = nil
	delete(b.done, u)
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
	// Changes are the net changes since the checkpoint before, ascending, as the operator's
	// entries were then; all its entries if it had none.
	Changes []pages.Change
}

// Checkpoint makes this block, which will have the given height, a checkpoint. It puts the root
// page id of every tree and the root of every operator's state under the app hash, in place of
// those of the checkpoint before; ops are all operators with state. It comes after all changes
// and before Root, and waits until the checkpoint before is written.
//
// Damaged pages of operator state are a Fault.
func (b *Block) Checkpoint(height uint64, ops []OpState) {
	b.change()
	l := b.ledger
	s := &checkpoint{height: height, set: map[Unit]Hash{}, states: map[Unit]*pages.State{}}
	s.failed = l.Wait()
	b.pageIDs(s)
	keepers, states := make([]stateKeeper, len(ops)), make([]*pages.State, len(ops))
	errs := make([]error, len(ops))
	old := l.durable.Load().states
	l.each(len(ops), func(i int) {
		keepers[i] = stateKeeper{kv: l.kv, cache: l.stateCache, height: height, seq: &s.seq}
		base := old[ops[i].Unit]
		if base == nil {
			base = pages.EmptyState()
		}
		states[i], errs[i] = base.Apply(ops[i].Changes, &keepers[i])
	})
	for i, op := range ops {
		if errs[i] != nil {
			invariant.Raise(fmt.Errorf("%w: operator state %x: %w", ErrCorrupt, op.Unit[:], errs[i]))
		}
		invariant.Check(op.Unit.IsState() && s.states[op.Unit] == nil, "operator state %x",
			op.Unit[:])
		s.states[op.Unit] = states[i]
		s.set[op.Unit] = states[i].Root()
		s.fresh = append(s.fresh, keepers[i].fresh...)
		s.orphans = append(s.orphans, keepers[i].orphans...)
	}
	s.dropStates(old)
	b.saved = s
}

// pageIDs puts the root page id of every tree into what a checkpoint adds to the app hash.
func (b *Block) pageIDs(s *checkpoint) {
	contents := b.contents()
	ids := make([]Hash, len(contents))
	b.ledger.each(len(contents), func(i int) {
		if t := contents[i].tree; t != nil {
			t.Root()
			ids[i] = pages.SetIDs(t.Ref())
		}
	})
	for i, c := range contents {
		if c.tree != nil {
			s.set[c.unit.PageIDUnit()] = ids[i]
		}
	}
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
	touched := slices.SortedFunc(maps.Keys(b.touched), Unit.Compare)
	roots := make([]Hash, len(touched))
	b.ledger.each(len(touched), func(i int) {
		if c := b.touched[touched[i]]; c != nil {
			roots[i] = c.root()
		}
	})
	for i, u := range touched {
		if set[u] = nil; b.touched[u] != nil {
			set[u] = &roots[i]
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
	b.top, b.set = top, changes
	return top.Root()
}

// changes describes the block for those who will ask for its height.
func (b *Block) changes(height uint64) *changes {
	c := &changes{height: height, header: appendHeader(b.top.Root(), b.time, b.set)}
	for _, u := range slices.SortedFunc(maps.Keys(b.touched), Unit.Compare) {
		switch t := b.touched[u]; {
		case t == nil:
		case t.tree != nil && b.done[u] == nil: // made, and empty
			c.units = append(c.units, unitChanges{u, []byte{}})
		case t.tree != nil:
			c.units = append(c.units, unitChanges{u, b.done[u]})
		default:
			c.units = append(c.units, unitChanges{u, appendLogState(t.log)})
		}
	}
	return c
}

// SetTime keeps the block's time with its version and in its checkpoint. It is not under the app
// hash, which does not change because time passes.
func (b *Block) SetTime(micros int64) { b.time = micros }

// Commit publishes the block as the version of a height, which must be above the last. If the
// block is a checkpoint its writing begins; without Options.Go, Commit returns only when it is
// durable.
//
// Errors: those of the store, for this checkpoint or the one before. Nothing is published then,
// and the ledger must be opened again.
func (b *Block) Commit(height uint64) (*Version, error) {
	b.Root()
	invariant.Check(height > b.base.height, "height %d after %d", height, b.base.height)
	v := &Version{height: height, time: b.time, top: b.top, contents: b.contents()}
	l := b.ledger
	recent := *l.recent.Load()
	if l.opts.Window > 0 {
		recent = append(slices.Clip(recent), b.changes(height))
	}
	if b.saved != nil {
		invariant.Check(b.saved.height == height, "a checkpoint of another height")
		if err := l.start(v, b.saved, recent); err != nil {
			return nil, fmt.Errorf("checkpoint of height %d: %w", height, err)
		}
	}
	l.recent.Store(&recent)
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
