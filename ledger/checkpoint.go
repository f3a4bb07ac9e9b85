package ledger

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync/atomic"

	"weir/internal/invariant"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// batchSize is the size from which a batch of deletions is written, in bytes.
const batchSize = 4 << 20

// checkpointsMin is how many checkpoints are kept, whatever the window.
const checkpointsMin = 2

// Points at which Options.CrashPoint is called while a checkpoint is written, in this order.
const (
	PointBegin  = "checkpoint/begin"  // nothing is written
	PointData   = "checkpoint/data"   // all pages and leaves are ready to be written
	PointSynced = "checkpoint/synced" // they are synced
	PointRecord = "checkpoint/record" // the record is synced: this checkpoint is the newest
	PointPruned = "checkpoint/pruned" // what left the window is deleted
)

// checkpoint is what Block.Checkpoint prepared.
type checkpoint struct {
	height  uint64
	set     map[Unit]Hash // page ids and operator state under the app hash
	states  map[Unit]*pages.State
	seq     atomic.Uint32 // of the next page
	fresh   []statePage   // state pages that the last checkpoint does not have
	orphans []pages.Loc   // those that only it has
	failed  error         // the writing of the checkpoint before
}

type statePage struct {
	loc  pages.Loc
	body []byte
}

// stateKeeper serves the pages of one operator's state and collects the new ones.
type stateKeeper struct {
	kv      store.KV
	cache   *stateCache // nil: none
	height  uint64
	seq     *atomic.Uint32
	fresh   []statePage
	orphans []pages.Loc
}

var _ pages.Keeper = (*stateKeeper)(nil)

// Fetch implements pages.Keeper.
func (k *stateKeeper) Fetch(loc pages.Loc) ([]byte, error) {
	if k.cache != nil {
		if b := k.cache.get(loc); b != nil {
			return b, nil
		}
	}
	return must(k.kv, pageKey(loc))
}

// Put implements pages.Keeper.
func (k *stateKeeper) Put(stored []byte) pages.Loc {
	loc := pages.Loc{Batch: k.height, Seq: k.seq.Add(1) - 1}
	k.fresh = append(k.fresh, statePage{loc, bytes.Clone(stored)})
	return loc
}

// Orphan implements pages.Keeper.
func (k *stateKeeper) Orphan(loc pages.Loc) { k.orphans = append(k.orphans, loc) }

// dropStates orphans the states that are not there any more.
func (s *checkpoint) dropStates(old map[Unit]*pages.State) {
	var k stateKeeper
	for _, u := range slices.SortedFunc(maps.Keys(old), Unit.Compare) {
		if s.states[u] == nil {
			old[u].OrphanAll(&k)
		}
	}
	s.orphans = append(s.orphans, k.orphans...)
}

// replace adds to set what turns the units of the last checkpoint into those of this one.
func (s *checkpoint) replace(top *tree.Top, set map[Unit]*Hash) {
	for _, u := range top.Units() {
		if k := u.Unit.Kind(); k >= proof.KindStateMin && k <= proof.KindPageMax {
			set[u.Unit] = nil
		}
	}
	for _, u := range slices.SortedFunc(maps.Keys(s.set), Unit.Compare) {
		root := s.set[u]
		set[u] = &root
	}
}

// start writes a checkpoint, beside the blocks that follow if it may. There is no other one
// under way: Block.Checkpoint has waited for it.
func (l *Ledger) start(v *Version, s *checkpoint, recent []*changes) error {
	if s.failed != nil {
		return s.failed
	}
	if l.opts.Go == nil {
		return l.write(v, s, recent)
	}
	//weir:goroutine one job, whose result decides nothing but whether this node goes on
	done := make(chan error, 1)
	l.job = done
	l.opts.Go(func() {
		err := l.write(v, s, recent)
		//weir:goroutine the job's only result, into a channel that has room for it
		done <- err
	})
	return nil
}

// recoverFault turns the panic of a store that fails into an error.
func recoverFault(err *error) {
	switch p := recover().(type) {
	case nil:
	case invariant.Fault:
		*err = p.Err
	default:
		panic(p)
	}
}

// ckptWriter writes one checkpoint.
type ckptWriter struct {
	l       *Ledger
	height  uint64
	bulk    store.Bulk
	last    [256][]byte // the last key of each class in bulk
	batch   store.Batch // what comes too late for that: a few records that are written again
	seq     *atomic.Uint32
	shared  map[tree.Loc]bool // pages that the version before has too
	orphans deletions         // what the one before has and this one does not use
	fresh   []*tree.Ref       // written pages
}

// write makes a version durable. The order is: data, synced, then one synced batch with the
// record and the list of what only older checkpoints use, then the removal of what has left
// the window. So a crash at any point leaves the newest record's data whole, and that of all
// records before it.
func (l *Ledger) write(v *Version, s *checkpoint, recent []*changes) (err error) {
	defer recoverFault(&err)
	l.opts.CrashPoint(PointBegin)
	w := &ckptWriter{
		l: l, height: v.height, bulk: l.kv.Bulk(), seq: &s.seq, shared: map[tree.Loc]bool{},
	}
	if err := w.data(v, s, recent); err != nil {
		return errors.Join(err, w.bulk.Abort())
	}
	l.opts.CrashPoint(PointData)
	if err := w.bulk.Commit(); err != nil {
		return err
	}
	if err := l.kv.Write(&w.batch, false); err != nil {
		return err
	}
	l.opts.CrashPoint(PointSynced)
	if err := w.record(newRecord(v, s.states)); err != nil {
		return err
	}
	l.cache.admitAll(w.fresh)
	l.stateCache.turn(s.fresh, s.orphans)
	l.durable.Store(&durable{v.trimmed(), s.states})
	l.opts.CrashPoint(PointRecord)
	if err := l.prune(); err != nil {
		return err
	}
	l.opts.CrashPoint(PointPruned)
	return nil
}

