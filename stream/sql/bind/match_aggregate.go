package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// matchFuncs are the aggregates that MATCH_RECOGNIZE has: those that the order of rows does not
// change.
var matchFuncs = []string{"avg", "count", "max", "min", "sum"}

// aggregate binds an aggregate over the rows so far of a symbol, or of the whole match.
func (mb *matchBinder) aggregate(f *ast.FuncCall, name string) (s scalar, ok bool, err error) {
	if !aggregateNamed(name) || f.Over != nil {
		return scalar{}, false, nil
	}
	if err := mb.aggregateForm(f, name); err != nil {
		return scalar{}, true, err
	}
	v, err := mb.fold(f, name)
	if err != nil {
		return scalar{}, true, err
	}
	return mb.nav(v, f.Location()), true, nil
}

// aggregateForm judges the shape of a call.
func (mb *matchBinder) aggregateForm(f *ast.FuncCall, name string) error {
	if !slices.Contains(matchFuncs, name) {
		return mb.b.unsupported(f.Location(), name+" in MATCH_RECOGNIZE is",
			"It has count, sum, avg, min and max.")
	}
	if err := mb.b.aggregateForm(f, name); err != nil {
		return err
	}
	if !parse.IsNil(f.AggFilter) {
		return mb.b.unsupported(f.Location(), "FILTER in MATCH_RECOGNIZE is",
			"Give the rows a symbol of their own.")
	}
	if hasItems(f.AggOrder) || f.AggWithinGroup {
		return mb.b.unsupported(f.Location(), "ORDER BY in an aggregate of MATCH_RECOGNIZE is", "")
	}
	return nil
}

// fold binds the one argument: a column of a symbol or of every symbol, *, or symbol.*.
func (mb *matchBinder) fold(f *ast.FuncCall, name string) (v plan.Nav, err error) {
	v = plan.Nav{Kind: plan.NavAggregate, Symbol: -1}
	if f.AggStar {
		v.Call, v.Type = plan.Call(plan.CountStar, -1, int8Type), int8Type
		return v, nil
	}
	args := items(f.Args)
	var ref *ast.ColumnRef
	if len(args) == 1 {
		ref, _ = args[0].(*ast.ColumnRef)
	}
	if ref == nil {
		return v, mb.b.unsupported(f.Location(),
			name+" of anything but a column in MATCH_RECOGNIZE is", "Compute it in a subquery.")
	}
	if parts, star := nameParts(ref.Fields); star && len(parts) == 1 && name == "count" &&
		!f.AggDistinct {
		v.Call, v.Type = plan.Call(plan.CountStar, -1, int8Type), int8Type
		v.Symbol, err = mb.symbol(parse.Name{Name: parts[0], At: ref.Location()})
		return v, err
	}
	if v.Symbol, v.Col, err = mb.row(ref); err != nil {
		return v, err
	}
	sig, fault := resolveAggregate(name, []value.Type{mb.in[v.Col].Type})
	if fault != nil {
		return v, mb.b.noAggregate(f, fault)
	}
	if sig.casts[0] != mb.in[v.Col].Type {
		return v, mb.b.unsupported(f.Location(), name+" of a column that needs a cast is",
			"Cast it in a subquery.")
	}
	v.Call, v.Type = plan.Call(sig.fn, v.Col, sig.result), sig.result
	v.Call.Distinct = f.AggDistinct
	v.Col = 0
	return v, nil
}
