package catalog

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/internal/invariant"
)

// Catalog is the set of relations at one height.
type Catalog struct {
	byName map[string]*Relation
	byID   map[uint32]*Relation
	next   uint32

	functions map[uint32]*Function
	indexes   map[uint32]*Index
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{
		byName: map[string]*Relation{}, byID: map[uint32]*Relation{}, next: FirstUserID,
		functions: map[uint32]*Function{}, indexes: map[uint32]*Index{},
	}
}

// Clone returns a catalog that can be changed without changing c. Relations are shared.
func (c *Catalog) Clone() *Catalog {
	return &Catalog{
		byName: maps.Clone(c.byName), byID: maps.Clone(c.byID), next: c.next,
		functions: maps.Clone(c.functions), indexes: maps.Clone(c.indexes),
	}
}

// NextID is the id that the next relation gets. It belongs to the state, beside the leaves.
func (c *Catalog) NextID() uint32 { return c.next }

// Lookup returns the relation of a name, nil if there is none.
func (c *Catalog) Lookup(name string) *Relation { return c.byName[name] }

// ByID returns the relation of an id, nil if there is none.
func (c *Catalog) ByID(id uint32) *Relation { return c.byID[id] }

// Alter puts the next schema version of a stream or table in its place, and that of the relations
// that belong to it. It returns them, r first.
func (c *Catalog) Alter(r *Relation) []*Relation {
	old := c.Derived(r.ID)
	c.Replace(r)
	out := []*Relation{r}
	for _, n := range derived(r) {
		for _, o := range old {
			if o.Kind == n.Kind {
				n.ID, n.Of = o.ID, r.ID
				c.Replace(n)
				out = append(out, n)
			}
		}
	}
	return out
}

// All returns every relation in ascending order of ids.
func (c *Catalog) All() []*Relation {
	out := make([]*Relation, 0, len(c.byID))
	for _, id := range slices.Sorted(maps.Keys(c.byID)) {
		out = append(out, c.byID[id])
	}
	return out
}

// InOrder returns every relation, each after its inputs and after the one it belongs to, in
// ascending order of ids as far as that allows. ok is false if there is no such order.
func (c *Catalog) InOrder() (out []*Relation, ok bool) {
	const visiting, done = 1, 2
	mark := make(map[uint32]int, len(c.byID))
	ok = true
	var visit func(r *Relation)
	visit = func(r *Relation) {
		switch {
		case r == nil || mark[r.ID] == done:
			return
		case mark[r.ID] == visiting:
			ok = false
			return
		}
		mark[r.ID] = visiting
		visit(c.byID[r.Of])
		for _, in := range r.Inputs {
			visit(c.byID[in])
		}
		mark[r.ID] = done
		out = append(out, r)
	}
	for _, r := range c.All() {
		visit(r)
	}
	return out, ok
}

// CheckNew judges whether a relation could be created: names (42602, 42622, 42939), names taken
// (42P07), too many columns (54011).
func (c *Catalog) CheckNew(r *Relation) error {
	if err := CheckRelationName(r.Name); err != nil {
		return err
	}
	if err := CheckWidth(r); err != nil {
		return err
	}
	for _, n := range append([]*Relation{r}, derived(r)...) {
		if err := c.taken(n.Name); err != nil {
			return err
		}
		if len(n.Name) > MaxNameBytes {
			return &Error{
				SQLState: "42622",
				Message: fmt.Sprintf("the name %q, which belongs to %q, is longer than %d bytes",
					n.Name, r.Name, MaxNameBytes),
			}
		}
	}
	return nil
}

// CheckWidth judges the number of visible columns, of which a history has more than its table
// (54011).
func CheckWidth(r *Relation) error {
	if r.Versioned && len(r.Columns) > MaxColumns-NumHistoryColumns {
		return &Error{
			SQLState: "54011",
			Message: fmt.Sprintf("a table with history can have at most %d columns",
				MaxColumns-NumHistoryColumns),
		}
	}
	if len(r.Columns) > MaxColumns {
		return &Error{
			SQLState: "54011",
			Message:  fmt.Sprintf("a relation can have at most %d columns", MaxColumns),
		}
	}
	return nil
}

