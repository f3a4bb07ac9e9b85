package ledger

import (
	"fmt"
	"slices"

	"weir/internal/invariant"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// Restore writes the checkpoint of a snapshot into the store of a ledger that stands below it,
// or at nothing. What it writes lies beside what is there; the record of the checkpoint comes
// last, in one synced batch. So a crash at any point leaves the checkpoint that was there, and a
// finished Restore leaves the new one as the newest; the ledger has to be opened again then.
//
// Pages and leaves that the ledger has already are used where they are, and their parts are not
// asked for.
type Restore struct {
	l      *Ledger
	m      *snapshot.Manifest
	leaves snapshot.Leaves
	batch  store.Batch
	seq    uint32
	record *record
	parts  []snapshot.Part

	unit    int // that is being built
	at      int // part of the manifest that comes next
	end     int // behind the last part of the unit
	pending []wanted
	log     *logRestore

	// have are the pages that the ledger has of the unit. No page is used by two units: each
	// lists what it gives up on its own.
	have map[proof.Hash]tree.Loc
	used map[tree.Loc]bool // those that the snapshot has too
}

// wanted is a page with which a part begins.
type wanted struct {
	id    proof.Hash
	level int // -1: any
	loc   tree.Loc
}

// Restore begins to restore a snapshot whose manifest the caller has verified. No block may be
// open, and none may be begun.
//
// Errors: snapshot.ErrInvalid when the ledger stands at its height or above, or when the
// application refuses what it keeps; ErrCorrupt, and those of the store.
func (l *Ledger) Restore(m *snapshot.Manifest, leaves snapshot.Leaves) (*Restore, error) {
	invariant.Check(!l.writing, "a block is open")
	l.writing = true
	if err := l.Wait(); err != nil {
		return nil, err
	}
	if m.Height <= l.Durable() {
		return nil, fmt.Errorf("%w: %w: a snapshot of height %d for a ledger at %d",
			snapshot.ErrInvalid, snapshot.ErrManifest, m.Height, l.Durable())
	}
	r := &Restore{
		l: l, m: m, leaves: leaves, parts: m.Parts(), unit: -1,
		record: &record{height: m.Height, time: m.Time, appHash: m.AppHash},
		used:   map[tree.Loc]bool{},
	}
	leaves.Begin(r.scan)
	if err := cutAbove(l.kv, l.Durable()); err != nil { // of a Restore that was cut short
		return nil, err
	}
	if l.Durable() == 0 {
		for _, class := range []byte{classLeaf, classPayload, classHashes} {
			r.batch.DeleteRange([]byte{class}, []byte{class + 1})
		}
	}
	return r, r.advance()
}

// eachPage visits the pages of a unit of a checkpoint, of which it reads the inner ones.
func (l *Ledger) eachPage(d *durable, u Unit, visit func(id proof.Hash, loc tree.Loc)) error {
	if s := d.states[u]; s != nil {
		s.EachPage(func(_ int, id pages.ID, loc pages.Loc) { visit(id, loc) })
	}
	c := d.version.find(u)
	if c == nil || c.tree == nil {
		return nil
	}
	id, _ := c.tree.Ref().ID()
	return l.eachBelow(pages.Link{ID: id, Loc: c.tree.Ref().Loc()}, c.tree.Ref().Level(), visit)
}

func (l *Ledger) eachBelow(at pages.Link, level int, visit func(proof.Hash, tree.Loc)) error {
	visit(at.ID, at.Loc)
	if level == 0 {
		return nil
	}
	stored, err := must(l.kv, pageKey(at.Loc))
	if err != nil {
		return err
	}
	_, links, err := split(snapshot.KindTree, stored)
	for i := 0; err == nil && i < len(links); i++ {
		err = l.eachBelow(links[i], level-1, visit)
	}
	return err
}

// Next returns the place in the manifest of the part that is needed next; ok is false when there
// is none, and Finish comes.
func (r *Restore) Next() (i int, ok bool) { return r.at, r.at < len(r.parts) }

// Add verifies the part that Next asked for and writes it. A part that is refused leaves nothing
// behind, and can be added again with other bytes.
//
// Errors: snapshot.ErrInvalid; with snapshot.ErrManifest, and those of the store, it ends.
func (r *Restore) Add(b []byte) error {
	invariant.Check(r.at < len(r.parts), "no part is needed any more")
	var err error
	if p := r.parts[r.at]; p.Kind == snapshot.KindTree || p.Kind == snapshot.KindState {
		err = r.addPages(p, b)
	} else {
		err = r.log.add(p, b)
	}
	if err != nil {
		return err
	}
	r.at++
	return r.advance()
}

// advance passes over the parts that are not needed, to the next that is.
func (r *Restore) advance() error {
	for {
		for r.at < r.end && !r.needs(r.parts[r.at]) {
			r.at++
		}
		if r.at < r.end {
			return nil
		}
		if err := r.endUnit(); err != nil {
			return err
		}
		if r.unit++; r.unit == len(r.m.Units) {
			return nil
		}
		if err := r.beginUnit(&r.m.Units[r.unit]); err != nil {
			return err
		}
	}
}

// needs tells whether a part of the unit that is built is one that is not there yet.
func (r *Restore) needs(p snapshot.Part) bool {
	if r.log != nil {
		return r.log.needs(p)
	}
	return len(r.pending) > 0 && r.pending[len(r.pending)-1].id == p.ID
}

func (r *Restore) beginUnit(u *snapshot.Unit) error {
	r.end = r.at + len(u.Parts)
	rec := unitRecord{unit: u.Unit, root: u.Root}
	r.have = map[proof.Hash]tree.Loc{}
	err := r.l.eachPage(r.l.durable.Load(), u.Unit, func(id proof.Hash, loc tree.Loc) {
		r.have[id] = loc
	})
	if err != nil {
		return err
	}
	switch {
	case u.Unit.IsTree():
		rec.loc = r.want(u.Parts[0].ID, -1)
	case u.Unit.IsState():
		rec.state = pages.RootRef{Entries: u.Entries, ID: u.Page}
		if u.Entries > 0 {
			rec.state.Loc = r.want(u.Page, -1)
		}
	case u.Unit.IsLog():
		rec.size, rec.next, rec.kept = u.Log.Size, u.Log.Next, u.Kept
		r.log, err = r.openLog(u)
	}
	r.record.units = append(r.record.units, rec)
	return err
}

// want says where the page with an id is, or will be: then a part has to bring it.
func (r *Restore) want(id proof.Hash, level int) tree.Loc {
	if loc, ok := r.have[id]; ok {
		r.used[loc] = true
		return loc
	}
	loc := r.place()
	r.pending = append(r.pending, wanted{id, level, loc})
	return loc
}

// Clear removes all that a ledger has in a store, in one synced batch.
//
// Errors: those of the store.
func Clear(kv store.KV) error {
	var b store.Batch
	b.DeleteRange([]byte{0}, []byte{0xFF})
	return kv.Write(&b, true)
}

// place is where the next page goes.
func (r *Restore) place() tree.Loc {
	r.seq++
	return tree.Loc{Batch: r.m.Height, Seq: r.seq - 1}
}

// endUnit checks that the unit is whole.
func (r *Restore) endUnit() error {
	if r.unit < 0 {
		return nil
	}
	u := &r.m.Units[r.unit]
	if len(r.pending) > 0 {
		return fmt.Errorf("%w: %w: unit %x lacks page %x", snapshot.ErrInvalid,
			snapshot.ErrManifest, u.Unit[:], r.pending[0].id[:8])
	}
	if r.log == nil {
		if u.Unit.IsTree() {
			return r.setLevel(&r.record.units[r.unit])
		}
		return nil
	}
	log := r.log
	r.log = nil
	return log.finish()
}

// scan implements snapshot.Trees. What cannot be read is a Fault.
func (r *Restore) scan(u Unit, lo, hi []byte, visit func(key, value []byte) bool) {
	for i := range r.record.units {
		rec := &r.record.units[i]
		if rec.unit != u || i == r.unit || !u.IsTree() {
			continue
		}
		id := r.m.Units[i].Parts[0].ID
		root := tree.StoredRef(int(rec.level), []byte{proof.SentinelLow}, rec.root, id, rec.loc,
			r.l.cache)
		tree.Open(root).Scan(lo, hi, visit)
	}
}

// setLevel notes the level of a tree's root page, which is written or about to be.
func (r *Restore) setLevel(u *unitRecord) error {
	if err := r.flush(false); err != nil {
		return err
	}
	stored, err := must(r.l.kv, pageKey(u.loc))
	if err != nil {
		return err
	}
	d, _, err := pages.SplitTree(stored)
	if err == nil {
		u.level = d[1]
	}
	return err
}

// addPages verifies a part of pages and writes those that are not there.
func (r *Restore) addPages(p snapshot.Part, b []byte) error {
	list, err := snapshot.DecodePages(p, b)
	if err != nil {
		return err
	}
	top := r.pending[len(r.pending)-1]
	if top.level >= 0 && list[0].Level() != top.level {
		return fmt.Errorf("%w: %w: page %x is at another level", snapshot.ErrInvalid,
			snapshot.ErrManifest, p.ID[:8])
	}
	r.pending = r.pending[:len(r.pending)-1]
	from := len(r.pending)
	if _, err := r.write(p.Kind, list, top.loc); err != nil {
		return err
	}
	slices.Reverse(r.pending[from:]) // the next is taken from the end
	return nil
}

// write writes the first page of a list and all below it, and returns what follows.
func (r *Restore) write(kind snapshot.Kind, list []snapshot.Page, loc tree.Loc) (
	rest []snapshot.Page, err error,
) {
	p := &list[0]
	rest = list[1:]
	locs := make([]tree.Loc, len(p.Kids))
	for i, id := range p.Kids {
		have, ok := r.have[id]
		switch {
		case !p.Here:
			locs[i] = r.want(id, p.Level()-1)
		case ok:
			locs[i], rest = have, skipPage(rest)
			r.used[have] = true
		default:
			locs[i] = r.place()
			if rest, err = r.write(kind, rest, locs[i]); err != nil {
				return nil, err
			}
		}
	}
	stored := pages.JoinTree(p.Bytes, locs)
	if kind == snapshot.KindState {
		stored = pages.JoinState(p.Bytes, p.ID, locs)
	}
	return rest, r.set(pageKey(loc), stored)
}

// skipPage passes over a page and all below it.
func skipPage(list []snapshot.Page) []snapshot.Page {
	n := len(list[0].Kids)
	here := list[0].Here
	list = list[1:]
	for ; here && n > 0; n-- {
		list = skipPage(list)
	}
	return list
}

// set adds a write, and writes the batch when it is large.
func (r *Restore) set(key, value []byte) error {
	r.batch.Set(key, value)
	if r.batch.Size() < r.l.batchSize {
		return nil
	}
	return r.flush(false)
}

func (r *Restore) flush(sync bool) error {
	if r.batch.Len() == 0 && !sync {
		return nil
	}
	if err := r.l.kv.Write(&r.batch, sync); err != nil {
		return err
	}
	r.batch.Reset()
	return nil
}

// Finish makes the restored checkpoint the newest one of the store, when no part is needed any
// more.
//
// Errors: those of the store.
func (r *Restore) Finish() error {
	invariant.Check(r.at == len(r.parts) && r.unit == len(r.m.Units), "parts are missing")
	if err := r.flush(true); err != nil {
		return err
	}
	orphans, err := r.orphans()
	if err != nil {
		return err
	}
	var b store.Batch
	b.Set(heightKey(classOrphans, r.m.Height), orphans.encode())
	b.Set(checkpointKey(r.m.Height), r.record.encode())
	return r.l.kv.Write(&b, true)
}

// orphans lists what the old checkpoint has and the restored one does not use.
func (r *Restore) orphans() (d deletions, err error) {
	old := r.l.durable.Load()
	if err := r.markUsed(); err != nil {
		return d, err
	}
	for _, u := range old.version.Units() {
		err := r.l.eachPage(old, u.Unit, func(_ proof.Hash, loc tree.Loc) {
			if !r.used[loc] {
				d.keys = append(d.keys, pageKey(loc))
			}
		})
		if err != nil {
			return d, err
		}
		gone := !slices.ContainsFunc(r.m.Units, func(n snapshot.Unit) bool {
			return n.Unit == u.Unit
		})
		if u.Unit.IsLog() && gone {
			d.log(u.Unit)
		}
	}
	return d, nil
}

// markUsed marks what lies below the pages that are used: all of it is.
func (r *Restore) markUsed() error {
	if len(r.used) == 0 {
		return nil
	}
	tops := r.used
	r.used = map[tree.Loc]bool{}
	//weir:unordered marks what is reached from any of them
	for loc := range tops {
		if err := r.markBelow(loc, -1); err != nil {
			return err
		}
	}
	return nil
}

func (r *Restore) markBelow(loc tree.Loc, level int) error {
	if r.used[loc] {
		return nil
	}
	if r.used[loc] = true; level == 0 {
		return nil
	}
	stored, err := must(r.l.kv, pageKey(loc))
	if err != nil {
		return err
	}
	kind := snapshot.KindTree
	if stored[0] == proof.DomainStatePage {
		kind = snapshot.KindState
	}
	_, links, err := split(kind, stored)
	for i := 0; err == nil && i < len(links); i++ {
		err = r.markBelow(links[i].Loc, int(stored[1])-1)
	}
	return err
}
