package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/ledger"
	"weir/ledger/snapshot"
)

// joining is a snapshot that is being restored.
type joining struct {
	height  uint64
	hash    [32]byte // of the manifest
	appHash [32]byte // that the light client trusts
	chunks  uint32
	next    uint32 // chunk
	restore *ledger.Restore
	parts   []snapshot.Part
	runs    []snapshot.Run
}

// OfferSnapshot implements abci.Application. CometBFT offers only while it has no state itself;
// what the application may have is then left from a join that did not end, or is what a node that
// starts over keeps, so that it fetches less.
func (a *App) OfferSnapshot(_ context.Context, r *abci.RequestOfferSnapshot) (
	*abci.ResponseOfferSnapshot, error,
) {
	s := r.Snapshot
	switch {
	case s == nil || len(s.Hash) != sha256.Size || len(r.AppHash) != sha256.Size ||
		s.Chunks == 0 || s.Height == 0:
		return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT}, nil
	case s.Format != snapshot.Format:
		return &abci.ResponseOfferSnapshot{
			Result: abci.ResponseOfferSnapshot_REJECT_FORMAT,
		}, nil
	}
	a.running.Lock()
	defer a.running.Unlock()
	a.joining = nil
	if err := a.ledger().Wait(); err != nil {
		return nil, err
	}
	a.joining = &joining{
		height: s.Height, chunks: s.Chunks,
		hash: [32]byte(s.Hash), appHash: [32]byte(r.AppHash),
	}
	a.snaps.reset()
	return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_ACCEPT}, nil
}

// ApplySnapshotChunk implements abci.Application. Chunks come in order. What is wrong is refused
// with its sender and fetched again; a snapshot that leads to other parts than it names is given
// up. The checkpoint is durable before the last call returns.
func (a *App) ApplySnapshotChunk(_ context.Context, r *abci.RequestApplySnapshotChunk) (
	resp *abci.ResponseApplySnapshotChunk, err error,
) {
	defer Recover(&err)
	a.running.Lock()
	defer a.running.Unlock()
	j := a.joining
	if j == nil || r.Index >= j.chunks {
		return &abci.ResponseApplySnapshotChunk{
			Result: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
		}, nil
	}
	if r.Index == 0 {
		err = a.beginJoin(j, r.Chunk)
	} else {
		err = j.add(r.Index, r.Chunk)
	}
	if err == nil && r.Index+1 == j.chunks {
		err = a.endJoin(j)
	}
	switch {
	case errors.Is(err, snapshot.ErrManifest):
		a.cfg.Log.Warn("a snapshot was given up", "height", j.height, "err", err)
		a.joining = nil
		return &abci.ResponseApplySnapshotChunk{
			Result:        abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
			RejectSenders: []string{r.Sender},
		}, nil
	case errors.Is(err, snapshot.ErrInvalid):
		a.cfg.Log.Warn("a chunk of a snapshot was refused", "chunk", r.Index,
			"sender", r.Sender, "err", err)
		return &abci.ResponseApplySnapshotChunk{
			Result:        abci.ResponseApplySnapshotChunk_RETRY,
			RefetchChunks: []uint32{r.Index}, RejectSenders: []string{r.Sender},
		}, nil
	case err != nil:
		return nil, fmt.Errorf("restoring a snapshot: %w", err)
	}
	return &abci.ResponseApplySnapshotChunk{
		Result: abci.ResponseApplySnapshotChunk_ACCEPT,
	}, nil
}

// beginJoin takes the manifest and opens the ledger to restore into.
func (a *App) beginJoin(j *joining, chunk []byte) error {
	if j.restore != nil {
		return nil // again, after a later chunk of its sender was refused
	}
	if sha256.Sum256(chunk) != j.hash {
		return fmt.Errorf("%w: another manifest", snapshot.ErrInvalid)
	}
	m, err := snapshot.Decode(chunk)
	if err == nil {
		err = m.Verify(j.appHash)
	}
	if err == nil {
		j.parts = m.Parts()
		j.runs, err = snapshot.Chunks(j.parts)
	}
	if err == nil && (m.Height != j.height || uint32(1+len(j.runs)) != j.chunks) {
		err = fmt.Errorf("%w: it is not what was offered", snapshot.ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", snapshot.ErrManifest, err)
	}
	if a.ledger().Durable() >= m.Height { // of an earlier join, above what CometBFT knows
		if err := ledger.Clear(a.cfg.Store); err != nil {
			return fmt.Errorf("clearing the store for a snapshot: %w", err)
		}
	}
	led, err := ledger.Open(a.cfg.Store, ledger.Options{CrashPoint: a.cfg.CrashPoint})
	if err == nil {
		j.restore, err = led.Restore(m, &Leaves{})
	}
	return err
}

// add takes a chunk of parts. Those that are there already are passed over.
func (j *joining) add(index uint32, chunk []byte) error {
	if j.restore == nil {
		return fmt.Errorf("%w: a chunk before the manifest", snapshot.ErrManifest)
	}
	run := j.runs[index-1]
	for i := run.First; i < run.End; i++ {
		size := int(j.parts[i].Size)
		if len(chunk) < size {
			return fmt.Errorf("%w: a chunk is too short", snapshot.ErrInvalid)
		}
		part := chunk[:size]
		chunk = chunk[size:]
		next, ok := j.restore.Next()
		if !ok || next > i {
			continue
		}
		if next < i {
			return fmt.Errorf("%w: part %d comes before %d", snapshot.ErrManifest, i, next)
		}
		if err := j.restore.Add(part); err != nil {
			return err
		}
	}
	if len(chunk) > 0 {
		return fmt.Errorf("%w: a chunk is too long", snapshot.ErrInvalid)
	}
	return nil
}

// endJoin makes the restored checkpoint durable and stands on it.
func (a *App) endJoin(j *joining) error {
	if _, more := j.restore.Next(); more {
		return fmt.Errorf("%w: parts are missing", snapshot.ErrManifest)
	}
	if err := j.restore.Finish(); err != nil {
		return err
	}
	a.joining = nil
	led, x, err := openState(a.cfg)
	if err != nil {
		return err
	}
	hash := led.AppHash()
	if x == nil || led.Height() != j.height || !bytes.Equal(hash[:], j.appHash[:]) {
		return fmt.Errorf("the restored ledger stands at height %d", led.Height())
	}
	a.stands.Store(led)
	a.exec, a.genesis, a.pending = x, nil, nil
	a.pool.Store(nil)
	s := x.snapshot(led.Latest())
	a.publish(s)
	a.cfg.Log.Info("a snapshot was restored", "height", j.height)
	return a.advancePool(s, nil)
}
