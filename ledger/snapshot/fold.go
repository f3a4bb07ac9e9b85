package snapshot

import "weir/ledger/proof"

// Fold is the hash of a complete subtree of a log, one leaf after the other.
type Fold struct {
	tiles []tile
	n     uint64
}

// Add takes the hash of the next leaf.
func (f *Fold) Add(h proof.Hash) {
	f.n++
	f.tiles = fold(append(f.tiles, tile{0, h}), f.n)
}

// Root is the hash of the subtree, zero unless the leaves are a complete one.
func (f *Fold) Root() proof.Hash {
	if len(f.tiles) != 1 {
		return proof.Hash{}
	}
	return f.tiles[0].hash
}