// data writes all that the record will refer to.
func (w *ckptWriter) data(v *Version, s *checkpoint, recent []*changes) error {
	old := w.l.durable.Load().version
	slices.SortFunc(s.fresh, func(a, b statePage) int { return cmp.Compare(a.loc.Seq, b.loc.Seq) })
	for _, p := range s.fresh {
		if err := w.set(pageKey(p.loc), p.body); err != nil {
			return err
		}
	}
	for i := range v.contents {
		c := &v.contents[i]
		var err error
		if c.tree != nil {
			err = w.tree(c, old)
		} else {
			err = w.log(c)
		}
		if err != nil {
			return err
		}
	}
	for _, c := range recent {
		if c.height > old.height {
			if err := w.changes(c); err != nil {
				return err
			}
		}
	}
	w.droppedUnits(old, v)
	for _, loc := range s.orphans {
		w.orphans.keys = append(w.orphans.keys, pageKey(loc))
	}
	return nil
}

// set writes an entry. Keys of a class come in ascending order, but for records of logs that
// are written again.
func (w *ckptWriter) set(key, value []byte) error {
	last := &w.last[key[0]]
	if *last != nil && bytes.Compare(*last, key) >= 0 {
		w.batch.Set(bytes.Clone(key), bytes.Clone(value))
		return nil
	}
	*last = append((*last)[:0], key...)
	return w.bulk.Set(key, value)
}

// tree writes the pages of a tree that are not stored, and finds those of the old version that
// the new one no longer has. Neither looks below a page that both share.
func (w *ckptWriter) tree(c *content, old *Version) (err error) {
	put := func(r *tree.Ref, stored []byte) tree.Loc {
		loc := tree.Loc{Batch: w.height, Seq: w.seq.Add(1) - 1}
		w.fresh = append(w.fresh, r)
		if e := w.set(pageKey(loc), stored); err == nil {
			err = e
		}
		return loc
	}
	clear(w.shared)
	pages.Save(c.tree.Ref(), put, w.l.cache, func(r *tree.Ref) { w.shared[r.Loc()] = true })
	if err != nil {
		return err
	}
	if before := old.find(c.unit); before != nil {
		w.orphanPages(before.tree.Ref())
	}
	return nil
}

// orphanPages notes the pages of a stored tree that are not shared.
func (w *ckptWriter) orphanPages(r *tree.Ref) {
	if w.shared[r.Loc()] {
		return
	}
	w.orphans.keys = append(w.orphans.keys, pageKey(r.Loc()))
	if r.Level() == 0 {
		return
	}
	p := r.Page()
	for i := range p.Len() {
		w.orphanPages(p.Child(i))
	}
}

// log writes what a log has only in memory.
func (w *ckptWriter) log(c *content) error { return c.log.Save(logKeeper{w.set, c.unit}) }

// changes writes what a block did.
func (w *ckptWriter) changes(c *changes) error {
	if err := w.set(heightKey(classChanges, c.height), c.header); err != nil {
		return err
	}
	for _, u := range c.units {
		if err := w.set(changesKey(c.height, u.unit), u.body); err != nil {
			return err
		}
	}
	return nil
}

// droppedUnits finds the data of units that the new version does not have.
func (w *ckptWriter) droppedUnits(old, v *Version) {
	clear(w.shared)
	for i := range old.contents {
		c := &old.contents[i]
		if v.find(c.unit) != nil {
			continue
		}
		if c.tree != nil {
			w.orphanPages(c.tree.Ref())
			continue
		}
		w.orphans.log(c.unit)
	}
}

// record writes the record and the list of orphans, synced.
func (w *ckptWriter) record(r *record) error {
	var b store.Batch
	b.Set(heightKey(classOrphans, r.height), w.orphans.encode())
	b.Set(checkpointKey(r.height), r.encode())
	return w.l.kv.Write(&b, true)
}

// trimmed returns the version without the records of logs in memory.
func (v *Version) trimmed() *Version {
	out := *v
	out.contents = slices.Clone(v.contents)
	for i := range out.contents {
		if log := out.contents[i].log; log != nil {
			out.contents[i].log = log.Trim()
		}
	}
	return &out
}

// newRecord describes a version.
func newRecord(v *Version, states map[Unit]*pages.State) *record {
	r := &record{height: v.height, time: v.time, appHash: v.AppHash()}
	for _, e := range v.top.Units() {
		u := unitRecord{unit: e.Unit, root: e.Root}
		switch {
		case e.Unit.IsTree():
			ref := v.find(e.Unit).tree.Ref()
			u.level, u.loc = uint8(ref.Level()), ref.Loc()
		case e.Unit.IsLog():
			log := v.find(e.Unit).log
			u.size, u.next, u.kept = log.Size(), log.Next(), log.Kept()
		case e.Unit.IsState():
			u.state = states[e.Unit].RootRef()
		}
		r.units = append(r.units, u)
	}
	return r
}
