package detcheck

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer is the determinism check of the replicated floors.
var Analyzer = &analysis.Analyzer{
	Name:     "detcheck",
	Doc:      "report what can differ between replicas in weir/stream, weir/ledger and weir/app",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

// floors are the packages, with all below them, whose code must be a pure function of the
// committed state and the block.
var floors = []string{"weir/stream", "weir/ledger", "weir/app"}

// besideFloors are packages below a floor that no replica runs: they measure it with a clock.
// layers.txt keeps the floors from importing them.
var besideFloors = []string{"weir/stream/streamtest/enginebench"}

func onFloor(path string) bool {
	if slices.Contains(besideFloors, path) {
		return false
	}
	for _, f := range floors {
		if path == f || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

// checker judges the files of one package.
type checker struct {
	pass    *analysis.Pass
	waivers waivers
}

func run(pass *analysis.Pass) (any, error) {
	if !onFloor(pass.Pkg.Path()) {
		return nil, nil
	}
	c := &checker{pass: pass, waivers: waivers{}}
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for file := range in.Root().Children() {
		f := file.Node().(*ast.File)
		if strings.HasSuffix(pass.Fset.Position(f.Package).Filename, "_test.go") {
			continue
		}
		c.waivers.collect(pass, f)
		for cur := range file.Preorder(judged...) {
			c.node(cur)
		}
	}
	c.waivers.reportUnused(pass)
	return nil, nil
}

// judged has the kinds of syntax nodes that node tells apart.
var judged = []ast.Node{
	(*ast.RangeStmt)(nil), (*ast.GoStmt)(nil), (*ast.SelectStmt)(nil), (*ast.SendStmt)(nil),
	(*ast.ChanType)(nil), (*ast.UnaryExpr)(nil), (*ast.BinaryExpr)(nil), (*ast.AssignStmt)(nil),
	(*ast.IncDecStmt)(nil), (*ast.CallExpr)(nil), (*ast.Ident)(nil),
}

// node hands one syntax node to the checks that are about its kind.
func (c *checker) node(cur inspector.Cursor) {
	switch n := cur.Node().(type) {
	case *ast.RangeStmt:
		c.rangeOver(n)
	case *ast.GoStmt:
		c.report(n.Pos(), goroutine, "a goroutine")
	case *ast.SelectStmt:
		c.report(n.Pos(), goroutine, "select")
	case *ast.SendStmt:
		c.report(n.Arrow, goroutine, "a send to a channel")
	case *ast.ChanType:
		c.report(n.Pos(), goroutine, "a channel")
	case *ast.UnaryExpr:
		c.receive(n)
	case *ast.BinaryExpr:
		c.floatOperation(cur, n)
	case *ast.AssignStmt:
		c.floatAssignment(n)
	case *ast.IncDecStmt:
		c.floatStep(n)
	case *ast.CallExpr:
		c.printed(n)
	case *ast.Ident:
		c.use(cur, n)
	}
}

// report makes a finding unless the line before waives the word.
func (c *checker) report(at token.Pos, w word, what string) {
	if !c.waivers.cover(c.pass.Fset.Position(at), w) {
		c.pass.Reportf(at, "%s in replicated code: %s (or //weir:%s <reason> on the line before)",
			what, w.advice(), w)
	}
}
