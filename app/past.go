package app

import (
	"errors"
	"fmt"
	"slices"

	"weir/internal/invariant"
	"weir/ledger"
)

// pastsKept is how many snapshots of past heights are kept for the next question.
const pastsKept = 4

// ErrOutside is a question about a height that this node has not reached or no longer keeps:
// 22023.
type ErrOutside struct{ Height, Oldest, Newest int64 }

func (e ErrOutside) Error() string {
	return fmt.Sprintf("height %d is not kept: this node has heights %d to %d", e.Height, e.Oldest,
		e.Newest)
}

// SnapshotAt is the state after the block of a height, which must lie in the window that this
// node keeps.
//
// Errors: ErrOutside; those of a damaged store.
func (a *App) SnapshotAt(height int64) (s *Snapshot, err error) {
	defer Recover(&err)
	now := a.Snapshot()
	if now == nil {
		return nil, ErrOutside{Height: height}
	}
	if height == now.Height() {
		return now, nil
	}
	if s := a.pasts.find(height); s != nil {
		return s, nil
	}
	v, err := a.version(height)
	if err != nil {
		return nil, err
	}
	x, err := load(a.cfg, v)
	if err != nil {
		return nil, fmt.Errorf("the state of height %d: %w", height, err)
	}
	s = x.snapshot(v)
	a.pasts.add(s)
	return s, nil
}

func (a *App) version(height int64) (*ledger.Version, error) {
	oldest, err := a.ledger().Oldest()
	if err != nil {
		return nil, err
	}
	outside := ErrOutside{Height: height, Oldest: int64(oldest), Newest: a.Snapshot().Height()}
	if height < max(1, outside.Oldest) || height > outside.Newest {
		return nil, outside
	}
	v, err := a.ledger().At(uint64(height))
	if errors.Is(err, ledger.ErrOutside) {
		return nil, outside
	}
	return v, err
}

// find returns the snapshot of a height, if it is kept.
func (p *pasts) find(height int64) *Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.kept, func(s *Snapshot) bool { return s.Height() == height })
	if i < 0 {
		return nil
	}
	return p.kept[i]
}

func (p *pasts) add(s *Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = slices.Insert(p.kept, 0, s)
	p.kept = p.kept[:min(len(p.kept), pastsKept)]
}

// Recover turns the panic of a damaged or failing store into an error of whoever reads. It is
// deferred; other panics go on.
func Recover(err *error) {
	switch p := recover().(type) {
	case nil:
	case invariant.Fault:
		*err = fmt.Errorf("reading the ledger: %w", p.Err)
	default:
		panic(p)
	}
}
