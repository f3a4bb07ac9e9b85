package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"weir/internal/canon"
	"weir/internal/invariant"
)

// The leaves of an index. Its id comes from the counter of relations.
const (
	// LeafIndex is its definition, which only DDL changes.
	LeafIndex LeafKind = 5
	// LeafIndexFill says how far it has been filled; an index without it has every row.
	LeafIndexFill LeafKind = 6
)

// Limits of indexes.
const (
	MaxIndexes      = 16 // indexes of a relation; else 54000
	MaxIndexColumns = 32 // columns of an index; else 54011
)

const (
	indexFormat     = 1
	indexFillFormat = 1
)

// Index is another order of the rows of a table or view: by some of its columns, then by its key.
type Index struct {
	ID      uint32
	Name    string // in one namespace with relations
	Of      uint32 // the relation, whose owner owns it
	SQL     string // canonical text of the CREATE statement
	Columns []IndexColumn
}

// IndexColumn is a column of an index with its order.
type IndexColumn struct {
	Column     int // of the relation
	Desc       bool
	NullsFirst bool
}

// Indexes returns the indexes of a relation in ascending order of ids; every one for 0.
func (c *Catalog) Indexes(of uint32) []*Index {
	var out []*Index
	for _, id := range slices.Sorted(maps.Keys(c.indexes)) {
		if x := c.indexes[id]; of == 0 || x.Of == of {
			out = append(out, x)
		}
	}
	return out
}

// IndexByID returns the index of an id, nil if there is none.
func (c *Catalog) IndexByID(id uint32) *Index { return c.indexes[id] }

// LookupIndex returns the index of a name, nil if there is none.
func (c *Catalog) LookupIndex(name string) *Index {
	for _, x := range c.Indexes(0) {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// taken refuses the name of a relation or an index (42P07).
func (c *Catalog) taken(name string) error {
	if c.byName[name] == nil && c.LookupIndex(name) == nil {
		return nil
	}
	return &Error{SQLState: "42P07", Message: fmt.Sprintf("relation %q already exists", name)}
}

// CheckNewIndex judges whether an index could be created: its name (42602, 42622, 42939, 42P07),
// its columns (54011), one more of the relation (54000).
func (c *Catalog) CheckNewIndex(x *Index) error {
	if err := CheckRelationName(x.Name); err != nil {
		return err
	}
	if err := c.taken(x.Name); err != nil {
		return err
	}
	if len(x.Columns) > MaxIndexColumns {
		return &Error{
			SQLState: "54011",
			Message:  fmt.Sprintf("cannot use more than %d columns in an index", MaxIndexColumns),
		}
	}
	if len(c.Indexes(x.Of)) >= MaxIndexes {
		return &Error{
			SQLState: "54000",
			Message: fmt.Sprintf("%q has as many indexes as a relation can have, %d",
				c.byID[x.Of].Name, MaxIndexes),
			Hint: "Drop one first.",
		}
	}
	return nil
}

// CreateIndex adds x under an id of its own. x must not be in any catalog yet. The errors are
// those of CheckNewIndex.
func (c *Catalog) CreateIndex(x *Index) error {
	r := c.byID[x.Of]
	invariant.Check(r != nil && x.Fits(r), "index %q does not fit relation %d", x.Name, x.Of)
	if err := c.CheckNewIndex(x); err != nil {
		return err
	}
	x.ID = c.next
	c.next++
	c.indexes[x.ID] = x
	return nil
}

// DropIndex removes an index.
func (c *Catalog) DropIndex(id uint32) { delete(c.indexes, id) }

// Indexable reports whether a relation can have indexes.
func (r *Relation) Indexable() bool { return r.Kind == Table || r.Kind == View }

// Fits reports whether x can be an index of r. A view that is replaced may hide a column that it
// showed: its indexes stay.
func (x *Index) Fits(r *Relation) bool {
	return x.Of == r.ID && r.Indexable() && len(x.Columns) > 0 &&
		!slices.ContainsFunc(x.Columns, func(c IndexColumn) bool {
			return c.Column >= len(r.Columns)
		})
}

// AppendIndex appends the definition leaf of x:
//
//	format, id u32, relation u32, name, SQL,
//	columns (column, order: 1 descending, 2 NULLs first)
func AppendIndex(b []byte, x *Index) []byte {
	b = append(b, indexFormat)
	b = canon.AppendU32(b, x.ID)
	b = canon.AppendU32(b, x.Of)
	b = canon.AppendString(b, x.Name)
	b = canon.AppendString(b, x.SQL)
	b = canon.AppendUvarint(b, uint64(len(x.Columns)))
	for _, c := range x.Columns {
		b = canon.AppendUvarint(b, uint64(c.Column))
		order := byte(0)
		if c.Desc {
			order |= 1
		}
		if c.NullsFirst {
			order |= 2
		}
		b = append(b, order)
	}
	return b
}

// DecodeIndex reads the definition leaf of an index. It accepts only what AppendIndex writes.
func DecodeIndex(b []byte) (*Index, error) {
	rd := canon.NewReader(b)
	if rd.Byte() != indexFormat {
		rd.Fail(errFormat)
	}
	x := &Index{ID: rd.U32(), Of: rd.U32(), Name: rd.String(), SQL: rd.String()}
	n := rd.Count()
	if n < 1 || n > MaxIndexColumns {
		rd.Fail(canon.ErrValue)
		n = 0
	}
	for range n {
		c := IndexColumn{Column: rd.Int(MaxColumns - 1)}
		order := rd.Byte()
		c.Desc, c.NullsFirst = order&1 != 0, order&2 != 0
		x.Columns = append(x.Columns, c)
	}
	if err := rd.Close(); err != nil {
		return nil, err
	}
	if !bytes.Equal(AppendIndex(make([]byte, 0, len(b)), x), b) {
		return nil, errCanonical
	}
	return x, nil
}

// AppendIndexFill appends the leaf of an index that is being filled: format, then the greatest
// key of the relation that was read; nothing before the first.
func AppendIndexFill(b, read []byte) []byte {
	return append(append(b, indexFillFormat), read...)
}

// DecodeIndexFill reads the leaf of an index that is being filled.
func DecodeIndexFill(b []byte) (read []byte, err error) {
	if len(b) == 0 || b[0] != indexFillFormat {
		return nil, errFormat
	}
	return bytes.Clone(b[1:]), nil
}
