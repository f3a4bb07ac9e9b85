package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
)

// createTable binds CREATE TABLE.
func (b *binder) createTable(s *ast.CreateStmt) (Statement, error) {
	r, exists, err := b.definition(s.Relation, catalog.Table, s.IfNotExists)
	if err != nil || exists {
		return &CreateTable{Relation: r, Exists: exists}, err
	}
	if err := b.plainTable(s, r); err != nil {
		return nil, err
	}
	sh, err := b.shape(s, r)
	if err != nil {
		return nil, err
	}
	if sh.key == nil {
		return nil, b.unsupported(s.Relation.Location(), "a table without PRIMARY KEY is",
			"Declare a PRIMARY KEY, or use CREATE STREAM for rows that are only ever added.")
	}
	r.Key = sh.key
	if err := b.checks(r, sh); err != nil {
		return nil, err
	}
	if err := b.defined(r, s.Relation.Location()); err != nil {
		return nil, err
	}
	return &CreateTable{Relation: r}, nil
}
