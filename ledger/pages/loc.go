package pages

import "weir/ledger/tree"

// Loc is where a node has stored a page. It differs between nodes and is never hashed.
type Loc = tree.Loc

// Keeper stores pages for a State.
type Keeper interface {
	// Fetch returns what was put at a place. The State does not change it, and does not use it
	// after the next call.
	Fetch(Loc) ([]byte, error)
	// Put stores a page and says where. It must not keep the slice.
	Put(stored []byte) Loc
	// Orphan tells that a page is not used by the version under way.
	Orphan(Loc)
}
