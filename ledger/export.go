package ledger

import (
	"errors"
	"fmt"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// Exporter makes snapshots of checkpoints. It remembers how large the parts of the last one were,
// so that the next looks only at pages that changed and at leaves that came. It belongs to one
// goroutine.
type Exporter struct {
	l     *Ledger
	known map[tree.Loc]*planned // inner pages of the last snapshot
	next  map[tree.Loc]*planned
	logs  map[Unit]*plannedLog
}

// Exporter returns one that remembers nothing yet.
func (l *Ledger) Exporter() *Exporter {
	return &Exporter{l: l, logs: map[Unit]*plannedLog{}}
}

// Export is a snapshot, ready to be handed out. Its parts are read from the store when they are
// asked for, verified; safe for concurrent use until Release.
type Export struct {
	Manifest *snapshot.Manifest
	kv       store.KV
	parts    []source
	cut      map[tree.Loc]bool // inner pages whose children are parts
	release  func()
}

// source is where a part comes from.
type source struct {
	part  snapshot.Part
	loc   tree.Loc // of pages
	unit  Unit     // of logs
	first uint64   // of logs: the first leaf
	log   *eventlog.Log
	kv    store.KV
}

// Release lets the ledger give up the checkpoint.
func (x *Export) Release() { x.release() }

// Snapshot describes the last durable checkpoint, which stays in the store until the snapshot is
// released. It reads what it has not seen before: all of a ledger, the first time.
//
// Errors: ErrNoUnit when there is no checkpoint; ErrCorrupt, and those of the store.
func (e *Exporter) Snapshot() (*Export, error) {
	d, height, err := e.pinned()
	if err != nil {
		return nil, err
	}
	x := &Export{
		Manifest: &snapshot.Manifest{
			Height: height, Time: d.version.time, AppHash: d.version.AppHash(),
		},
		kv: e.l.kv, cut: map[tree.Loc]bool{},
		release: func() { e.l.pins.add(height, -1) },
	}
	e.next = map[tree.Loc]*planned{}
	for _, u := range d.version.Units() {
		if err := e.unit(x, d, u); err != nil {
			x.Release()
			return nil, fmt.Errorf("unit %x: %w", u.Unit[:], err)
		}
	}
	e.known, e.next = e.next, nil
	if err := x.Manifest.Verify(x.Manifest.AppHash); err != nil {
		x.Release()
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return x, nil
}

// pinned returns the last durable checkpoint, which will not be pruned.
func (e *Exporter) pinned() (*durable, uint64, error) {
	for {
		d := e.l.durable.Load()
		height := d.version.height
		if height == 0 {
			return nil, 0, fmt.Errorf("%w: there is no checkpoint yet", ErrNoUnit)
		}
		e.l.pins.add(height, 1)
		_, ok, err := e.l.kv.Get(checkpointKey(height))
		if ok && err == nil {
			return d, height, nil
		}
		e.l.pins.add(height, -1) // it went before it was pinned; there is a newer one
		if err != nil {
			return nil, 0, err
		}
	}
}

// unit adds a unit to a snapshot.
func (e *Exporter) unit(x *Export, d *durable, r proof.UnitRoot) error {
	u := snapshot.Unit{Unit: r.Unit, Root: r.Root}
	from := len(x.parts)
	var err error
	switch {
	case r.Unit.IsTree():
		ref := d.version.find(r.Unit).tree.Ref()
		id, ok := ref.ID()
		if !ok {
			return fmt.Errorf("%w: a stored page without id", ErrCorrupt)
		}
		err = e.pages(x, snapshot.KindTree, id, ref.Loc())
	case r.Unit.IsState():
		ref := d.states[r.Unit].RootRef()
		if u.Entries, u.Page = ref.Entries, ref.ID; ref.Entries > 0 {
			err = e.pages(x, snapshot.KindState, ref.ID, ref.Loc)
		}
	case r.Unit.IsLog():
		log := d.version.find(r.Unit).log
		u.Log, u.Kept = log.State(), log.Kept()
		err = e.log(x, r.Unit, log)
	}
	if err != nil {
		return err
	}
	for i := from; i < len(x.parts); i++ {
		u.Parts = append(u.Parts, x.parts[i].part)
	}
	x.Manifest.Units = append(x.Manifest.Units, u)
	return nil
}

// planned is a page with the pages below it that go into the same part.
type planned struct {
	id   proof.Hash
	loc  tree.Loc
	size int        // of all of them, as they stand in a part
	cut  bool       // an inner page whose children are parts
	kids []*planned // of an inner page
}

// pages plans the parts of a tree or of operator state.
func (e *Exporter) pages(x *Export, kind snapshot.Kind, id proof.Hash, loc tree.Loc) error {
	root, err := e.plan(kind, pages.Link{ID: id, Loc: loc})
	if err == nil {
		err = x.emit(kind, root)
	}
	return err
}

// plan measures a page and all below it. Where they are too much for one part, the children of a
// page become parts; so the cut is a function of the pages below.
func (e *Exporter) plan(kind snapshot.Kind, at pages.Link) (*planned, error) {
	if p := e.known[at.Loc]; p != nil && p.id == at.ID {
		e.remember(p)
		return p, nil
	}
	stored, err := must(e.l.kv, pageKey(at.Loc))
	if err != nil {
		return nil, err
	}
	body, links, err := split(kind, stored)
	if err != nil {
		return nil, err
	}
	p := &planned{id: at.ID, loc: at.Loc, size: snapshot.PageSize(len(body), len(links) > 0)}
	own := p.size
	for _, link := range links {
		kid, err := e.plan(kind, link)
		if err != nil {
			return nil, err
		}
		p.kids = append(p.kids, kid)
		p.size += kid.size
	}
	if len(links) > 0 && p.size > snapshot.PartTarget {
		p.cut, p.size = true, own
	}
	if len(links) > 0 {
		e.next[p.loc] = p
	}
	return p, nil
}

// remember takes over what is known of a page and of all below it.
func (e *Exporter) remember(p *planned) {
	if len(p.kids) == 0 {
		return
	}
	e.next[p.loc] = p
	for _, kid := range p.kids {
		e.remember(kid)
	}
}

// emit adds the part that begins with a page, and those below it.
func (x *Export) emit(kind snapshot.Kind, p *planned) error {
	size := 1 + p.size
	if size > snapshot.PartMax {
		return fmt.Errorf("a part of %d bytes, more than %d", size, snapshot.PartMax)
	}
	x.parts = append(x.parts, source{
		part: snapshot.Part{Kind: kind, ID: p.id, Size: uint32(size)}, loc: p.loc,
	})
	return x.below(kind, p)
}

func (x *Export) below(kind snapshot.Kind, p *planned) error {
	if p.cut {
		x.cut[p.loc] = true
	}
	for _, kid := range p.kids {
		var err error
		if p.cut {
			err = x.emit(kind, kid)
		} else {
			err = x.below(kind, kid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// split takes a stored page apart.
func split(kind snapshot.Kind, stored []byte) (body []byte, links []pages.Link, err error) {
	if kind == snapshot.KindTree {
		body, links, err = pages.SplitTree(stored)
	} else {
		body, links, err = pages.SplitState(stored)
	}
	if errors.Is(err, pages.ErrInvalid) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return body, links, err
}

// Part returns the bytes of a part, by its place in the manifest. Pages and leaves are verified.
//
// Errors: ErrCorrupt, and those of the store.
func (x *Export) Part(i int) ([]byte, error) {
	s := &x.parts[i]
	b := append(make([]byte, 0, s.part.Size), byte(s.part.Kind))
	var err error
	switch s.part.Kind {
	case snapshot.KindTree, snapshot.KindState:
		if b, err = x.appendPages(b, s.part.Kind, s.loc); err == nil {
			_, err = snapshot.DecodePages(s.part, b)
		}
	case snapshot.KindLeaves:
		b, err = s.appendLeaves(b)
	case snapshot.KindHashes:
		b, err = s.appendHashes(b)
	}
	if errors.Is(err, snapshot.ErrInvalid) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return b, err
}

func (x *Export) appendPages(b []byte, kind snapshot.Kind, loc tree.Loc) ([]byte, error) {
	stored, err := must(x.kv, pageKey(loc))
	if err != nil {
		return nil, err
	}
	body, links, err := split(kind, stored)
	if err != nil {
		return nil, err
	}
	here := !x.cut[loc]
	b = snapshot.AppendPage(b, body, len(links) > 0, here)
	for i := 0; here && i < len(links); i++ {
		if b, err = x.appendPages(b, kind, links[i].Loc); err != nil {
			return nil, err
		}
	}
	return b, nil
}
