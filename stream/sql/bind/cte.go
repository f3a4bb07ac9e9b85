package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
)

// cteScope is a WITH query in scope, innermost first. Its plan stands wherever it is named.
type cteScope struct {
	outer *cteScope
	name  string
	node  plan.Node
	cols  []string
	from  int // relations that it reads
}

// with puts the queries of a WITH clause in scope. leave takes them out again.
func (b *binder) with(w *ast.WithClause) (leave func(), err error) {
	before := b.ctes
	leave = func() { b.ctes = before }
	if w == nil {
		return leave, nil
	}
	if w.Recursive {
		return nil, b.unsupported(w.Location(), "WITH RECURSIVE is", "")
	}
	seen := map[string]bool{}
	for _, n := range w.Ctes.Items {
		c, ok := n.(*ast.CommonTableExpr)
		if !ok {
			continue
		}
		if seen[c.Ctename] {
			leave()
			return nil, b.errorf(c.Location(), stateDuplicateAlias,
				"WITH query name %q specified more than once", c.Ctename)
		}
		seen[c.Ctename] = true
		s, err := b.cte(c)
		if err != nil {
			leave()
			return nil, err
		}
		b.ctes = s
	}
	return leave, nil
}

func (b *binder) cte(c *ast.CommonTableExpr) (*cteScope, error) {
	q, ok := c.Ctequery.(*ast.SelectStmt)
	if !ok {
		return nil, b.unsupported(c.Location(), "statements that change data in WITH are", "")
	}
	before := b.from
	r, err := b.subquery(q)
	if err != nil {
		return nil, err
	}
	n, err := b.project(r)
	if err != nil {
		return nil, err
	}
	names, err := b.columnAliases(c.Ctename, r.names, c.Aliascolnames, c.Location())
	if err != nil {
		return nil, err
	}
	return &cteScope{
		outer: b.ctes, name: c.Ctename, node: n, cols: names, from: b.from - before,
	}, nil
}

// findCTE returns the WITH query of a name, nil if there is none.
func (b *binder) findCTE(name string) *cteScope {
	for c := b.ctes; c != nil; c = c.outer {
		if c.name == name {
			return c
		}
	}
	return nil
}

// columnAliases replaces the first names by those of an alias list.
func (b *binder) columnAliases(
	table string, names []string, list *ast.NodeList, at int,
) ([]string, error) {
	given := items(list)
	if len(given) > len(names) {
		return nil, b.errorf(at, stateBadReference,
			"table %q has %d columns available but %d columns specified", table, len(names),
			len(given))
	}
	out := append([]string(nil), names...)
	for i, n := range given {
		if s, ok := n.(*ast.String); ok {
			out[i] = s.SVal
		}
	}
	return out, nil
}
