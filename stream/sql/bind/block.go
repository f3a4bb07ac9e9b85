package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// block is one SELECT ... FROM ... GROUP BY ... HAVING. Its expressions are over the rows of in
// until grouped moves them over the groups; aggregate calls stand as columns from aggBase on,
// window functions from overBase and set-returning functions from setBase on.
type block struct {
	in       plan.Node
	scope    *scope
	aggs     aggregates
	overs    overs
	calls    setCalls
	group    exprSet
	groupAt  bool    // GROUP BY is written
	sets     [][]int // grouping sets over group; nil: one set of all
	having   expr.Expr
	outs     []scalar
	names    []string
	visible  int // outputs of the select list; others follow, to order by
	distinct bool
	on       *distinctOn // DISTINCT ON; nil: none
	emit     bool        // EMIT ON WINDOW CLOSE
	seen     map[int]int // column of in -> where an output names it
}

// block binds a SELECT up to its HAVING.
func (b *binder) block(q *ast.SelectStmt) (*block, error) {
	if err := b.unsupportedClauses(q); err != nil {
		return nil, err
	}
	blk := &block{seen: map[int]int{}}
	var err error
	nows := len(b.viewNows)
	if blk.in, blk.scope, err = b.fromWhere(q); err != nil {
		return nil, err
	}
	if len(b.viewNows) > nows {
		if blk.in, err = b.temporalFilters(blk.in, b.viewNows[nows]); err != nil {
			return nil, err
		}
	}
	if err := b.windowClause(blk, q.WindowClause); err != nil {
		return nil, err
	}
	if err := b.targets(blk, q.TargetList); err != nil {
		return nil, err
	}
	blk.visible = len(blk.outs)
	if err := b.groupBy(blk, q.GroupClause, q.GroupDistinct); err != nil {
		return nil, err
	}
	if !parse.IsNil(q.HavingClause) {
		c := blk.ctx("HAVING")
		if blk.having, err = b.condition(q.HavingClause, c); err != nil {
			return nil, err
		}
	}
	if hasItems(q.DistinctClause) {
		if err := b.distinctOn(blk, q); err != nil {
			return nil, err
		}
	}
	blk.distinct = q.DistinctClause != nil && blk.on == nil
	return blk, b.checkGroupings(blk)
}

// ctx is where outputs of the block are bound: aggregates are allowed, and except in HAVING window
// functions and set-returning ones.
func (blk *block) ctx(clause string) *exprCtx {
	c := &exprCtx{scope: blk.scope, clause: clause, aggs: &blk.aggs, seen: blk.seen}
	if clause != "HAVING" {
		c.overs, c.sets = &blk.overs, &blk.calls
	}
	return c
}

// isGrouped reports whether the block has groups, be it one for all rows.
func (blk *block) isGrouped() bool {
	return blk.groupAt || blk.having != nil || len(blk.aggs.calls) > 0 ||
		len(blk.aggs.groupings) > 0
}

func (b *binder) unsupportedClauses(q *ast.SelectStmt) error {
	at := q.Location()
	switch {
	case q.IntoClause != nil:
		return b.unsupported(at, "SELECT INTO is", "Use CREATE MATERIALIZED VIEW ... AS.")
	case hasItems(q.LockingClause):
		return b.unsupported(at, "FOR UPDATE is",
			"Reads take no locks: a transaction is judged against the state that it finds.")
	}
	return nil
}

// targets binds the select list.
func (b *binder) targets(blk *block, list *ast.NodeList) error {
	c := blk.ctx("SELECT")
	for _, n := range items(list) {
		t, ok := n.(*ast.ResTarget)
		if !ok {
			return b.errorf(n.Location(), stateSyntax, "malformed select list")
		}
		if ref, ok := unwrapped(t.Val).(*ast.ColumnRef); ok {
			if parts, star := nameParts(ref.Fields); star {
				if err := b.star(blk, ref, parts); err != nil {
					return err
				}
				continue
			}
		}
		if ok, err := b.setStar(blk, t.Val); ok {
			if err != nil {
				return err
			}
			continue
		}
		if fields, names, ok, err := b.expanded(t.Val, c); ok {
			if err != nil {
				return err
			}
			blk.outs, blk.names = append(blk.outs, fields...), append(blk.names, names...)
			continue
		}
		s, err := b.expr(t.Val, c)
		if err != nil {
			return err
		}
		name := t.Name
		if name == "" {
			name = outputName(t.Val)
		}
		blk.outs = append(blk.outs, s)
		blk.names = append(blk.names, name)
	}
	return nil
}

// star expands * and t.*.
func (b *binder) star(blk *block, ref *ast.ColumnRef, parts []string) error {
	at := ref.Location()
	sc := blk.scope
	if len(parts) > 1 {
		return b.unsupported(at, "names with a schema are", "")
	}
	if len(parts) == 0 {
		if len(sc.tables) == 0 {
			return b.errorf(at, stateSyntax, "SELECT * with no tables specified is not valid")
		}
		for _, i := range sc.star {
			blk.output(sc.cols[i], at)
		}
		return nil
	}
	if !sc.has(parts[0]) {
		return b.errorf(at, stateNoTable, "missing FROM-clause entry for table %q", parts[0])
	}
	for _, c := range sc.cols {
		if c.table == parts[0] && !c.hidden {
			blk.output(c, at)
		}
	}
	return nil
}

