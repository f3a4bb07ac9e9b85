package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/plan"
)

// explain binds EXPLAIN of a query, of INSERT, of CREATE MATERIALIZED VIEW, or of a view.
func (b *binder) explain(s *ast.ExplainStmt) (Statement, error) {
	out := &Explain{}
	for _, n := range items(s.Options) {
		if d, ok := n.(*ast.DefElem); ok {
			if err := b.explainOption(d, out); err != nil {
				return nil, err
			}
		}
	}
	if b.raw.Clauses.ExplainView {
		return b.explainView(s, out)
	}
	n, err := b.explained(s, out.Analyze)
	if err != nil || n == nil { // IF NOT EXISTS of a view that exists
		return out, err
	}
	if out.Analyze {
		out.What = ExplainCircuit
	}
	out.Logical, out.Plan = b.logical, n
	_, out.Query = s.Query.(*ast.SelectStmt)
	if out.Format == FormatText {
		out.Text = out.print()
	}
	return out, nil
}

// explained binds the statement and returns its plan.
func (b *binder) explained(s *ast.ExplainStmt, analyze bool) (plan.Node, error) {
	switch q := s.Query.(type) {
	case *ast.SelectStmt:
		st, err := b.selectStatement(q)
		if st, ok := st.(*Select); ok && err == nil {
			return st.Plan, nil
		}
		return nil, err
	case *ast.CreateTableAsStmt:
		if analyze {
			break
		}
		st, err := b.createView(q)
		if st, ok := st.(*CreateView); ok && err == nil && !st.Exists {
			return st.Plan, nil
		}
		return nil, err
	case *ast.InsertStmt:
		if analyze {
			break
		}
		st, err := b.insert(q)
		if st, ok := st.(*Insert); ok && err == nil {
			return st.Source, nil
		}
		return nil, err
	}
	if analyze {
		return nil, b.unsupported(b.raw.Offset, "EXPLAIN ANALYZE of other than a query is", "")
	}
	return nil, b.unsupported(b.raw.Offset, "EXPLAIN of this statement is",
		"EXPLAIN shows queries, INSERT, CREATE MATERIALIZED VIEW and MATERIALIZED VIEW name.")
}

// explainOption reads one option.
func (b *binder) explainOption(d *ast.DefElem, out *Explain) error {
	text, given := settingText(d.Arg)
	text = strings.ToLower(text)
	on := !given || text != "false" && text != "off" && text != "0"
	forms := map[string]ExplainWhat{
		"logical": ExplainLogical, "rewritten": ExplainRewritten, "circuit": ExplainCircuit,
	}
	formats := map[string]ExplainFormat{"text": FormatText, "dot": FormatDOT, "json": FormatJSON}
	name := strings.ToLower(d.Defname)
	switch name {
	case "verbose", "costs", "timing", "summary", "buffers":
	case "analyze":
		out.Analyze = on
	case "logical", "rewritten", "circuit":
		if on {
			out.What = forms[name]
		}
	case "format":
		f, ok := formats[text]
		if !ok {
			return b.errorf(b.raw.Offset, stateBadParameter,
				"unrecognized value for EXPLAIN option \"format\": %q", text)
		}
		out.Format = f
	default:
		return b.errorf(b.raw.Offset, stateSyntax, "unrecognized EXPLAIN option %q", d.Defname)
	}
	return nil
}

// explainView binds EXPLAIN MATERIALIZED VIEW v.
func (b *binder) explainView(s *ast.ExplainStmt, out *Explain) (Statement, error) {
	q, _ := s.Query.(*ast.SelectStmt)
	if q == nil || len(items(q.FromClause)) != 1 {
		return nil, b.errorf(b.raw.Offset, stateSyntax, "malformed EXPLAIN MATERIALIZED VIEW")
	}
	rv, ok := q.FromClause.Items[0].(*ast.RangeVar)
	if !ok {
		return nil, b.errorf(b.raw.Offset, stateSyntax, "malformed EXPLAIN MATERIALIZED VIEW")
	}
	r, err := b.relation(rv)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.View {
		return nil, b.errorf(rv.Location(), stateWrongObject, "%q is not a materialized view", r.Name)
	}
	if out.Analyze {
		return nil, b.unsupported(b.raw.Offset, "EXPLAIN ANALYZE of other than a query is", "")
	}
	out.What, out.View = ExplainRunning, r.ID
	return out, nil
}

// print writes the plans that are asked for, "" for a circuit.
func (e *Explain) print() string {
	switch e.What {
	case ExplainLogical:
		return plan.Print(e.Logical)
	case ExplainRewritten:
		return plan.Print(e.Plan)
	case ExplainPlans:
		return "Logical plan\n" + indented(plan.Print(e.Logical)) + "Rewritten plan\n" +
			indented(plan.Print(e.Plan))
	}
	return ""
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
