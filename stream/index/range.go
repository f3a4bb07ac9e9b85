package index

import (
	"bytes"

	"weir/stream/catalog"
	"weir/stream/row"
)

// Edge is a place between values of a column: before all that begin with Part, or past them. Part
// is the ascending key part of a value, or the beginning of one.
type Edge struct {
	Part []byte
	Past bool
}

// Bytes is the first part that lies above the edge.
func (e Edge) Bytes() []byte {
	if e.Past {
		return After(e.Part)
	}
	return e.Part
}

// turn is the same edge in a column's order.
func (e Edge) turn(c catalog.IndexColumn) Edge {
	if !c.Desc {
		return e
	}
	return Edge{Part(e.Part, c), !e.Past}
}

// values is what the part of every value begins with.
const values = 0x20

// Bounds returns the keys lo <= key < hi of all entries of x whose first columns have the parts of
// points, NULL's too, and whose next one lies between the edges from and to, nil for none. With an
// edge NULL lies outside. There may be more entries between them, never less.
func Bounds(x *catalog.Index, points [][]byte, from, to *Edge) (lo, hi []byte) {
	prefix := []byte{row.KeyTag}
	for i, p := range points {
		prefix = append(prefix, Part(p, x.Columns[i])...)
	}
	lo, hi = prefix, After(prefix)
	if from != nil || to != nil {
		c := x.Columns[len(points)]
		if from == nil {
			from = &Edge{Part: []byte{values}}
		}
		if to == nil {
			to = &Edge{Part: []byte{values}, Past: true}
		}
		if c.Desc {
			from, to = to, from
		}
		lo = append(bytes.Clone(prefix), from.turn(c).Bytes()...)
		hi = append(bytes.Clone(prefix), to.turn(c).Bytes()...)
	}
	if bytes.Compare(lo, hi) > 0 {
		hi = lo // the edges contradict each other: nothing
	}
	return cut(lo, false), cut(hi, true)
}

// cut makes a bound one of keys whose columns are cut.
func cut(bound []byte, upper bool) []byte {
	const n = 1 + MaxColumnBytes
	if len(bound) <= n {
		return bound
	}
	if upper {
		return After(bound[:n])
	}
	return bound[:n]
}

// After is the smallest byte string above every one that begins with b, which has a byte other
// than FF.
func After(b []byte) []byte {
	end := len(b)
	for b[end-1] == 0xFF {
		end--
	}
	out := bytes.Clone(b[:end])
	out[end-1]++
	return out
}
