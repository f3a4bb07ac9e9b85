package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// matchAt is the MATCH_RECOGNIZE behind the FROM item at a place, nil if there is none.
func (b *binder) matchAt(at int) *parse.Match {
	for i, m := range b.raw.Clauses.Matches {
		if m.Of == at {
			return &b.raw.Clauses.Matches[i]
		}
	}
	return nil
}

// matchRecognize binds MATCH_RECOGNIZE over a FROM item.
func (b *binder) matchRecognize(
	m *parse.Match, in plan.Node, table string, names []string,
) (plan.Node, []string, error) {
	one := &fromList{}
	mb := &matchBinder{b: b, scope: one.addItem(in, table, names, m.At), in: in.Schema()}
	n := &plan.Match{Input: in, Skip: plan.SkipMode(m.Skip), AllRows: m.AllRows}
	pattern, err := mb.pattern(m.Pattern)
	if err != nil {
		return nil, nil, err
	}
	n.Pattern, n.Symbols = pattern, mb.symbols
	if pattern.Empty() {
		return nil, nil, b.unsupported(m.At, "a pattern that matches no rows at all is",
			"Let it begin with a symbol that must come, or use + instead of *.")
	}
	if err := mb.subset(n, m.Subsets); err != nil {
		return nil, nil, err
	}
	if m.Skip == parse.SkipToFirst || m.Skip == parse.SkipToLast {
		if n.SkipTo, err = mb.symbol(m.SkipTo); err != nil {
			return nil, nil, err
		}
	}
	if err := mb.order(n, m); err != nil {
		return nil, nil, err
	}
	if m.Within != nil {
		if n.WithinMicros, err = b.fixedInterval(m.Within, "the time of WITHIN"); err != nil {
			return nil, nil, err
		}
		if n.WithinMicros <= 0 {
			return nil, nil, b.errorf(m.Within.Location(), stateBadParameter,
				"the time of WITHIN must be positive")
		}
	}
	if err := mb.defines(n, m.Defines); err != nil {
		return nil, nil, err
	}
	if err := mb.measures(n, m.Measures); err != nil {
		return nil, nil, err
	}
	if len(n.Names) == 0 {
		return nil, nil, b.errorf(m.At, stateSyntax,
			"MATCH_RECOGNIZE needs MEASURES or PARTITION BY: it would give no columns")
	}
	n.Navs = mb.navs
	return n, n.Names, nil
}

// matchBinder binds the expressions inside one MATCH_RECOGNIZE. What they read from the rows of a
// match becomes navigations, which stand as columns.
type matchBinder struct {
	b       *binder
	scope   *scope
	in      []plan.Field
	symbols []string
	subsets []plan.Subset
	navs    []plan.Nav
	final   []int // places of functions and columns behind FINAL, where it says something
}

// pattern numbers the symbols in the order in which they come.
func (mb *matchBinder) pattern(p *parse.Pattern) (*plan.Pattern, error) {
	out := &plan.Pattern{Kind: plan.PatternConcat}
	if p.Alt {
		out.Kind = plan.PatternAlt
	}
	for _, q := range p.Parts {
		part, err := mb.pattern(q)
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, part)
	}
	switch {
	case len(p.Parts) == 0:
		i := slices.Index(mb.symbols, p.Symbol.Name)
		if i < 0 {
			if i = len(mb.symbols); i == plan.MaxSymbols {
				return nil, mb.b.errorf(p.Symbol.At, stateTooComplex,
					"a pattern has at most %d symbols", plan.MaxSymbols)
			}
			mb.symbols = append(mb.symbols, p.Symbol.Name)
		}
		out = &plan.Pattern{Kind: plan.PatternSymbol, Symbol: i}
	case len(out.Parts) == 1:
		out = out.Parts[0]
	}
	if p.Min == 1 && p.Max == 1 {
		return out, nil
	}
	if out.Empty() {
		return nil, mb.b.unsupported(p.Parts[0].Symbol.At,
			"repeating a part of a pattern that can match no rows is", "")
	}
	return &plan.Pattern{
		Kind: plan.PatternRepeat, Parts: []*plan.Pattern{out}, Min: p.Min, Max: p.Max,
		Reluctant: p.Reluctant,
	}, nil
}

func (mb *matchBinder) symbol(n parse.Name) (int, error) {
	if i := slices.Index(mb.symbols, n.Name); i >= 0 {
		return i, nil
	}
	for i, s := range mb.subsets {
		if s.Name == n.Name {
			return len(mb.symbols) + i, nil
		}
	}
	return 0, mb.b.errorf(n.At, stateNoColumn, "the pattern has no symbol %q", n.Name)
}

