package ledger

import (
	"fmt"

	"weir/ledger/eventlog"
	"weir/ledger/snapshot"
)

// logRestore builds one log.
type logRestore struct {
	r     *Restore
	u     *snapshot.Unit
	log   *eventlog.Log
	base  *eventlog.Log // what the ledger has of it, nil for nothing of use
	first uint64        // leaf of the part that comes next
	size  int           // bytes since the last save
	next  uint64        // offset that the next leaf has to have
}

// openLog begins a log, with what the ledger has of it.
func (r *Restore) openLog(u *snapshot.Unit) (*logRestore, error) {
	if err := r.leaves.Kept(u.Unit, u.Log, u.Kept); err != nil {
		return nil, fmt.Errorf("%w: %w: log %x: %w", snapshot.ErrInvalid, snapshot.ErrManifest,
			u.Unit[:], err)
	}
	l := &logRestore{r: r, u: u, log: eventlog.New(r.l.logSource(u.Unit)), next: u.Kept.Offset}
	c := r.l.durable.Load().version.find(u.Unit)
	if c == nil || c.log == nil || c.log.Size() > u.Log.Size || c.log.Kept().From > u.Kept.From {
		return l, nil
	}
	same, err := isPrefix(c.log, u.Parts)
	if same {
		l.log, l.base = c.log, c.log
	}
	return l, err
}

// isPrefix tells whether the parts that a log covers have its hashes. A log that differs is built
// from its beginning.
func isPrefix(log *eventlog.Log, parts []snapshot.Part) (bool, error) {
	at := uint64(0)
	for _, p := range parts {
		if at+1<<p.Level > log.Size() {
			break
		}
		h, err := log.Subtree(int(p.Level), at>>p.Level)
		if err != nil || h != p.ID {
			return false, err
		}
		at += 1 << p.Level
	}
	return true, nil
}

// needs tells whether a part has leaves that the log lacks, and passes over it if it has not.
func (l *logRestore) needs(p snapshot.Part) bool {
	end := l.first + 1<<p.Level
	if l.base == nil || end > l.base.Size() {
		return true
	}
	l.first = end
	return false
}

// add takes a part.
func (l *logRestore) add(p snapshot.Part, b []byte) error {
	if p.Kind == snapshot.KindHashes {
		return l.addHashes(p, b)
	}
	leaves, err := snapshot.DecodeLeaves(p, b, l.u.Unit, l.first, l.r.leaves)
	if err != nil {
		return err
	}
	for i := range leaves {
		if err := l.addLeaf(&leaves[i], l.first+uint64(i)); err != nil {
			return err
		}
	}
	l.first += uint64(len(leaves))
	return nil
}

func (l *logRestore) addHashes(p snapshot.Part, b []byte) error {
	hashes, err := snapshot.DecodeHashes(p, b)
	if err != nil {
		return err
	}
	for i := range hashes {
		if l.first+uint64(i) < l.log.Size() {
			continue
		}
		if l.log.Kept().From < l.log.Size() { // the ledger keeps more than the snapshot
			if l.log, err = l.log.Forget(l.log.Size()); err != nil {
				return err
			}
			if err := l.save(); err != nil {
				return err
			}
		}
		if l.log, err = l.log.AppendHash(hashes[i]); err != nil {
			return err
		}
	}
	l.first += uint64(len(hashes))
	return l.save()
}

// addLeaf appends a leaf whose hash has been verified.
func (l *logRestore) addLeaf(leaf *snapshot.Leaf, index uint64) (err error) {
	if index < l.log.Size() {
		return nil
	}
	if l.log.Kept().From == l.log.Size() && l.log.Next() < leaf.Bound.First {
		if l.log, err = l.log.KeepFrom(l.u.Kept.Offset); err != nil {
			return err
		}
	}
	if leaf.Bound.First != l.log.Next() {
		return fmt.Errorf("%w: %w: leaf %d of log %x begins at offset %d, not %d",
			snapshot.ErrInvalid, snapshot.ErrManifest, index, l.u.Unit[:], leaf.Bound.First, l.log.Next())
	}
	l.log, err = l.log.Append(leaf.Leaf, leaf.Bound.Rows, leaf.Payload)
	if err == nil && leaf.Erased {
		l.log, err = l.log.Erase(index)
	}
	if l.size += len(leaf.Leaf) + len(leaf.Payload); err == nil && l.size >= l.r.l.batchSize {
		err = l.save()
	}
	return err
}

// save hands over what is in memory.
func (l *logRestore) save() error {
	if err := l.log.Save(logKeeper{l.r.set, l.u.Unit}); err != nil {
		return err
	}
	if err := l.r.flush(false); err != nil { // what is trimmed is read from the store
		return err
	}
	l.log, l.size = l.log.Trim(), 0
	return nil
}

// finish checks the whole log.
func (l *logRestore) finish() (err error) {
	if l.log.Kept().From == l.log.Size() && l.log.Next() < l.u.Log.Next {
		if l.log, err = l.log.KeepFrom(l.u.Log.Next); err != nil {
			return err
		}
	}
	if l.log, err = l.log.Forget(l.u.Kept.From); err != nil {
		return err
	}
	if l.log.Root() != l.u.Root || l.log.Kept() != l.u.Kept {
		return fmt.Errorf("%w: %w: log %x has another root or keeps something else",
			snapshot.ErrInvalid, snapshot.ErrManifest, l.u.Unit[:])
	}
	return l.save()
}
