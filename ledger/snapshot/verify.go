package snapshot

import (
	"fmt"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/proof"
	"weir/ledger/tree"
)

// Verify checks a manifest against an app hash that is known from elsewhere: the units give it,
// each tree and each operator state begins with the page that it commits to, and the parts of
// each log give its root. What the first page of a unit leads to is checked when parts come.
//
// Errors: ErrInvalid.
func (m *Manifest) Verify(appHash proof.Hash) error {
	changes := make([]tree.TopChange, len(m.Units))
	for i := range m.Units {
		changes[i] = tree.TopChange{Unit: m.Units[i].Unit, Root: &m.Units[i].Root}
	}
	top, err := tree.NewTop().Apply(changes)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if m.AppHash != appHash || top.Root() != appHash {
		return invalid("the units do not give the app hash %x", appHash[:8])
	}
	for i := range m.Units {
		u := &m.Units[i]
		var err error
		switch {
		case u.Unit.IsTree():
			id, ok := top.Get(u.Unit.PageIDUnit())
			if !ok {
				err = invalid("the root page of a tree is not under the app hash")
				break
			}
			err = u.begins(KindTree, id)
		case u.Unit.IsState():
			err = u.verifyState()
		case u.Unit.IsLog():
			err = u.verifyLog()
		}
		if err != nil {
			return fmt.Errorf("unit %x: %w", u.Unit[:], err)
		}
	}
	return nil
}

// begins checks that the parts are of one kind, begin with a page and have a size.
func (u *Unit) begins(kind Kind, id proof.Hash) error {
	if len(u.Parts) == 0 || u.Parts[0].ID != id {
		return invalid("the parts begin with another page")
	}
	for _, p := range u.Parts {
		if p.Kind != kind || p.Level != 0 || p.Size == 0 || p.Size > PartMax {
			return invalid("a part of kind %d with %d bytes", p.Kind, p.Size)
		}
	}
	return nil
}

func (u *Unit) verifyState() error {
	if (pages.RootRef{Entries: u.Entries, ID: u.Page}).Root() != u.Root {
		return invalid("operator state with another root")
	}
	if u.Entries == 0 {
		if len(u.Parts) > 0 || u.Page != (proof.Hash{}) {
			return invalid("empty operator state with pages")
		}
		return nil
	}
	return u.begins(KindState, u.Page)
}

// tile is a complete subtree of a log.
type tile struct {
	level uint8
	hash  proof.Hash
}

// verifyLog checks that the parts are complete subtrees in order, first of hashes, then of
// leaves, and that together they are the log.
func (u *Unit) verifyLog() error {
	if u.Log.Root() != u.Root {
		return invalid("a log with another root")
	}
	if err := u.checkKept(); err != nil {
		return err
	}
	at, tiles := uint64(0), []tile(nil)
	for _, p := range u.Parts {
		n := uint64(1) << min(p.Level, 63)
		end, want := u.Kept.From, KindHashes
		if at >= u.Kept.From {
			end, want = u.Log.Size, KindLeaves
		}
		if p.Level > 56 || at%n != 0 || n > end-at || p.Kind != want || p.Size == 0 ||
			p.Size > PartMax {
			return invalid("a part of kind %d and level %d at leaf %d", p.Kind, p.Level, at)
		}
		at += n
		tiles = fold(append(tiles, tile{p.Level, p.ID}), at)
	}
	h := proof.EmptyLogHash()
	for i := len(tiles) - 1; i >= 0; i-- {
		if i == len(tiles)-1 {
			h = tiles[i].hash
			continue
		}
		h = proof.InnerHash(&tiles[i].hash, &h)
	}
	if at != u.Log.Size || h != u.Log.MTH {
		return invalid("the parts of a log give another root")
	}
	return nil
}

// fold joins the last tiles, which end at a leaf, while two are the halves of a subtree.
func fold(tiles []tile, end uint64) []tile {
	for n := len(tiles); n > 1; n-- {
		left, right := &tiles[n-2], &tiles[n-1]
		if left.level != right.level || end>>(right.level+1)<<(right.level+1) != end {
			return tiles
		}
		left.hash, left.level = proof.InnerHash(&left.hash, &right.hash), left.level+1
		tiles = tiles[:n-1]
	}
	return tiles
}

func (u *Unit) checkKept() error {
	k, s := u.Kept, u.Log
	if s.Size > proof.MaxLogSize || s.Next > eventlog.OffsetMax || k.From > s.Size ||
		k.Offset > s.Next || k.From == 0 && k.Offset != 0 ||
		k.From == s.Size && k.Offset != s.Next {
		return invalid("a log of %d leaves kept from %d on", s.Size, k.From)
	}
	return nil
}
