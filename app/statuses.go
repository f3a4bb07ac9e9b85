package app

import (
	"cmp"
	"maps"
	"slices"

	"weir/stream/catalog"
)

// saveStatuses writes the status leaves that the block has changed.
func (b *block) saveStatuses() {
	for _, id := range sortedKeys(b.x.touched) {
		b.catalogLeaves.set(catalogKey(id, catalog.LeafStatus),
			catalog.AppendStatus(nil, b.x.status[id]))
	}
	clear(b.x.touched)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
