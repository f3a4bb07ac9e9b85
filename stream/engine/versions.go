package engine

import (
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/operator"
	"weir/stream/plan"
)

// versions are the schema versions under which a plan reads its inputs. A relation that has got
// columns since shows the plan only those that it was bound over.
type versions map[uint32]uint32

func versionsOf(p plan.Node) versions {
	out := versions{}
	plan.Walk(p, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok {
			out[s.Relation] = s.Version
		}
	})
	return out
}

// adapt cuts a delta of an input to the row space of the version that the plan knows. It copies
// no rows.
func (vs versions) adapt(r *relation, d operator.Delta) operator.Delta {
	keep := columnsSince(r.def, vs[r.def.ID])
	if keep == nil || d.Rows == nil && d.Marks == nil {
		return d
	}
	out := operator.Delta{}
	if d.Rows != nil {
		out.Rows = d.Rows.Project(keep)
	}
	if d.Marks != nil {
		out.Marks = make([]int64, len(keep))
		for i, c := range keep {
			out.Marks[i] = d.Marks[c]
		}
	}
	return out
}

// columnsSince are the columns of the row space that a version has, nil for all of them.
func columnsSince(def *catalog.Relation, version uint32) []int {
	if version >= def.Version {
		return nil
	}
	space := def.RowSpace()
	keep := make([]int, 0, len(space))
	for i, c := range space {
		if c.Since <= version {
			keep = append(keep, i)
		}
	}
	if len(keep) == len(space) {
		return nil
	}
	return keep
}

// Redefine gives a base relation, or one that belongs to a stream, its next schema version: the
// definition has more columns. Views that read it go on, over the columns that they know.
func (e *Engine) Redefine(def *catalog.Relation) error {
	if e.busy {
		return ErrOpen
	}
	old := e.rels[def.ID]
	if old == nil || old.view != nil {
		return ErrUnknown
	}
	r := &relation{def: def}
	if err := r.base(); err != nil {
		return err
	}
	e.rels[def.ID] = r
	if m := e.marks[def.ID]; m != nil {
		cols := markColumns(old.def)
		invariant.Check(len(cols) > 0, "engine: relation %d has marks", def.ID)
		kept := make([]int64, len(cols))
		for i, col := range cols {
			kept[i] = m[col]
		}
		e.marks[def.ID] = streamMarks(r, kept...)
	}
	return nil
}
