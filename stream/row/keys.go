package row

import "weir/stream/value"

// Keys holds the keys of many rows in one arena: key i is Arena[Offs[i]:Offs[i+1]].
type Keys struct {
	Arena []byte
	Offs  []uint32
}

// EncodeKeys encodes the keys of n rows of cols into k, reusing its storage. The arena
// holds less than 4 GiB.
func (k *Keys) EncodeKeys(cols []*value.Vec, n int) {
	k.Arena = k.Arena[:0]
	k.Offs = append(k.Offs[:0], 0)
	for i := range n {
		k.Arena = AppendKey(k.Arena, cols, i)
		k.Offs = append(k.Offs, uint32(len(k.Arena)))
	}
}

// Len returns the number of keys.
func (k *Keys) Len() int { return len(k.Offs) - 1 }

// Key returns key i, which stays valid until the next EncodeKeys.
func (k *Keys) Key(i int) []byte { return k.Arena[k.Offs[i]:k.Offs[i+1]:k.Offs[i+1]] }