func (blk *block) output(c column, at int) {
	blk.note(c.index, at)
	blk.outs = append(blk.outs, c.scalar(at))
	blk.names = append(blk.names, c.name)
}

func (blk *block) note(col, at int) {
	if _, ok := blk.seen[col]; !ok {
		blk.seen[col] = at
	}
}

// outputName is the name that PostgreSQL gives a column without AS.
func outputName(n ast.Node) string {
	switch e := n.(type) {
	case *ast.ParenExpr:
		return outputName(e.Expr)
	case *ast.ColumnRef:
		return lastPart(e.Fields)
	case *ast.FuncCall:
		return lastPart(e.Funcname)
	case *ast.TypeCast:
		if name := outputName(e.Arg); name != noName {
			return name
		}
		return lastPart(e.TypeName.Names)
	case *ast.CollateClause:
		return outputName(e.Arg)
	case *ast.CaseExpr:
		if !parse.IsNil(e.Defresult) {
			if name := outputName(e.Defresult); name != noName {
				return name
			}
		}
		return "case"
	case *ast.CoalesceExpr:
		return "coalesce"
	case *ast.MinMaxExpr:
		if e.Op == ast.IS_LEAST {
			return "least"
		}
		return "greatest"
	case *ast.A_Expr:
		if e.Kind == ast.AEXPR_NULLIF {
			return "nullif"
		}
	case *ast.SQLValueFunction:
		return valueFunctionNames[e.Op]
	case *ast.GroupingFunc:
		return "grouping"
	case *ast.RowExpr:
		return "row"
	case *ast.A_Indirection:
		if name, ok := e.Indirection.Items[len(e.Indirection.Items)-1].(*ast.String); ok {
			return name.SVal
		}
	}
	return noName
}

const noName = "?column?"

var valueFunctionNames = map[ast.SQLValueFunctionOp]string{
	ast.SVFOP_CURRENT_TIMESTAMP: "current_timestamp", ast.SVFOP_CURRENT_DATE: "current_date",
	ast.SVFOP_LOCALTIMESTAMP: "localtimestamp", ast.SVFOP_LOCALTIME: "localtime",
	ast.SVFOP_CURRENT_TIME: "current_time",
}

// groupItem binds one grouping expression.
func (b *binder) groupItem(blk *block, n ast.Node) (scalar, error) {
	if i, ok, err := b.ordinal(n, len(blk.outs), "GROUP BY"); ok || err != nil {
		if err != nil {
			return scalar{}, err
		}
		return b.settleOutput(blk, i)
	}
	if ref, ok := n.(*ast.ColumnRef); ok {
		parts, star := nameParts(ref.Fields)
		if len(parts) == 1 && !star && !blk.scope.shows(parts[0]) {
			i, err := b.outputNamed(blk.outs, blk.names, parts[0], n.Location(), "GROUP BY")
			if err != nil {
				return scalar{}, err
			}
			if i >= 0 {
				return b.settleOutput(blk, i)
			}
		}
	}
	return b.expr(n, &exprCtx{scope: blk.scope, clause: "GROUP BY", sets: &blk.calls})
}

// settleOutput types an output for good, since it is now used twice.
func (b *binder) settleOutput(blk *block, i int) (scalar, error) {
	s, err := b.settled(blk.outs[i])
	blk.outs[i] = s
	return s, err
}

// shows reports whether a bare name means a column.
func (sc *scope) shows(name string) bool {
	for _, c := range sc.cols {
		if c.name == name {
			return true
		}
	}
	return false
}

// ordinal reads an integer literal as the number of an output.
func (b *binder) ordinal(n ast.Node, outs int, clause string) (int, bool, error) {
	k, ok := n.(*ast.A_Const)
	if !ok {
		return 0, false, nil
	}
	v, ok := k.Val.(*ast.Integer)
	if !ok || k.Isnull {
		return 0, false, b.errorf(n.Location(), stateSyntax, "non-integer constant in %s", clause)
	}
	if v.IVal < 1 || int(v.IVal) > outs {
		return 0, false, b.errorf(n.Location(), stateBadReference,
			"%s position %d is not in select list", clause, v.IVal)
	}
	return int(v.IVal) - 1, true, nil
}

// outputNamed finds an output by name, -1 if there is none. Equal outputs of one name are one.
func (b *binder) outputNamed(
	outs []scalar, names []string, name string, at int, clause string,
) (int, error) {
	found := -1
	for i, n := range names {
		if n != name {
			continue
		}
		if found >= 0 && !expr.Equal(outs[i].e, outs[found].e) {
			return 0, b.errorf(at, stateAmbiguousColumn, "%s %q is ambiguous", clause,
				strings.TrimSpace(name))
		}
		if found < 0 {
			found = i
		}
	}
	return found, nil
}
