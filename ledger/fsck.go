package ledger

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"weir/ledger/store"
	"weir/ledger/tree"
)

// FsckProblemsDefault is how many problems a report keeps.
const FsckProblemsDefault = 20

// FsckOptions of a check.
type FsckOptions struct {
	// Payload, when set, checks a payload against the leaf that binds it.
	Payload func(u Unit, leaf, payload []byte) error
	// Progress, when set, is told how many of the store's entries have been checked.
	Progress func(done, total uint64)
	// Problems is how many problems are kept; 0 means FsckProblemsDefault. All are counted.
	Problems int
	// CacheBytes is how much memory pages may take while changes are applied again; 0 means
	// CacheBytesDefault.
	CacheBytes int
}

// Fsck is what a check found.
type Fsck struct {
	Oldest, Newest uint64 // heights of the checkpoints
	Checkpoints    uint64
	Trees, Logs    uint64 // units, in all checkpoints together
	States         uint64 // operators with state
	Pages          uint64 // of trees
	Entries        uint64 // in those pages
	StatePages     uint64 // of operator state
	Leaves         uint64 // records of logs
	Payloads       uint64
	Erased         uint64 // payloads that were erased
	HashBlocks     uint64 // blocks of log hashes in the store
	Blocks         uint64 // blocks whose changes are kept
	Changes        uint64 // records of changes
	Lists          uint64 // lists of what is to be deleted
	Listed         uint64 // what they name
	Leftovers      uint64 // what nothing needs, and the node removes or writes over by itself
	Bytes          uint64 // keys and values of the store

	Problems uint64        // all of them
	First    []FsckProblem // the first of them
	// Unjudged names what could not be checked because of the problems.
	Unjudged []string
}

// FsckProblem is one thing that is not as it should be.
type FsckProblem struct {
	Height uint64 // of the checkpoint or the block; 0 when it concerns none
	Unit   Unit   // the zero Unit when it concerns none
	Key    []byte // the smallest key below the page, or the key of the store
	Err    error
}

// fsck is a check under way.
type fsck struct {
	kv    store.KV
	o     FsckOptions
	r     Fsck
	total uint64 // entries of the store
	done  uint64

	heights []uint64 // of checkpoint records, ascending
	records []*record
	stored  map[tree.Loc]bool
	seen    map[tree.Loc]*seenPage
	lists   []listed
	changes []uint64 // heights with changes
	logs    map[Unit]*logFsck
}

// seenPage is a page that was verified.
type seenPage struct {
	id     Hash
	last   []byte // greatest key below
	unit   Unit
	newest uint64 // the newest checkpoint that has it
	n      int    // entries
	level  int
}

type listed struct {
	height uint64
	list   deletions
}

// RunFsck reads everything in a store, which nobody may write to: checkpoint records, pages, log
// records and hashes, changes of blocks, and lists of what is to be deleted. It checks ids, hashes,
// roots, app hashes and rules of shape, that what is listed for deletion is in use by none that
// stays, and that what is in use by none is listed. It writes nothing.
//
// Errors: those of the store. What is wrong with its bytes is in the report.
func RunFsck(kv store.KV, o FsckOptions) (*Fsck, error) {
	if o.Problems <= 0 {
		o.Problems = FsckProblemsDefault
	}
	if o.Progress == nil {
		o.Progress = func(_, _ uint64) {}
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = CacheBytesDefault
	}
	f := &fsck{
		kv: kv, o: o, stored: map[tree.Loc]bool{}, seen: map[tree.Loc]*seenPage{},
		logs: map[Unit]*logFsck{},
	}
	for _, step := range []func() error{
		f.sweep, f.checkpoints, f.contents, f.orphans, f.blocks, f.checkLogs,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	f.o.Progress(f.total, f.total)
	return &f.r, nil
}

// problem notes what is wrong with the store's bytes, and returns any other error.
func (f *fsck) problem(height uint64, u Unit, key []byte, err error) error {
	if !isDamage(err) {
		return err
	}
	f.r.Problems++
	if len(f.r.First) < f.o.Problems {
		f.r.First = append(f.r.First, FsckProblem{height, u, slices.Clone(key), err})
	}
	return nil
}

// corrupt makes a problem.
func (f *fsck) corrupt(height uint64, u Unit, key []byte, format string, args ...any) error {
	return f.problem(height, u, key,
		fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...)))
}

