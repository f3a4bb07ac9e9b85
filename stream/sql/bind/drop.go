package bind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/sql/parse"
)

// kindWords are the kinds in messages.
var kindWords = map[catalog.Kind]string{
	catalog.Stream: "stream", catalog.Table: "table", catalog.View: "materialized view",
	catalog.Late: "late relation", catalog.Rejected: "rejected relation",
	catalog.Errors: "error relation", catalog.History: "history",
}

// drop binds DROP STREAM, TABLE and MATERIALIZED VIEW.
func (b *binder) drop(s *ast.DropStmt) (Statement, error) {
	st := &Drop{}
	if s.RemoveType == ast.OBJECT_FUNCTION {
		return b.dropFunction(s)
	}
	if s.RemoveType == ast.OBJECT_INDEX {
		return b.dropIndex(s)
	}
	switch {
	case s.RemoveType == ast.OBJECT_TABLE && b.raw.Clauses.Stream:
		st.Kind = catalog.Stream
	case s.RemoveType == ast.OBJECT_TABLE:
		st.Kind = catalog.Table
	case s.RemoveType == ast.OBJECT_MATVIEW:
		st.Kind = catalog.View
	default:
		return nil, b.unsupported(b.raw.Offset, "this kind of DROP is", "")
	}
	drop := map[uint32]*catalog.Relation{}
	for _, n := range items(s.Objects) {
		r, err := b.dropped(n, st.Kind, s.MissingOk)
		if err != nil {
			return nil, err
		}
		if r != nil {
			drop[r.ID] = r
		}
	}
	if err := b.dropDependents(drop, s.Behavior == ast.DropCascade); err != nil {
		return nil, err
	}
	all, _ := b.cat.InOrder()
	for _, r := range slices.Backward(all) {
		if drop[r.ID] != nil {
			st.Relations = append(st.Relations, r.ID)
		}
	}
	return st, nil
}

// droppedName is one name of a DROP.
func (b *binder) droppedName(n ast.Node) (string, error) {
	list, _ := n.(*ast.NodeList)
	parts, _ := nameParts(list)
	rv := &ast.RangeVar{RelName: parts[len(parts)-1]}
	if len(parts) > 1 {
		rv.SchemaName = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		rv.CatalogName = parts[0]
	}
	rv.SetLocation(n.Location())
	return b.plainName(rv)
}

// dropped looks one name up, nil if it may be missing and is.
func (b *binder) dropped(
	n ast.Node, kind catalog.Kind, missingOK bool,
) (*catalog.Relation, error) {
	name, err := b.droppedName(n)
	if err != nil {
		return nil, err
	}
	at := n.Location()
	word := kindWords[kind]
	r := b.cat.Lookup(name)
	switch {
	case r == nil && b.cat.LookupIndex(name) != nil:
		e := b.errorf(at, stateWrongObject, "%q is not a %s", name, word)
		e.Hint = "Use DROP INDEX to remove an index."
		return nil, e
	case r == nil && missingOK:
		b.notice("00000", word+" \""+name+"\" does not exist, skipping", "")
		return nil, nil
	case r == nil:
		return nil, b.errorf(at, stateNoTable, "%s %q does not exist", word, name)
	case r.Of != 0:
		return nil, b.errorf(at, stateWrongObject, "%q belongs to %q and lives as long as it", name,
			b.cat.ByID(r.Of).Name)
	case r.Kind != kind:
		return nil, b.wrongKind(at, r, "a "+word)
	}
	return r, nil
}

// wrongKind refuses to drop a relation as something that it is not.
func (b *binder) wrongKind(at int, r *catalog.Relation, what string) error {
	e := b.errorf(at, stateWrongObject, "%q is not %s", r.Name, what)
	e.Hint = map[catalog.Kind]string{
		catalog.Stream: "Use DROP STREAM to remove a stream.",
		catalog.Table:  "Use DROP TABLE to remove a table.",
		catalog.View:   "Use DROP MATERIALIZED VIEW to remove a materialized view.",
	}[r.Kind]
	return e
}

// dropDependents adds what reads the relations, or refuses.
func (b *binder) dropDependents(drop map[uint32]*catalog.Relation, cascade bool) error {
	var named []*catalog.Relation
	for _, r := range b.cat.All() {
		if drop[r.ID] != nil {
			named = append(named, r)
		}
	}
	var cascaded []string
	for _, r := range named {
		for _, d := range b.cat.Dependents(r.ID) {
			if drop[d.ID] != nil {
				continue
			}
			if !cascade {
				e := b.errorf(b.raw.Offset, stateDependents,
					"cannot drop %s %q because other objects depend on it", kindWords[r.Kind], r.Name)
				e.Detail = kindWords[d.Kind] + " \"" + d.Name + "\" depends on it."
				e.Hint = "Use DROP ... CASCADE to drop the dependent objects too."
				return e
			}
			drop[d.ID] = d
			cascaded = append(cascaded, kindWords[d.Kind]+" "+parse.QuoteIdent(d.Name))
		}
	}
	b.cascadeNotice(cascaded)
	return nil
}

// cascadeNotice tells what goes with what was named, as PostgreSQL does.
func (b *binder) cascadeNotice(list []string) {
	switch len(list) {
	case 0:
	case 1:
		b.notice("00000", "drop cascades to "+list[0], "")
	default:
		b.notice("00000", fmt.Sprintf("drop cascades to %d other objects", len(list)), "")
		b.notices[len(b.notices)-1].Detail = "drop cascades to " +
			strings.Join(list, "\ndrop cascades to ")
	}
}
