package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
)

// grant binds GRANT ... ON relation TO role [WRITERS (...)].
func (b *binder) grant(s *ast.GrantStmt) (Statement, error) {
	at := b.raw.Offset
	switch {
	case !s.IsGrant:
		return nil, b.unsupported(at, "REVOKE is", "")
	case s.GrantOption:
		return nil, b.unsupported(at, "WITH GRANT OPTION is", "")
	case s.Targtype != ast.ACL_TARGET_OBJECT || s.Objtype != ast.OBJECT_TABLE:
		return nil, b.unsupported(at, "this kind of GRANT is", "")
	case len(items(s.Objects)) != 1 || len(items(s.Grantees)) != 1:
		return nil, b.unsupported(at, "GRANT on several relations or to several roles is",
			"Write one GRANT for each.")
	}
	rv, ok := s.Objects.Items[0].(*ast.RangeVar)
	if !ok {
		return nil, b.unsupported(at, "this kind of GRANT is", "")
	}
	r, err := b.relation(rv)
	if err != nil {
		return nil, err
	}
	role, ok := s.Grantees.Items[0].(*ast.RoleSpec)
	if !ok || role.Roletype != ast.ROLESPEC_CSTRING {
		return nil, b.unsupported(s.Grantees.Items[0].Location(), "GRANT to PUBLIC or CURRENT_USER is",
			"Name the role.")
	}
	st := &Grant{Relation: r.ID, Name: r.Name, Role: role.Rolename}
	if st.Privileges, err = b.privileges(s.Privileges); err != nil {
		return nil, err
	}
	return st, b.writers(st, r)
}

var privilegeNames = map[string]Privilege{
	"insert": PrivInsert, "select": PrivSelect, "update": PrivUpdate, "delete": PrivDelete,
}

// privileges reads the list; ALL is every privilege.
func (b *binder) privileges(list *ast.NodeList) ([]Privilege, error) {
	if !hasItems(list) {
		return []Privilege{PrivInsert, PrivSelect, PrivUpdate, PrivDelete}, nil
	}
	var out []Privilege
	for _, n := range list.Items {
		p, ok := n.(*ast.AccessPriv)
		if !ok {
			continue
		}
		priv, known := privilegeNames[strings.ToLower(p.PrivName)]
		if !known || hasItems(p.Cols) {
			return nil, b.unsupported(b.raw.Offset, "this privilege is",
				"The privileges are INSERT, SELECT, UPDATE and DELETE.")
		}
		out = append(out, priv)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// writers reads WRITERS (...), which opens the lanes of producers on a stream.
func (b *binder) writers(st *Grant, r *catalog.Relation) error {
	for _, w := range b.raw.Clauses.Writers {
		if r.Kind != catalog.Stream || !slices.Contains(st.Privileges, PrivInsert) {
			return b.errorf(w.At, stateBadTable, "WRITERS belongs to GRANT INSERT on a stream")
		}
		st.Writers = append(st.Writers, w.Name)
	}
	slices.Sort(st.Writers)
	st.Writers = slices.Compact(st.Writers)
	return nil
}
