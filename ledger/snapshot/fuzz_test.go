package snapshot_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
	"weir/ledger/tree"
)

// small is a tree with its manifest and its only part.
func small(t testing.TB) (*snapshot.Manifest, []byte) {
	tr, err := tree.New().Apply([]tree.Change{{Key: []byte("\x10a"), Value: []byte("1")}})
	if err != nil {
		t.Fatal(err)
	}
	u := snapshot.Unit{Unit: proof.NewUnit(1, 1, 0), Root: tr.Root()}
	id := pages.SetIDs(tr.Ref())
	part := snapshot.AppendPage([]byte{1}, pages.Append(nil, tr.Ref().Page()), false, false)
	u.Parts = []snapshot.Part{{Kind: snapshot.KindTree, ID: id, Size: uint32(len(part))}}
	log := snapshot.Unit{Unit: proof.NewUnit(0x40, 1, 0)}
	leaf := proof.LogLeafHash([]byte("leaf"))
	log.Log = proof.LogState{Size: 1, Next: 1, MTH: leaf}
	log.Root, log.Kept = log.Log.Root(), eventlog.Kept{From: 1, Offset: 1}
	log.Parts = []snapshot.Part{{Kind: snapshot.KindHashes, ID: leaf, Size: 33}}
	m := &snapshot.Manifest{Height: 7, Units: []snapshot.Unit{
		u, log, {Unit: u.Unit.PageIDUnit(), Root: id},
	}}
	var top []tree.TopChange
	for i := range m.Units {
		top = append(top, tree.TopChange{Unit: m.Units[i].Unit, Root: &m.Units[i].Root})
	}
	all, err := tree.NewTop().Apply(top)
	if err != nil {
		t.Fatal(err)
	}
	m.AppHash = all.Root()
	return m, part
}

func TestManifestLimits(t *testing.T) {
	m, _ := small(t)
	if err := m.Verify(m.AppHash); err != nil {
		t.Fatal(err)
	}
	m.Units[0].Parts[0].Size = snapshot.PartMax
	if err := m.Verify(m.AppHash); err != nil {
		t.Fatal(err)
	}
	m.Units[0].Parts[0].Size++
	if err := m.Verify(m.AppHash); !errors.Is(err, snapshot.ErrInvalid) {
		t.Fatal("a part above the limit")
	}
	b := make([]byte, snapshot.ManifestMax+1)
	b[0] = snapshot.Format
	if _, err := snapshot.Decode(b); !errors.Is(err, snapshot.ErrInvalid) {
		t.Fatal("a manifest above the limit")
	}
}

func TestChunks(t *testing.T) {
	const most, target = snapshot.ChunkMax, snapshot.ChunkTarget
	for _, c := range []struct {
		sizes []uint32
		want  []snapshot.Run
	}{
		{nil, nil},
		{[]uint32{most}, []snapshot.Run{{0, 1}}},
		{[]uint32{most + 1}, nil},
		{[]uint32{target - 1, 1, 1}, []snapshot.Run{{0, 2}, {2, 3}}},
		{[]uint32{target, 1}, []snapshot.Run{{0, 1}, {1, 2}}},
		{[]uint32{1, most, 1}, []snapshot.Run{{0, 1}, {1, 2}, {2, 3}}},
	} {
		var parts []snapshot.Part
		for _, n := range c.sizes {
			parts = append(parts, snapshot.Part{Size: n})
		}
		got, err := snapshot.Chunks(parts)
		large := len(c.sizes) == 1 && c.sizes[0] > most
		if !slices.Equal(got, c.want) || errors.Is(err, snapshot.ErrInvalid) != large {
			t.Errorf("%v: %v, %v", c.sizes, got, err)
		}
	}
}

// FuzzManifest: what is decoded has one encoding, and Verify does not panic.
func FuzzManifest(f *testing.F) {
	m, _ := small(f)
	f.Add(m.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := snapshot.Decode(b)
		if err != nil {
			if !errors.Is(err, snapshot.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(m.Encode(), b) {
			t.Fatal("another encoding")
		}
		if err := m.Verify(m.AppHash); err != nil && !errors.Is(err, snapshot.ErrInvalid) {
			t.Fatal(err)
		}
	})
}

type noLeaves struct{}

func (noLeaves) Bound(proof.Unit, []byte) (b snapshot.Bound, err error) {
	return snapshot.Bound{Payload: sha256.Sum256(nil)}, nil
}
func (noLeaves) Erased(proof.Unit, uint64, []byte) error { return nil }
func (noLeaves) Begin(snapshot.Trees)                    {}

func (noLeaves) Kept(_ proof.Unit, _ proof.LogState, _ eventlog.Kept) error { return nil }

// FuzzPart: no bytes are taken for a part that has another id.
func FuzzPart(f *testing.F) {
	_, part := small(f)
	f.Add(part)
	f.Add([]byte{2, 6, 3, 0, 0, 1, 0, 0})
	f.Add([]byte{3, 1, 'a', 0})
	f.Add(append([]byte{4}, make([]byte, 32)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		p := snapshot.Part{Kind: snapshot.Kind(b[0]), ID: sha256.Sum256(b), Size: uint32(len(b))}
		var err error
		switch p.Kind {
		case snapshot.KindTree, snapshot.KindState:
			_, err = snapshot.DecodePages(p, b)
		case snapshot.KindLeaves:
			_, err = snapshot.DecodeLeaves(p, b, proof.Unit{}, 0, noLeaves{})
		case snapshot.KindHashes:
			_, err = snapshot.DecodeHashes(p, b)
		default:
			return
		}
		if !errors.Is(err, snapshot.ErrInvalid) {
			t.Fatalf("taken: %v", err)
		}
	})
}
