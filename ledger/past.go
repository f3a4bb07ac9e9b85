package ledger

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"weir/internal/invariant"
	"weir/ledger/tree"
)

// pastsKept is how many rebuilt versions of past heights are kept for the next question.
const pastsKept = 4

// ErrOutside is a question about a height that the ledger has not reached, or no longer keeps.
var ErrOutside = errors.New("ledger: height is outside of the kept window")

// past rebuilds a version between two checkpoints, unit by unit as they are asked for: the unit
// as the checkpoint before has it, and the changes of the blocks since.
type past struct {
	l      *Ledger
	from   *Version // the checkpoint
	recent []*changes
	latest *Version // has the logs

	mu   sync.Mutex
	done map[Unit]*content // nil: the unit does not exist
}

// open rebuilds the top tree of a height.
func (p *past) open(height uint64) (*Version, error) {
	v := &Version{height: height, time: p.from.time, top: p.from.top, past: p}
	for h := p.from.height + 1; h <= height; h++ {
		header, ok, err := p.header(h)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, ErrOutside
		}
		appHash, time, set, err := decodeHeader(header)
		if err != nil {
			return nil, err
		}
		if v.top, err = v.top.Apply(set); err != nil {
			return nil, err
		}
		v.time = time
		if v.AppHash() != appHash {
			return nil, fmt.Errorf("%w: the changes of block %d give another app hash",
				ErrCorrupt, h)
		}
	}
	return v, nil
}

func (p *past) header(height uint64) ([]byte, bool, error) {
	if c := p.block(height); c != nil {
		return c.header, true, nil
	}
	return p.l.kv.Get(heightKey(classChanges, height))
}

// block returns the changes of a block that are still in memory, nil if they are stored.
func (p *past) block(height uint64) *changes {
	i, ok := slices.BinarySearchFunc(p.recent, height, func(c *changes, h uint64) int {
		switch {
		case c.height < h:
			return -1
		case c.height > h:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return p.recent[i]
}

// find returns a unit of the version. What the store cannot give is a Fault.
func (p *past) find(v *Version, u Unit) *content {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.done[u]; ok {
		return c
	}
	c, err := p.rebuild(v, u)
	if err != nil {
		invariant.Raise(fmt.Errorf("unit %x at height %d: %w", u[:], v.height, err))
	}
	p.done[u] = c
	return c
}

func (p *past) rebuild(v *Version, u Unit) (*content, error) {
	root, ok := v.top.Get(u)
	if !ok {
		return nil, nil
	}
	c := &content{unit: u}
	if old := p.from.find(u); old != nil {
		*c = *old
	}
	var state []byte // of the log
	for h := p.from.height + 1; h <= v.height; h++ {
		body, err := p.body(h, u)
		if err != nil {
			return nil, err
		}
		switch {
		case body == nil:
		case u.IsTree():
			if c.tree, err = replay(c.tree, body); err != nil {
				return nil, err
			}
		default:
			state = body
		}
	}
	if state != nil {
		now := p.latest.find(u)
		if now == nil {
			return nil, fmt.Errorf("%w: the log was dropped", ErrOutside)
		}
		s, err := decodeLogState(state)
		if err != nil {
			return nil, err
		}
		if c.log, err = now.log.Prefix(s); err != nil {
			return nil, err
		}
	}
	if c.tree == nil && c.log == nil || c.root() != root {
		return nil, fmt.Errorf("%w: the kept changes give another root", ErrCorrupt)
	}
	return c, nil
}

// body returns what a block did to a unit.
func (p *past) body(height uint64, u Unit) ([]byte, error) {
	if c := p.block(height); c != nil {
		return c.unit(u), nil
	}
	b, ok, err := p.l.kv.Get(changesKey(height, u))
	if err != nil || !ok {
		return nil, err
	}
	return b, nil
}

// replay applies the batches of one block. An empty body made the tree.
func replay(t *tree.Tree, body []byte) (*tree.Tree, error) {
	batches, err := decodeBatches(body)
	if err != nil {
		return nil, err
	}
	if t == nil {
		t = tree.New()
	}
	for _, batch := range batches {
		if t, err = t.Apply(batch); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}
	t.Root()
	return t, nil
}

// At returns the version of a height: one of the latest from memory, any other of the window
// from the store. A Version of the past that meets a damaged store raises a Fault.
//
// Errors: ErrOutside; ErrCorrupt and those of the store.
func (l *Ledger) At(height uint64) (*Version, error) {
	recent := *l.recent.Load() // before the records: what leaves it is in the store by then
	versions := *l.versions.Load()
	latest := versions[len(versions)-1]
	if height > latest.height {
		return nil, ErrOutside
	}
	if i := int(height) - int(versions[0].height); i >= 0 {
		for _, v := range slices.Backward(versions) {
			if v.height == height {
				return v, nil
			}
		}
	}
	from, err := l.before(height)
	if err != nil {
		return nil, err
	}
	if v := l.remembered(height); v != nil {
		return v, nil
	}
	p := &past{l: l, from: from, recent: recent, latest: latest, done: map[Unit]*content{}}
	v, err := p.open(height)
	if err != nil {
		return nil, err
	}
	l.remember(v)
	return v, nil
}

// before opens the newest checkpoint at or below a height.
func (l *Ledger) before(height uint64) (*Version, error) {
	heights, err := l.checkpoints()
	if err != nil {
		return nil, err
	}
	i, ok := slices.BinarySearch(heights, height)
	if !ok {
		if i--; i < 0 {
			return nil, ErrOutside
		}
	}
	r, err := l.record(heights[i])
	if err != nil {
		return nil, err
	}
	return l.version(r)
}

// remembered finds a rebuilt version of the past.
func (l *Ledger) remembered(height uint64) *Version {
	l.pasts.Lock()
	defer l.pasts.Unlock()
	for _, v := range l.pasts.kept {
		if v.height == height {
			return v
		}
	}
	return nil
}

func (l *Ledger) remember(v *Version) {
	l.pasts.Lock()
	defer l.pasts.Unlock()
	kept := append([]*Version{v}, l.pasts.kept...)
	l.pasts.kept = kept[:min(len(kept), pastsKept)]
}

// Oldest is the lowest height from which on At gives every one. A snapshot that was restored over
// an earlier checkpoint leaves heights between the two that this ledger never saw; the earlier one
// stays only to fall back to.
func (l *Ledger) Oldest() (uint64, error) {
	heights, err := l.checkpoints()
	if err != nil {
		return 0, err
	}
	recent := *l.recent.Load()
	versions := *l.versions.Load()
	oldest := versions[0].height
	if len(heights) == 0 {
		return oldest, nil
	}
	p := past{l: l, recent: recent}
	from := len(heights) - 1
	for ; from > 0; from-- { // a checkpoint made by a block has the block's changes
		_, ok, err := p.header(heights[from])
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
	}
	return min(oldest, heights[from]), nil
}

// OldestCheckpoint is the height of the oldest checkpoint that is kept, 0 for none.
func (l *Ledger) OldestCheckpoint() (uint64, error) {
	heights, err := l.checkpoints()
	if err != nil || len(heights) == 0 {
		return 0, err
	}
	return heights[0], nil
}