func (f *fsck) progress(n uint64) {
	before := f.done
	if f.done += n; f.done>>8 != before>>8 {
		f.o.Progress(f.done, f.total)
	}
}

// sweep notes what there is.
func (f *fsck) sweep() error {
	return f.kv.Scan([]byte{0}, nil, func(key, value []byte) error {
		f.total++
		f.r.Bytes += uint64(len(key) + len(value))
		if !f.note(key, value) {
			return f.corrupt(0, Unit{}, key, "an unknown key, or an invalid record")
		}
		return nil
	})
}

// note files one entry of the store; false: it cannot be one.
func (f *fsck) note(key, value []byte) bool {
	const height, unit = 1 + 8, 1 + len(Unit{}) + 8
	switch class := key[0]; class {
	case classCheckpoint:
		if len(key) == height {
			f.heights = append(f.heights, binary.BigEndian.Uint64(key[1:]))
		}
		return len(key) == height
	case classPage:
		if len(key) != height+4 {
			return false
		}
		f.stored[tree.Loc{
			Batch: binary.BigEndian.Uint64(key[1:]), Seq: binary.BigEndian.Uint32(key[9:]),
		}] = true
	case classOrphans:
		d, err := decodeDeletions(slices.Clone(value))
		if err != nil || len(key) != height {
			return false
		}
		f.lists = append(f.lists, listed{binary.BigEndian.Uint64(key[1:]), d})
		f.r.Lists++
		f.r.Listed += uint64(len(d.keys) + len(d.ranges))
	case classChanges:
		if len(key) == height {
			f.changes = append(f.changes, binary.BigEndian.Uint64(key[1:]))
		}
		return len(key) == height || len(key) == height+len(Unit{})
	case classLeaf, classPayload, classHashes:
		if len(key) != unit {
			return false
		}
		f.log(Unit(key[1:])).note(class, binary.BigEndian.Uint64(key[unit-8:]))
	default:
		return false
	}
	return true
}

// checkpoints reads the records.
func (f *fsck) checkpoints() error {
	l := f.ledger()
	for _, h := range f.heights {
		r, err := l.record(h)
		if err != nil {
			if err = f.problem(h, Unit{}, checkpointKey(h), err); err != nil {
				return err
			}
			continue
		}
		f.r.Checkpoints++
		f.progress(1)
		f.records = append(f.records, r)
		if err := f.units(r); err != nil {
			return err
		}
	}
	if n := len(f.records); n > 0 {
		f.r.Oldest, f.r.Newest = f.records[0].height, f.records[n-1].height
	}
	return nil
}

// ledger reads as a ledger does, with a cache of its own.
func (f *fsck) ledger() *Ledger {
	return &Ledger{
		kv: f.kv, cache: &cache{kv: f.kv, budget: f.o.CacheBytes}, logs: newLogCache(),
	}
}

// units checks a record's units against its app hash.
func (f *fsck) units(r *record) error {
	changes := make([]tree.TopChange, len(r.units))
	for i := range r.units {
		changes[i] = tree.TopChange{Unit: r.units[i].unit, Root: &r.units[i].root}
	}
	top, err := tree.NewTop().Apply(changes)
	if err == nil && top.Root() != r.appHash {
		err = fmt.Errorf("%w: the units give another app hash", ErrCorrupt)
	}
	if err != nil {
		return f.problem(r.height, Unit{}, checkpointKey(r.height), err)
	}
	return nil
}