// subset binds SUBSET: more names, each for the rows of several symbols.
func (mb *matchBinder) subset(n *plan.Match, list []parse.Subset) error {
	for _, s := range list {
		if _, err := mb.symbol(s.Name); err == nil {
			return mb.b.errorf(s.Name.At, stateSyntax, "symbol %q is there already", s.Name.Name)
		}
		if len(mb.symbols)+len(n.Subsets) == plan.MaxSymbols {
			return mb.b.errorf(s.Name.At, stateTooComplex,
				"a pattern has at most %d symbols and subsets", plan.MaxSymbols)
		}
		out := plan.Subset{Name: s.Name.Name}
		for _, name := range s.Symbols {
			i := slices.Index(mb.symbols, name.Name)
			if i < 0 {
				return mb.b.errorf(name.At, stateNoColumn, "the pattern has no symbol %q",
					name.Name)
			}
			out.Symbols = append(out.Symbols, i)
		}
		n.Subsets = append(n.Subsets, out)
		mb.subsets = n.Subsets
	}
	return nil
}

// order binds PARTITION BY and ORDER BY, which name columns.
func (mb *matchBinder) order(n *plan.Match, m *parse.Match) error {
	column := func(e ast.Node, what string) (int, error) {
		s, err := mb.b.expr(e, &exprCtx{scope: mb.scope, clause: "MATCH_RECOGNIZE"})
		if err != nil {
			return 0, err
		}
		c, ok := s.e.(expr.Column)
		if !ok {
			return 0, mb.b.unsupported(e.Location(), what+" anything but a column is",
				"Compute it in a subquery.")
		}
		return c.Index, nil
	}
	for _, e := range m.PartitionBy {
		c, err := column(e, "PARTITION BY")
		if err != nil {
			return err
		}
		n.PartitionBy = append(n.PartitionBy, c)
		n.Names = append(n.Names, mb.in[c].Name)
	}
	c, err := column(m.OrderBy[0], "ORDER BY")
	if err != nil {
		return err
	}
	if k := mb.in[c].Type.Kind; k != value.Timestamp && k != value.TimestampTZ {
		return mb.b.errorf(m.OrderBy[0].Location(), stateMismatch,
			"MATCH_RECOGNIZE orders by a timestamp or timestamptz, not %s", mb.in[c].Type)
	}
	if len(m.OrderBy) > 1 {
		return mb.b.unsupported(m.OrderBy[1].Location(), "a second column in this ORDER BY is",
			"Rows of equal time are ordered by their whole contents.")
	}
	n.TimeCol = c
	for _, c := range n.Lead()[len(n.PartitionBy):] {
		n.Names = append(n.Names, mb.in[c].Name)
	}
	return nil
}

func (mb *matchBinder) ctx(clause string) *exprCtx {
	return &exprCtx{scope: mb.scope, clause: clause, match: mb, noTime: true}
}

func (mb *matchBinder) defines(n *plan.Match, list []parse.NamedExpr) error {
	n.Defines = make([]expr.Expr, len(mb.symbols))
	for _, d := range list {
		i, err := mb.symbol(d.Name)
		if err != nil {
			return err
		}
		if i >= len(mb.symbols) {
			return mb.b.errorf(d.Name.At, stateSyntax, "%q is a subset, which has no definition",
				d.Name.Name)
		}
		if n.Defines[i] != nil {
			return mb.b.errorf(d.Name.At, stateSyntax, "symbol %q is defined twice", d.Name.Name)
		}
		if n.Defines[i], err = mb.b.condition(d.Expr, mb.ctx("DEFINE")); err != nil {
			return err
		}
	}
	return nil
}

func (mb *matchBinder) measures(n *plan.Match, list []parse.NamedExpr) error {
	for _, m := range list {
		if mb.final = nil; n.AllRows { // one row is measured at the end anyway
			mb.final = m.Final
		}
		s, err := mb.b.expr(m.Expr, mb.ctx("MEASURES"))
		if err != nil {
			return err
		}
		if len(mb.final) > 0 {
			return mb.b.errorf(mb.final[0], stateSyntax,
				"FINAL stands before FIRST, LAST, PREV, NEXT, an aggregate or a column")
		}
		if s, err = mb.b.settled(s); err != nil {
			return err
		}
		n.Measures = append(n.Measures, s.e)
		n.Names = append(n.Names, m.Name.Name)
	}
	mb.final = nil
	for _, c := range n.Rest() {
		n.Names = append(n.Names, mb.in[c].Name)
	}
	return nil
}

// nav adds a navigation, or finds it, and returns it as a column.
func (mb *matchBinder) nav(v plan.Nav, at int) scalar {
	v.Final = v.Final || mb.isFinal(at)
	i := slices.IndexFunc(mb.navs, func(o plan.Nav) bool { return sameNav(o, v) })
	if i < 0 {
		i = len(mb.navs)
		mb.navs = append(mb.navs, v)
	}
	return scalar{e: columnAt(i, v.Type), at: at}
}

// isFinal reports whether FINAL stands before what begins at a place, and takes it as read.
func (mb *matchBinder) isFinal(at int) bool {
	i := slices.Index(mb.final, at)
	if i >= 0 {
		mb.final = slices.Delete(slices.Clone(mb.final), i, i+1)
	}
	return i >= 0
}

