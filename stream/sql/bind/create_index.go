package bind

import (
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/sql/parse"
)

// createIndex binds CREATE INDEX: another order of a table's or a view's rows. CONCURRENTLY says
// nothing: an index never holds its relation up.
func (b *binder) createIndex(s *ast.IndexStmt) (Statement, error) {
	if s.IfNotExists && b.indexTaken(s.Idxname) {
		b.notice(stateDuplicateTable, "relation \""+s.Idxname+"\" already exists, skipping", "")
		return &CreateIndex{Exists: true}, nil
	}
	r, err := b.relation(s.Relation)
	if err != nil {
		return nil, err
	}
	at := s.Relation.Location()
	if !r.Indexable() {
		e := b.errorf(at, stateWrongObject, "cannot create index on relation %q", r.Name)
		e.Hint = "Tables and materialized views have indexes."
		return nil, e
	}
	if err := b.plainIndex(s); err != nil {
		return nil, err
	}
	x := &catalog.Index{Name: s.Idxname, Of: r.ID, SQL: b.raw.Canonical}
	for _, n := range items(s.IndexParams) {
		c, err := b.indexColumn(r, n)
		if err != nil {
			return nil, err
		}
		x.Columns = append(x.Columns, c)
	}
	if x.Name == "" {
		x.Name = b.indexName(r, x)
	}
	if err := b.cat.CheckNewIndex(x); err != nil {
		return nil, b.at(at, err)
	}
	return &CreateIndex{Index: x}, nil
}

// plainIndex refuses what an index of another kind would be.
func (b *binder) plainIndex(s *ast.IndexStmt) error {
	at := b.raw.Offset
	switch {
	case s.Unique:
		return b.unsupported(at, "a unique index is", "The primary key of a table is unique.")
	case s.AccessMethod != "" && s.AccessMethod != "btree":
		return b.unsupported(at, "access method "+strconv.Quote(s.AccessMethod)+" is",
			"Every index is a btree.")
	case !parse.IsNil(s.WhereClause):
		return b.unsupported(at, "a partial index is", "Index a materialized view of those rows.")
	case hasItems(s.IndexIncludingParams):
		return b.unsupported(at, "INCLUDE is", "An index has whole rows.")
	case hasItems(s.Options):
		return b.unsupported(at, "an option of an index is", "")
	case s.TableSpace != "":
		return b.unsupported(at, "TABLESPACE is", "")
	}
	return nil
}

// indexColumn resolves a column of an index and its order: NULLs sort as if they were greatest.
func (b *binder) indexColumn(r *catalog.Relation, n ast.Node) (c catalog.IndexColumn, err error) {
	e, ok := n.(*ast.IndexElem)
	at := n.Location()
	switch {
	case !ok || e.Name == "":
		return c, b.unsupported(at, "an index on an expression is",
			"Index a column of a materialized view that has the expression.")
	case hasItems(e.Collation):
		return c, b.unsupported(at, "COLLATE is", "Text sorts by its bytes.")
	case hasItems(e.Opclass):
		return c, b.unsupported(at, "an operator class is", "")
	}
	c.Column = -1
	for i, col := range r.Columns {
		if col.Name == e.Name && !col.Hidden {
			c.Column = i
		}
	}
	if c.Column < 0 {
		return c, b.errorf(at, stateNoColumn, "column %q does not exist", e.Name)
	}
	c.Desc = e.Ordering == ast.SORTBY_DESC
	c.NullsFirst = c.Desc
	switch e.NullsOrdering {
	case ast.SORTBY_NULLS_FIRST:
		c.NullsFirst = true
	case ast.SORTBY_NULLS_LAST:
		c.NullsFirst = false
	}
	return c, nil
}

// indexName makes the name of an index that has none as PostgreSQL does: relation, columns, idx,
// and a number if that is taken.
func (b *binder) indexName(r *catalog.Relation, x *catalog.Index) string {
	var names []string
	for _, c := range x.Columns {
		names = append(names, r.Columns[c.Column].Name)
	}
	columns := cutName(strings.Join(names, "_"), catalog.MaxNameBytes/2)
	for n := 0; ; n++ {
		end := "_" + columns + "_idx"
		if n > 0 {
			end += strconv.Itoa(n)
		}
		name := cutName(r.Name, catalog.MaxNameBytes-len(end)) + end
		if !b.indexTaken(name) {
			return name
		}
	}
}

// cutName is the beginning of a name in at most n bytes.
func cutName(name string, n int) string {
	if len(name) <= n {
		return name
	}
	return strings.ToValidUTF8(name[:n], "")
}

// indexTaken reports whether an index could not have a name.
func (b *binder) indexTaken(name string) bool {
	return b.cat.Lookup(name) != nil || b.cat.LookupIndex(name) != nil
}

// dropIndex binds DROP INDEX. Nothing depends on an index.
func (b *binder) dropIndex(s *ast.DropStmt) (Statement, error) {
	st := &DropIndex{}
	for _, n := range items(s.Objects) {
		name, err := b.droppedName(n)
		if err != nil {
			return nil, err
		}
		x, r := b.cat.LookupIndex(name), b.cat.Lookup(name)
		switch {
		case x != nil:
			st.Indexes = append(st.Indexes, x.ID)
		case r != nil:
			return nil, b.wrongKind(n.Location(), r, "an index")
		case s.MissingOk:
			b.notice("00000", "index \""+name+"\" does not exist, skipping", "")
		default:
			return nil, b.errorf(n.Location(), stateNoObject, "index %q does not exist", name)
		}
	}
	return st, nil
}
