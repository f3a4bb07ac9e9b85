package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
)

// cteScope is a WITH query in scope, innermost first. Its plan stands wherever it is named.
type cteScope struct {
	outer *cteScope
	name  string
	node  plan.Node // nil: not bound yet
	cols  []string
	from  int // relations that it reads

	pending *ast.CommonTableExpr // of WITH RECURSIVE, until it is bound
	scope   *cteScope            // what it sees then
	around  *scope
	binding *recursion // while it is bound
}

// with puts the queries of a WITH clause in scope. leave takes them out again.
func (b *binder) with(w *ast.WithClause) (leave func(), err error) {
	before := b.ctes
	leave = func() { b.ctes = before }
	if w == nil {
		return leave, nil
	}
	seen := map[string]bool{}
	var added []*cteScope
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
		s := &cteScope{outer: b.ctes, name: c.Ctename, pending: c, around: b.outer}
		if !w.Recursive {
			if err := b.bindCTE(s); err != nil {
				leave()
				return nil, err
			}
		}
		added = append(added, s)
		b.ctes = s
	}
	if !w.Recursive {
		return leave, nil
	}
	for _, s := range added {
		s.scope = b.ctes
	}
	for _, s := range added {
		if err := b.bindCTE(s); err != nil {
			leave()
			return nil, err
		}
	}
	return leave, nil
}

// bindCTE binds a WITH query, unless that is done.
func (b *binder) bindCTE(s *cteScope) error {
	c := s.pending
	if s.node != nil || c == nil {
		return nil
	}
	q, ok := c.Ctequery.(*ast.SelectStmt)
	if !ok {
		return b.unsupported(c.Location(), "statements that change data in WITH are", "")
	}
	before := b.from
	var err error
	if s.scope != nil {
		err = b.recursiveCTE(c, q, s)
	} else {
		err = b.plainCTE(c, q, s)
	}
	s.from, s.pending = b.from-before, nil
	return err
}

// readCTE is a WITH query where it is named.
func (b *binder) readCTE(c *cteScope, at int) (plan.Node, []string, error) {
	switch {
	case c.binding != nil && c.binding == b.recursion:
		return b.readSelf(c, at)
	case c.binding != nil:
		return nil, nil, b.errorf(at, stateUnsupported,
			"mutual recursion between WITH items is not implemented")
	}
	if err := b.bindCTE(c); err != nil {
		return nil, nil, err
	}
	return c.node, c.cols, b.countFrom(c.from, at)
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
