package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"
)

// aggregate binds an aggregate over the rows of a symbol, or of the whole match.
func (mb *matchBinder) aggregate(f *ast.FuncCall, name string) (s scalar, ok bool, err error) {
	if _, is := aggregateFuncs[name]; !is {
		return scalar{}, false, nil
	}
	return scalar{}, true, mb.b.unsupported(f.Location(), "an aggregate in MATCH_RECOGNIZE is", "")
}