func sameNav(a, b plan.Nav) bool {
	x, y := a.Call, b.Call
	a.Call, b.Call = plan.AggCall{}, plan.AggCall{}
	return a.Kind == b.Kind && a.Symbol == b.Symbol && a.Col == b.Col && a.Offset == b.Offset &&
		a.Shift == b.Shift && a.Final == b.Final && a.Type == b.Type && x.Func == y.Func &&
		x.Arg == y.Arg && x.Distinct == y.Distinct
}

// row resolves symbol.column or column to a symbol (-1: any) and a column of the input.
func (mb *matchBinder) row(ref *ast.ColumnRef) (symbol, col int, err error) {
	parts, star := nameParts(ref.Fields)
	symbol = -1
	if len(parts) == 2 && !star {
		name := parse.Name{Name: parts[0], At: ref.Location()}
		if symbol, err = mb.symbol(name); err != nil {
			return 0, 0, err
		}
		bare := ast.NewColumnRef(ref.Fields.Items[1])
		bare.SetLocation(ref.Location())
		ref = bare
	}
	s, err := mb.b.find(mb.scope, ref)
	if err != nil {
		return 0, 0, err
	}
	return symbol, s.e.(expr.Column).Index, nil
}

// column is a column of the last row of a symbol.
func (mb *matchBinder) column(ref *ast.ColumnRef) (scalar, error) {
	symbol, col, err := mb.row(ref)
	if err != nil {
		return scalar{}, err
	}
	v := plan.Nav{Kind: plan.NavLast, Symbol: symbol, Col: col, Type: mb.in[col].Type}
	return mb.nav(v, ref.Location()), nil
}

// call binds the functions that only MATCH_RECOGNIZE has, and aggregates over the rows of a
// symbol; ok is false for others.
func (mb *matchBinder) call(f *ast.FuncCall) (s scalar, ok bool, err error) {
	at := f.Location()
	switch name := lastPart(f.Funcname); name {
	case "match_number":
		return mb.nav(plan.Nav{Kind: plan.NavNumber, Symbol: -1, Type: value.Of(value.Int8)}, at),
			true, nil
	case "classifier":
		return mb.nav(plan.Nav{Kind: plan.NavClassifier, Symbol: -1, Type: value.Of(value.Text)},
			at), true, nil
	case "first", "last", "prev", "next":
		v, err := mb.navigation(f, name)
		if err != nil {
			return scalar{}, true, err
		}
		return mb.nav(v, at), true, nil
	default:
		s, ok, err = mb.aggregate(f, name)
		return s, ok, err
	}
}

// navigation binds FIRST and LAST of a column, and PREV and NEXT of a column or of those.
func (mb *matchBinder) navigation(f *ast.FuncCall, name string) (plan.Nav, error) {
	args := items(f.Args)
	if len(args) < 1 || len(args) > 2 {
		return plan.Nav{}, mb.b.errorf(f.Location(), "42883", "%s takes a column and a count", name)
	}
	count := 0
	if name == "prev" || name == "next" {
		count = 1
	}
	if len(args) == 2 {
		n, err := mb.count(args[1])
		if err != nil {
			return plan.Nav{}, err
		}
		count = n
	}
	v := plan.Nav{Kind: plan.NavLast}
	if inner, ok := args[0].(*ast.FuncCall); ok && (name == "prev" || name == "next") {
		if in := lastPart(inner.Funcname); in == "first" || in == "last" {
			var err error
			if v, err = mb.navigation(inner, in); err != nil {
				return v, err
			}
			v.Final = mb.isFinal(inner.Location())
			args[0] = nil
		}
	}
	if args[0] != nil {
		ref, ok := args[0].(*ast.ColumnRef)
		if !ok {
			return v, mb.b.unsupported(f.Location(), name+" of anything but a column is",
				"Compute it in a subquery.")
		}
		var err error
		if v.Symbol, v.Col, err = mb.row(ref); err != nil {
			return v, err
		}
		v.Type = mb.in[v.Col].Type
	}
	switch name {
	case "first":
		v.Kind, v.Offset = plan.NavFirst, count
	case "last":
		v.Offset = count
	case "prev":
		v.Shift = -count
	case "next":
		v.Shift = count
	}
	return v, nil
}

// count is a constant number of rows.
func (mb *matchBinder) count(n ast.Node) (int, error) {
	s, err := mb.b.expr(n, &exprCtx{scope: &scope{}, clause: "a number of rows"})
	if err != nil {
		return 0, err
	}
	d, ok := constantOf(s.e)
	if !ok || !d.Kind.IsInteger() || d.I < 0 || d.I > plan.MaxPatternCount {
		return 0, mb.b.errorf(n.Location(), stateBadParameter,
			"a number of rows must be a constant from 0 to %d", plan.MaxPatternCount)
	}
	return int(d.I), nil
}