// Create gives r and its derived relations their ids and adds them. It returns them, r first.
// r must not be in any catalog yet. The errors are those of CheckNew.
func (c *Catalog) Create(r *Relation) ([]*Relation, error) {
	if err := c.CheckNew(r); err != nil {
		return nil, err
	}
	for _, in := range r.Inputs {
		invariant.Check(c.byID[in] != nil, "input %d of %s does not exist", in, r.Name)
	}
	out := append([]*Relation{r}, derived(r)...)
	for i, n := range out {
		if n.Version == 0 {
			n.Version = 1
		}
		n.ID = c.next
		c.next++
		if i > 0 {
			n.Of = r.ID
		}
		c.byID[n.ID], c.byName[n.Name] = n, n
	}
	return out, nil
}

// Load adds relations, functions and indexes as they stand in the ledger, with the next id that
// goes with them.
func Load(
	relations []*Relation, functions []*Function, indexes []*Index, next uint32,
) (*Catalog, error) {
	c := New()
	c.next = next
	for _, f := range functions {
		if c.functions[f.ID] != nil || f.ID >= next {
			return nil, fmt.Errorf("catalog: function %d contradicts the others", f.ID)
		}
		c.functions[f.ID] = f
	}
	for _, r := range relations {
		if c.byID[r.ID] != nil || c.byName[r.Name] != nil || r.ID >= next {
			return nil, fmt.Errorf("catalog: relation %d (%q) contradicts the others", r.ID, r.Name)
		}
		c.byID[r.ID], c.byName[r.Name] = r, r
	}
	for _, r := range c.All() {
		for _, in := range r.Inputs {
			if c.byID[in] == nil {
				return nil, fmt.Errorf("catalog: relation %d has no input %d", r.ID, in)
			}
		}
	}
	for _, x := range indexes {
		r := c.byID[x.Of]
		if r == nil || !x.Fits(r) || c.taken(x.Name) != nil || x.ID >= next {
			return nil, fmt.Errorf("catalog: index %d contradicts the relations", x.ID)
		}
		c.indexes[x.ID] = x
	}
	if _, ok := c.InOrder(); !ok {
		return nil, errors.New("catalog: relations read each other in a circle")
	}
	return c, nil
}

// Replace puts a new definition in the place of the one with its id, which has its name and kind.
func (c *Catalog) Replace(r *Relation) {
	old := c.byID[r.ID]
	invariant.Check(old != nil && old.Name == r.Name && old.Kind == r.Kind,
		"relation %d cannot be replaced by %q", r.ID, r.Name)
	c.byID[r.ID], c.byName[r.Name] = r, r
	_, ok := c.InOrder()
	invariant.Check(ok, "relation %d reads itself", r.ID)
}

// Derived returns the relations that belong to a relation, in ascending order of ids.
func (c *Catalog) Derived(id uint32) []*Relation {
	var out []*Relation
	for _, r := range c.All() {
		if r.Of == id {
			out = append(out, r)
		}
	}
	return out
}

// Dependents returns the views that read a relation or one of its derived relations, directly
// or through others, those that are read after those that read them, so that each can be dropped
// in that order.
func (c *Catalog) Dependents(id uint32) []*Relation {
	touched := map[uint32]bool{id: true}
	var out []*Relation
	all, _ := c.InOrder()
	for _, r := range all {
		if r.ID == id {
			continue
		}
		reads := touched[r.Of] && r.Of != 0
		for _, in := range r.Inputs {
			reads = reads || touched[in]
		}
		if !reads {
			continue
		}
		touched[r.ID] = true
		if r.Of == 0 {
			out = append(out, r)
		}
	}
	slices.Reverse(out)
	return out
}

// Drop removes a relation with its derived relations, which it returns in ascending order of ids,
// and its indexes. It refuses while others read them (2BP01), and derived relations on their own
// (42809).
func (c *Catalog) Drop(id uint32) ([]*Relation, error) {
	r := c.byID[id]
	invariant.Check(r != nil, "drop of relation %d, which does not exist", id)
	if r.Of != 0 {
		return nil, &Error{
			SQLState: "42809",
			Message: fmt.Sprintf("%q belongs to %q and lives as long as it", r.Name,
				c.byID[r.Of].Name),
		}
	}
	if deps := c.Dependents(id); len(deps) > 0 {
		return nil, &Error{
			SQLState: "2BP01",
			Message: fmt.Sprintf("cannot drop %q because %q depends on it", r.Name,
				deps[len(deps)-1].Name),
			Hint: "Drop the dependents first.",
		}
	}
	out := append([]*Relation{r}, c.Derived(id)...)
	for _, n := range out {
		delete(c.byID, n.ID)
		delete(c.byName, n.Name)
	}
	for _, x := range c.Indexes(id) {
		delete(c.indexes, x.ID)
	}
	return out, nil
}