// contents verifies what the checkpoints refer to, the newest first.
func (f *fsck) contents() error {
	for _, r := range slices.Backward(f.records) {
		ids := map[Unit]Hash{}
		for i := range r.units {
			ids[r.units[i].unit] = r.units[i].root
		}
		for i := range r.units {
			if err := f.unit(r, &r.units[i], ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// unit verifies one unit of a checkpoint; records of logs wait for checkLogs.
func (f *fsck) unit(r *record, u *unitRecord, ids map[Unit]Hash) error {
	var err error
	switch {
	case u.unit.IsTree():
		f.r.Trees++
		id, ok := ids[u.unit.PageIDUnit()]
		if !ok {
			return f.corrupt(r.height, u.unit, nil, "no page id under the app hash")
		}
		return f.tree(r.height, u, id)
	case u.unit.IsLog():
		f.r.Logs++
		_, err = f.ledger().openLog(u)
		f.log(u.unit).checkpoint(u)
	case u.unit.IsState():
		f.r.States++
		err = f.state(r.height, u)
	}
	if err != nil {
		return f.problem(r.height, u.unit, nil, err)
	}
	return nil
}

// orphans compares what is in use with what is listed for deletion and with what is stored.
func (f *fsck) orphans() error {
	if f.r.Problems > 0 || len(f.records) == 0 {
		if f.r.Problems > 0 {
			f.r.Unjudged = append(f.r.Unjudged, "what is in use by no checkpoint")
		}
		return nil
	}
	named := map[tree.Loc]uint64{}
	for _, l := range f.lists {
		if err := f.list(l, named); err != nil {
			return err
		}
	}
	next := map[uint64]uint64{}
	for i := 1; i < len(f.records); i++ {
		next[f.records[i-1].height] = f.records[i].height
	}
	for _, loc := range slices.SortedFunc(maps.Keys(f.seen), compareLocs) {
		s := f.seen[loc]
		if h, last := named[loc], s.newest == f.r.Newest; !last && h != next[s.newest] {
			err := f.corrupt(s.newest, s.unit, pageKey(loc),
				"only checkpoints up to here have the page, and no list names it")
			if err != nil {
				return err
			}
		}
	}
	for _, loc := range slices.SortedFunc(maps.Keys(f.stored), compareLocs) {
		switch {
		case f.seen[loc] != nil:
		case loc.Batch > f.r.Newest, named[loc] > 0 && named[loc] <= f.r.Oldest:
			f.r.Leftovers++
		default:
			err := f.corrupt(0, Unit{}, pageKey(loc), "no checkpoint has the page")
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func compareLocs(a, b tree.Loc) int {
	return cmp.Or(cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Seq, b.Seq))
}

// list checks one list: what it names is in use only before it.
func (f *fsck) list(l listed, named map[tree.Loc]uint64) error {
	key := heightKey(classOrphans, l.height)
	f.progress(1)
	if l.height > f.r.Newest {
		f.r.Leftovers++
		return nil
	}
	for _, k := range l.list.keys {
		if len(k) != 13 || k[0] != classPage {
			return f.corrupt(l.height, Unit{}, key, "the list names %x, which is no page", k)
		}
		loc := tree.Loc{Batch: binary.BigEndian.Uint64(k[1:]), Seq: binary.BigEndian.Uint32(k[9:])}
		named[loc] = l.height
		s := f.seen[loc]
		var err error
		switch {
		case s != nil && s.newest >= l.height:
			err = f.corrupt(l.height, s.unit, k, "a page is listed for deletion that checkpoint "+
				"%d has", s.newest)
		case s == nil && l.height > f.r.Oldest:
			err = f.corrupt(l.height, Unit{}, k, "a page is listed for deletion that no "+
				"checkpoint has")
		}
		if err != nil {
			return err
		}
	}
	for _, r := range l.list.ranges {
		if err := f.listedLog(l.height, r); err != nil {
			return err
		}
	}
	return nil
}

// listedLog checks one range of a list: all that a class has of a dropped log.
func (f *fsck) listedLog(height uint64, r [2][]byte) error {
	key := heightKey(classOrphans, height)
	if len(r[0]) != 1+len(Unit{})+8 {
		return f.corrupt(height, Unit{}, key, "the list names the range from %x on", r[0])
	}
	u := Unit(r[0][1:])
	var want deletions
	want.log(u)
	if !slices.ContainsFunc(want.ranges, func(w [2][]byte) bool {
		return bytes.Equal(w[0], r[0]) && bytes.Equal(w[1], r[1])
	}) {
		return f.corrupt(height, u, key, "the list names the range from %x to %x", r[0], r[1])
	}
	newest := f.newestWith(u)
	switch {
	case newest >= height:
		return f.corrupt(height, u, key, "a log is listed for deletion that checkpoint %d has",
			newest)
	case newest == 0 && height > f.r.Oldest:
		return f.corrupt(height, u, key, "a log is listed for deletion that no checkpoint has")
	}
	c := f.log(u)
	c.listed = append(c.listed, listedRange{height, r[0][0]})
	return nil
}

// newestWith is the height of the newest checkpoint that has a unit, 0 for none.
func (f *fsck) newestWith(u Unit) uint64 {
	for _, r := range slices.Backward(f.records) {
		if r.unit(u) != nil {
			return r.height
		}
	}
	return 0
}
