package ledger

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// batchSize is the size from which a batch of a checkpoint is written, in bytes.
const batchSize = 4 << 20

// Points at which Options.CrashPoint is called while a checkpoint is written, in this order.
const (
	PointBegin  = "checkpoint/begin"  // nothing is written
	PointData   = "checkpoint/data"   // one more batch is written; called once per batch
	PointSynced = "checkpoint/synced" // all pages and leaves are synced
	PointRecord = "checkpoint/record" // the record is synced: this checkpoint is the newest
)

// checkpoint is what Block.Checkpoint prepared.
type checkpoint struct {
	set    map[Unit]Hash // page ids and operator state under the app hash
	states map[Unit]pages.Manifest
	fresh  []statePage // state pages that the last checkpoint does not have
}

type statePage struct {
	key  []byte
	body []byte
}

// save runs an operator's entries through and keeps the pages that are not stored yet.
func (s *checkpoint) save(op OpState, old pages.Manifest) pages.Manifest {
	stored := map[pages.ID]bool{}
	for _, id := range old.Pages {
		stored[id] = true
	}
	w := pages.NewStateWriter(func(id pages.ID, page []byte) {
		if !stored[id] {
			key := hashKey(classState, op.Unit, id)
			s.fresh = append(s.fresh, statePage{key, bytes.Clone(page)})
		}
	})
	op.Save(w.Add)
	return w.Finish()
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

// ckptWriter writes one checkpoint.
type ckptWriter struct {
	l       *Ledger
	batch   store.Batch
	written map[string]bool // keys that this checkpoint writes
	orphans [][]byte        // keys that the one before has and this one does not use
	pages   []*tree.Page    // written pages
}

// write makes a version durable. The order is: data, sync, then one synced batch with the
// record, the removal of older records, and the removal of what only they used. So a crash at
// any point leaves the newest record's data whole, and those of the record before it.
func (l *Ledger) write(v *Version, s *checkpoint) error {
	l.opts.CrashPoint(PointBegin)
	w := &ckptWriter{l: l, written: map[string]bool{}}
	old := l.durable.version
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
	for _, p := range s.fresh {
		if err := w.set(p.key, p.body); err != nil {
			return err
		}
	}
	w.dropped(old, v)
	w.droppedStates(s)
	if err := w.flush(true); err != nil {
		return err
	}
	l.opts.CrashPoint(PointSynced)
	r := newRecord(v, s.states, w.orphans)
	if err := w.record(r); err != nil {
		return err
	}
	for _, p := range w.pages {
		p.MarkStored()
	}
	v.contents = slices.Clone(v.contents)
	for i := range v.contents {
		if log := v.contents[i].log; log != nil {
			v.contents[i].log = log.Trim()
		}
	}
	l.durable.version, l.durable.states, l.durable.orphans = v, s.states, r.orphans
	l.durableHeight.Store(v.height)
	l.opts.CrashPoint(PointRecord)
	return nil
}

// set adds a write, and writes the batch when it is large.
func (w *ckptWriter) set(key, value []byte) error {
	w.written[string(key)] = true
	w.batch.Set(key, value)
	if w.batch.Size() < w.l.batchSize {
		return nil
	}
	return w.flush(false)
}

func (w *ckptWriter) flush(sync bool) error {
	if w.batch.Len() == 0 && !sync {
		return nil
	}
	if err := w.l.kv.Write(&w.batch, sync); err != nil {
		return err
	}
	w.batch.Reset()
	w.l.opts.CrashPoint(PointData)
	return nil
}

// tree writes the pages of a tree that are not stored, and finds those of the old version that
// the new one no longer has. Neither looks below a page that both share.
func (w *ckptWriter) tree(c *content, old *Version) error {
	shared := map[*tree.Page]bool{}
	if err := w.page(c.unit, c.tree.Page(), shared); err != nil {
		return err
	}
	if before := old.find(c.unit); before != nil {
		w.orphanPages(c.unit, before.tree.Page(), shared)
	}
	return nil
}

func (w *ckptWriter) page(u Unit, p *tree.Page, shared map[*tree.Page]bool) error {
	if p.Stored() {
		shared[p] = true
		return nil
	}
	if p.Level() > 0 {
		for i := range p.Len() {
			if err := w.page(u, p.Child(i), shared); err != nil {
				return err
			}
		}
	}
	id, _ := p.ID()
	w.pages = append(w.pages, p)
	return w.set(hashKey(classPage, u, id), pages.Append(nil, p))
}

func (w *ckptWriter) orphanPages(u Unit, p *tree.Page, shared map[*tree.Page]bool) {
	if shared[p] {
		return
	}
	id, _ := p.ID()
	w.orphans = append(w.orphans, hashKey(classPage, u, id))
	if p.Level() > 0 {
		for i := range p.Len() {
			w.orphanPages(u, p.Child(i), shared)
		}
	}
}

// log writes the records of a log that are only in memory.
func (w *ckptWriter) log(c *content) error {
	return c.log.Tail(func(index uint64, r eventlog.Record) error {
		leaf := make([]byte, 0, leafHead+len(r.Leaf))
		leaf = binary.BigEndian.AppendUint64(leaf, r.First)
		leaf = binary.BigEndian.AppendUint32(leaf, r.Rows)
		if err := w.set(indexKey(classLeaf, c.unit, index), append(leaf, r.Leaf...)); err != nil {
			return err
		}
		return w.set(indexKey(classPayload, c.unit, index), r.Payload)
	})
}

// dropped finds the data of units that the new version does not have.
func (w *ckptWriter) dropped(old, v *Version) {
	for i := range old.contents {
		c := &old.contents[i]
		if v.find(c.unit) != nil {
			continue
		}
		if c.tree != nil {
			w.orphanPages(c.unit, c.tree.Page(), nil)
			continue
		}
		for index := range c.log.Size() {
			w.orphans = append(w.orphans, indexKey(classLeaf, c.unit, index),
				indexKey(classPayload, c.unit, index))
		}
	}
}

// droppedStates finds the state pages that only the checkpoint before uses.
func (w *ckptWriter) droppedStates(s *checkpoint) {
	for _, u := range slices.SortedFunc(maps.Keys(w.l.durable.states), Unit.Compare) {
		kept := map[pages.ID]bool{}
		for _, id := range s.states[u].Pages {
			kept[id] = true
		}
		for _, id := range w.l.durable.states[u].Pages {
			if !kept[id] {
				w.orphans = append(w.orphans, hashKey(classState, u, id))
			}
		}
	}
}

// record writes the record, removes all older ones but the last, and deletes what only the
// removed ones used: the orphans that the last checkpoint found, unless this one wrote them
// again.
func (w *ckptWriter) record(r *record) error {
	heights, err := w.l.checkpoints()
	if err != nil {
		return err
	}
	var b store.Batch
	for _, height := range heights {
		if height != w.l.durable.version.height {
			b.Delete(checkpointKey(height))
		}
	}
	for _, key := range w.l.durable.orphans {
		if !w.written[string(key)] {
			b.Delete(key)
		}
	}
	r.orphans = slices.DeleteFunc(r.orphans, func(key []byte) bool {
		return w.written[string(key)] // changed back to what it was: still in use
	})
	b.Set(checkpointKey(r.height), r.encode())
	return w.l.kv.Write(&b, true)
}

// newRecord describes a version.
func newRecord(v *Version, states map[Unit]pages.Manifest, orphans [][]byte) *record {
	r := &record{height: v.height, time: v.time, appHash: v.AppHash(), orphans: orphans}
	for _, e := range v.top.Units() {
		u := unitRecord{unit: e.Unit, root: e.Root, state: states[e.Unit]}
		if e.Unit.IsLog() {
			log := v.find(e.Unit).log
			u.size, u.next = log.Size(), log.Next()
		}
		r.units = append(r.units, u)
	}
	return r
}
