package abcisim

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
)

// joins counts what the joins of a walk met.
type joins struct{ joined, caughtUp, lies, crashes, chunks, erased int }

// TestJoin lets nodes join by state sync, from peers of which some lie, with crashes on the way;
// some begin with nothing, some fell behind. From then on they have every app hash and result
// that the others have.
func TestJoin(t *testing.T) {
	var sum joins
	for seed := range uint64(12) {
		s := &sim{
			opts: Options{Seed: seed + 100, Blocks: 60}, rng: rand.New(rand.NewPCG(seed+100, 7)),
			now: start,
		}
		if err := s.walkJoining(&sum); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	t.Logf("%+v", sum)
	if sum.joined < 10 || sum.caughtUp < 5 || sum.lies < 10 || sum.crashes < 5 ||
		sum.erased < 3 {
		t.Errorf("the joins were too tame: %+v", sum)
	}
}

func (s *sim) walkJoining(sum *joins) error {
	var err error
	if s.world, err = newWorld(s.rng); err != nil {
		return err
	}
	for range 2 {
		n := newNode()
		n.snapshots = 1 + s.rng.Uint64N(4)
		if err := s.open(n); err != nil {
			return err
		}
		s.nodes = append(s.nodes, n)
	}
	for b := range s.opts.Blocks {
		if err := s.step(); err != nil {
			return fmt.Errorf("height %d: %w", len(s.history)+1, err)
		}
		if b%12 != 11 {
			continue
		}
		n, behind := newNode(), len(s.nodes) > 2
		if behind { // the last one falls behind
			n = s.nodes[2]
			s.nodes = s.nodes[:2]
			for range 6 {
				if err := s.step(); err != nil {
					return err
				}
			}
			sum.caughtUp++
		}
		if err := s.join(n, behind, sum); err != nil {
			return fmt.Errorf("joining at height %d: %w", len(s.history), err)
		}
	}
	return nil
}

// join lets a node join from what the first one offers, and follow the others.
func (s *sim) join(n *node, behind bool, sum *joins) error {
	ctx := context.Background()
	list, err := s.nodes[0].app.ListSnapshots(ctx, &abci.RequestListSnapshots{})
	if err != nil || len(list.Snapshots) == 0 {
		return err // no checkpoint yet
	}
	snap := list.Snapshots[len(list.Snapshots)-1]
	n.store = n.store.Crash(0)
	if err := s.start(n); err != nil {
		return err
	}
	crashes := 2
	for {
		done, err := s.fetch(n, behind, snap, sum)
		if err != nil {
			return err
		}
		if done && (crashes == 0 || s.rng.IntN(2) == 0) {
			break
		}
		// It dies, on the way or after the last chunk and before CometBFT knows; CometBFT, which
		// has no state, offers again.
		if crashes > 0 {
			crashes--
			sum.crashes++
			n.store = n.store.Crash(s.rng.IntN(n.store.Unsynced() + 1))
			if err := s.start(n); err != nil {
				return err
			}
		}
	}
	info, err := n.app.Info(ctx, &abci.RequestInfo{})
	if err != nil || uint64(info.LastBlockHeight) != snap.Height ||
		!bytes.Equal(info.LastBlockAppHash, s.history[snap.Height-1].appHash) {
		return fmt.Errorf("it stands at %d, %x: %v", info.LastBlockHeight,
			info.LastBlockAppHash, err)
	}
	sum.joined++
	if len(n.app.Snapshot().Erasures()) > 0 {
		sum.erased++ // rows are gone that the snapshot had to answer for
	}
	for h := info.LastBlockHeight; h < int64(len(s.history)); h++ {
		hash, codes, err := n.execute(h+1, s.history[h])
		if err == nil {
			err = s.history[h].same(hash, codes)
		}
		if err != nil {
			return fmt.Errorf("height %d: %w", h+1, err)
		}
	}
	s.nodes = append(s.nodes, n)
	return nil
}

// fetch plays CometBFT: it offers a snapshot and brings its chunks. It may stop on the way.
func (s *sim) fetch(n *node, behind bool, snap *abci.Snapshot, sum *joins) (
	done bool, err error,
) {
	ctx := context.Background()
	offer, err := n.app.OfferSnapshot(ctx, &abci.RequestOfferSnapshot{
		Snapshot: snap, AppHash: s.history[snap.Height-1].appHash,
	})
	if err != nil || offer.Result != abci.ResponseOfferSnapshot_ACCEPT {
		return false, fmt.Errorf("offer: %v %v", offer, err)
	}
	refused := false
	for i := uint32(0); i < snap.Chunks; {
		if s.rng.IntN(8) == 0 {
			return false, nil
		}
		got, err := s.nodes[0].app.LoadSnapshotChunk(ctx, &abci.RequestLoadSnapshotChunk{
			Height: snap.Height, Format: snap.Format, Chunk: i,
		})
		if err != nil || len(got.Chunk) == 0 {
			return false, fmt.Errorf("chunk %d: %v", i, err)
		}
		chunk, sender := slices.Clone(got.Chunk), "honest"
		if s.rng.IntN(2) == 0 {
			sender = "liar"
			sum.lies++
			chunk[s.rng.IntN(len(chunk))] ^= 1 << s.rng.IntN(8)
		}
		r, err := n.app.ApplySnapshotChunk(ctx, &abci.RequestApplySnapshotChunk{
			Index: i, Chunk: chunk, Sender: sender,
		})
		if err != nil {
			return false, fmt.Errorf("chunk %d: %w", i, err)
		}
		if sender == "liar" && r.Result == abci.ResponseApplySnapshotChunk_RETRY &&
			slices.Equal(r.RefetchChunks, []uint32{i}) &&
			slices.Equal(r.RejectSenders, []string{"liar"}) {
			refused = true
			continue
		}
		if r.Result != abci.ResponseApplySnapshotChunk_ACCEPT || sender == "liar" {
			// Parts that the node has already, also from the chunk as it came before, are not
			// looked at.
			if sender == "honest" || !behind && !refused {
				return false, fmt.Errorf("chunk %d of a %s: %v", i, sender, r)
			}
		}
		sum.chunks++
		refused = false
		i++
	}
	return true, nil
}

// offering is a node that offers a snapshot, and one that joins.
type offering struct {
	t            *testing.T
	from, joiner *node
	snap         *abci.Snapshot
	appHash      []byte
}

func newOffering(t *testing.T) *offering {
	s := &sim{opts: Options{Seed: 5, Blocks: 30}, rng: rand.New(rand.NewPCG(5, 7)), now: start}
	var err error
	if s.world, err = newWorld(s.rng); err != nil {
		t.Fatal(err)
	}
	o := &offering{t: t, from: newNode(), joiner: newNode()}
	o.from.snapshots = 1
	if err := s.open(o.from); err != nil {
		t.Fatal(err)
	}
	s.nodes = []*node{o.from}
	for range 30 {
		if err := s.step(); err != nil {
			t.Fatal(err)
		}
	}
	list, err := o.from.app.ListSnapshots(t.Context(), &abci.RequestListSnapshots{})
	if err != nil || len(list.Snapshots) == 0 {
		t.Fatalf("no snapshot: %v", err)
	}
	o.snap = list.Snapshots[0]
	o.appHash = s.history[o.snap.Height-1].appHash
	if err := s.start(o.joiner); err != nil {
		t.Fatal(err)
	}
	return o
}

// offer offers the snapshot as edit changes it.
func (o *offering) offer(edit func(*abci.RequestOfferSnapshot)) abci.ResponseOfferSnapshot_Result {
	one := *o.snap
	one.Hash = slices.Clone(one.Hash)
	r := &abci.RequestOfferSnapshot{Snapshot: &one, AppHash: slices.Clone(o.appHash)}
	edit(r)
	got, err := o.joiner.app.OfferSnapshot(o.t.Context(), r)
	if err != nil {
		o.t.Fatal(err)
	}
	return got.Result
}

// manifest brings the first chunk as it is.
func (o *offering) manifest() abci.ResponseApplySnapshotChunk_Result {
	c, err := o.from.app.LoadSnapshotChunk(o.t.Context(), &abci.RequestLoadSnapshotChunk{
		Height: o.snap.Height, Format: o.snap.Format,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	got, err := o.joiner.app.ApplySnapshotChunk(o.t.Context(), &abci.RequestApplySnapshotChunk{
		Chunk: c.Chunk, Sender: "p",
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return got.Result
}

// TestLyingSnapshots offers snapshots that are not of this chain or not what they say.
func TestLyingSnapshots(t *testing.T) {
	o := newOffering(t)
	if r := o.offer(func(r *abci.RequestOfferSnapshot) { r.Snapshot.Format = 9 }); r !=
		abci.ResponseOfferSnapshot_REJECT_FORMAT {
		t.Errorf("another format: %v", r)
	}
	if r := o.offer(func(r *abci.RequestOfferSnapshot) { r.Snapshot.Hash = nil }); r !=
		abci.ResponseOfferSnapshot_REJECT {
		t.Errorf("no hash: %v", r)
	}
	for what, edit := range map[string]func(*abci.RequestOfferSnapshot){
		"app hash": func(r *abci.RequestOfferSnapshot) { r.AppHash[0] ^= 1 },
		"height":   func(r *abci.RequestOfferSnapshot) { r.Snapshot.Height++ },
		"chunks":   func(r *abci.RequestOfferSnapshot) { r.Snapshot.Chunks++ },
	} {
		if r := o.offer(edit); r != abci.ResponseOfferSnapshot_ACCEPT {
			t.Errorf("%s: %v", what, r)
		}
		if r := o.manifest(); r != abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT {
			t.Errorf("another %s: %v", what, r)
		}
	}
	if r := o.offer(func(r *abci.RequestOfferSnapshot) { r.Snapshot.Hash[0] ^= 1 }); r !=
		abci.ResponseOfferSnapshot_ACCEPT {
		t.Error(r)
	}
	if r := o.manifest(); r != abci.ResponseApplySnapshotChunk_RETRY {
		t.Errorf("another manifest than was offered: %v", r)
	}
	info, err := o.joiner.app.Info(t.Context(), &abci.RequestInfo{})
	if err != nil || info.LastBlockHeight != 0 {
		t.Errorf("it stands at %d: %v", info.LastBlockHeight, err)
	}
}
