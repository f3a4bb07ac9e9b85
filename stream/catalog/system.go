package catalog

import "weir/internal/invariant"

// With returns a copy with a system relation beside the others, for binding queries of one node: it
// has an id below FirstUserID and is no agreed state. A relation of its name hides it.
func (c *Catalog) With(r *Relation) *Catalog {
	invariant.Check(r.ID > 0 && r.ID < FirstUserID, "catalog: %d is no id of the system", r.ID)
	if c.Lookup(r.Name) != nil {
		return c
	}
	out := c.Clone()
	out.byID[r.ID], out.byName[r.Name] = r, r
	return out
}
