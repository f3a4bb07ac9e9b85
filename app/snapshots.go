package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/ledger"
	"weir/ledger/snapshot"
)

// snapshotsKept is how many snapshots are offered at a time. While a node fetches the older one,
// the newer can come.
const snapshotsKept = 2

// snapshots are what this node offers to nodes that join. They are made beside the blocks, and
// decide nothing.
type snapshots struct {
	mu       sync.Mutex
	offered  []*offer // the newest last
	exporter *ledger.Exporter
	busy     bool
	last     uint64 // the height of the checkpoint that was looked at last
}

// offer is a snapshot, cut into chunks: the manifest first, then runs of parts.
type offer struct {
	export   *ledger.Export
	manifest []byte
	runs     []snapshot.Run
}

func newOffer(x *ledger.Export) (*offer, error) {
	o := &offer{export: x, manifest: x.Manifest.Encode()}
	if len(o.manifest) > snapshot.ManifestMax {
		return nil, fmt.Errorf("the manifest has %d bytes", len(o.manifest))
	}
	var err error
	o.runs, err = snapshot.Chunks(x.Manifest.Parts())
	return o, err
}

// abci is the offer as CometBFT has it.
func (o *offer) abci() *abci.Snapshot {
	hash := sha256.Sum256(o.manifest)
	return &abci.Snapshot{
		Height: o.export.Manifest.Height, Format: snapshot.Format,
		Chunks: uint32(1 + len(o.runs)), Hash: hash[:],
	}
}

// chunk returns a chunk, nil if there is none with this number.
func (o *offer) chunk(i uint32) ([]byte, error) {
	if i == 0 {
		return o.manifest, nil
	}
	if int(i) > len(o.runs) {
		return nil, nil
	}
	var b []byte
	for at := o.runs[i-1].First; at < o.runs[i-1].End; at++ {
		part, err := o.export.Part(at)
		if err != nil {
			return nil, err
		}
		b = append(b, part...)
	}
	return b, nil
}

// offerSnapshot makes a snapshot of the last durable checkpoint if one is due.
func (a *App) offerSnapshot() {
	if !a.snaps.due(a.ledger(), a.cfg.SnapshotBlocks) {
		return
	}
	work := func() {
		o, err := a.snaps.add()
		if err != nil {
			a.cfg.Log.Error("no snapshot was made", "err", err)
			return
		}
		a.cfg.Log.Info("a snapshot is offered", "height", o.export.Manifest.Height,
			"chunks", 1+len(o.runs))
	}
	if a.cfg.Beside == nil {
		work()
		return
	}
	a.cfg.Beside(work)
}

// due tells whether the last durable checkpoint is the first one since the last multiple of every
// heights, and begins the work on it. Nodes with the same setting find the same ones due, but for
// the first after a start.
func (s *snapshots) due(led *ledger.Ledger, every uint64) bool {
	height := led.Durable()
	s.mu.Lock()
	defer s.mu.Unlock()
	if every == 0 || height <= s.last {
		return false
	}
	due := !s.busy && (s.last == 0 || height/every > s.last/every)
	s.last = height
	if due {
		s.busy = true
	}
	if s.exporter == nil {
		s.exporter = led.Exporter()
	}
	return due
}

// errReplaced is a snapshot of a ledger that another has replaced meanwhile.
var errReplaced = errors.New("the ledger is another one now")

// add makes a snapshot and gives up the oldest that is too many.
func (s *snapshots) add() (o *offer, err error) {
	s.mu.Lock()
	exporter := s.exporter
	s.busy = exporter != nil
	s.mu.Unlock()
	if exporter == nil {
		return nil, errReplaced
	}
	x, err := exporter.Snapshot()
	if err == nil {
		if o, err = newOffer(x); err != nil {
			x.Release()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = false
	if err == nil && s.exporter != exporter {
		x.Release()
		err = errReplaced
	}
	if err != nil {
		return nil, err
	}
	s.offered = append(s.offered, o)
	if len(s.offered) > snapshotsKept {
		s.offered[0].export.Release()
		s.offered = s.offered[1:]
	}
	return o, nil
}

// at returns the offer of a height, nil if there is none.
func (s *snapshots) at(height uint64) *offer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.offered {
		if o.export.Manifest.Height == height {
			return o
		}
	}
	return nil
}

// reset forgets all: the ledger is another one.
func (s *snapshots) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.offered {
		o.export.Release()
	}
	s.offered, s.exporter, s.last = nil, nil, 0
}

// ListSnapshots implements abci.Application.
func (a *App) ListSnapshots(context.Context, *abci.RequestListSnapshots) (
	*abci.ResponseListSnapshots, error,
) {
	a.snaps.mu.Lock()
	defer a.snaps.mu.Unlock()
	r := &abci.ResponseListSnapshots{}
	for _, o := range a.snaps.offered {
		r.Snapshots = append(r.Snapshots, o.abci())
	}
	return r, nil
}

// LoadSnapshotChunk implements abci.Application. A chunk that this node has not is empty.
func (a *App) LoadSnapshotChunk(_ context.Context, r *abci.RequestLoadSnapshotChunk) (
	*abci.ResponseLoadSnapshotChunk, error,
) {
	o := a.snaps.at(r.Height)
	if o == nil || r.Format != snapshot.Format {
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	b, err := o.chunk(r.Chunk)
	if err != nil {
		a.cfg.Log.Error("a chunk of a snapshot cannot be read", "err", err)
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	return &abci.ResponseLoadSnapshotChunk{Chunk: b}, nil
}
