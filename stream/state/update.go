package state

import (
	"bytes"

	"weir/internal/invariant"
)

// Update visits keys, strictly ascending, with the values that they have, as ProbeSorted does, and
// makes a new current version with what f returns for each: a nil value deletes, and without write
// nothing changes. It walks the version once, where a probe and an Apply walk it twice. Values are
// copied before the next visit; f must not touch this Runs.
func (r *Runs) Update(keys [][]byte, f func(i int, old []byte) (value []byte, write bool)) {
	r.cur = r.cur.update(keys, f)
}

func (v Version) update(
	keys [][]byte, f func(i int, old []byte) (value []byte, write bool),
) Version {
	var b builder
	// Chunks before at are in b, those before look need not be looked at again.
	at, look, none := place{}, place{}, &chunk{offs: []uint32{0}}
	for i := 0; i < len(keys); {
		c, next, bound := none, place{}, []byte(nil)
		if len(v.branches) > 0 {
			look = v.find(keys[i], look)
			c, next = v.at(look), v.next(look)
			if n := v.at(next); n != nil {
				bound = n.key(0)
			}
		}
		from := -1 // entries of c before this one are in b; -1: none is, nor are chunks before c
		for pos := 0; i < len(keys) && (bound == nil || bytes.Compare(keys[i], bound) < 0); i++ {
			invariant.Check(i == 0 || bytes.Compare(keys[i-1], keys[i]) < 0,
				"state: keys are not in strictly ascending order")
			pos = c.seek(keys[i], pos)
			there := pos < c.len() && bytes.Equal(c.key(pos), keys[i])
			var old []byte
			if there {
				old = c.value(pos)
			}
			value, write := f(i, old)
			if !write || !there && value == nil {
				continue
			}
			if from < 0 {
				b.shareUpTo(v, at, look)
				b.begin(c, min(len(keys)-i, chunkMin))
				from = 0
			}
			b.copy(c, from, pos)
			if from = pos; there {
				from++
			}
			if value != nil {
				b.add(keys[i], value)
			}
		}
		if from >= 0 {
			b.copy(c, from, c.len())
			at = next
		}
	}
	switch {
	case len(v.branches) == 0:
	case at == place{}:
		return v
	default:
		b.shareUpTo(v, at, place{branch: len(v.branches)})
	}
	return b.finish()
}
