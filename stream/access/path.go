package access

import (
	"bytes"
	"slices"

	"weir/stream/catalog"
	"weir/stream/index"
	"weir/stream/row"
)

// Path is where the rows that an access needs are read: keys of the relation, or of an index of
// it; Lo <= key < Hi.
type Path struct {
	Relation uint32
	Index    *catalog.Index // nil: the relation itself
	Lo, Hi   []byte
}

// By is the path through an index of the scan's relation, or, with nil, by the relation's key. The
// filters narrow it as Of says, NULL by IS NULL too.
func (a *Access) By(x *catalog.Index) Path {
	p := Path{Relation: a.Scan.Relation, Index: x, Lo: a.Lo, Hi: a.Hi}
	if x != nil {
		points, from, to := a.through(x)
		p.Lo, p.Hi = index.Bounds(x, points, from, to)
	}
	return p
}

// through finds what the filters say about the first columns of an index.
func (a *Access) through(x *catalog.Index) (points [][]byte, from, to *index.Edge) {
	for _, c := range x.Columns {
		at := slices.Index(a.Scan.Columns, c.Column)
		if at < 0 {
			return points, nil, nil
		}
		switch l := &a.found[at]; {
		case l.point != nil:
			points = append(points, l.point)
		case l.null:
			points = append(points, index.Null())
		default:
			return points, l.lo, l.hi
		}
	}
	return points, nil, nil
}

// Best picks the index of the scan's relation that its filters narrow most, nil for the relation
// itself: columns fixed by equality count first, then the bounds of the next column. Of equals the
// relation itself is best, and then the first; so is a relation's key that is fixed as a whole.
func (a *Access) Best(indexes []*catalog.Index) (best *catalog.Index) {
	points := 0
	var next limit
	for _, k := range a.Scan.Key {
		if next = a.found[k]; next.point == nil {
			break
		}
		points, next = points+1, limit{}
	}
	if points > 0 && points == len(a.Scan.Key) {
		return nil
	}
	most := narrowing(points, next.lo, next.hi)
	for _, x := range indexes {
		points, from, to := a.through(x)
		if n := narrowing(len(points), from, to); n > most {
			best, most = x, n
		}
	}
	return best
}

// narrowing ranks a path.
func narrowing(points int, from, to *index.Edge) int {
	n := 3 * points
	if from != nil {
		n++
	}
	if to != nil {
		n++
	}
	return n
}

// Paths lists what a plan reads, each different path once, in the order of first use. pick says
// through which index an access goes, nil for the relation itself. It is not asked about an access
// that needs what a path before gives: one with the same bounds through the same index.
func Paths(all []Access, pick func(a *Access) (*catalog.Index, error)) ([]Path, error) {
	var out []Path
	for i := range all {
		a := &all[i]
		if slices.ContainsFunc(out, func(p Path) bool {
			return p.Relation == a.Scan.Relation && p.same(a.By(p.Index))
		}) {
			continue
		}
		x, err := pick(a)
		if err != nil {
			return nil, err
		}
		out = append(out, a.By(x))
	}
	return out, nil
}

// Whole reports whether a path is a whole relation by its own key.
func (p Path) Whole() bool {
	return p.Index == nil && len(p.Lo) == 1 && bytes.Equal(p.Hi, []byte{row.KeyTag + 1})
}

func (p Path) same(q Path) bool { return bytes.Equal(p.Lo, q.Lo) && bytes.Equal(p.Hi, q.Hi) }
