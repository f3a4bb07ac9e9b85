package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"
)

// parameter is a named parameter of a function of the library. Its default is SQL's text of an
// integer or a keyword; empty if there is none.
type parameter struct{ name, standard string }

// namedParameters are the functions that PostgreSQL gives parameters with names.
var namedParameters = map[string][]parameter{
	"make_interval": {
		{"years", "0"},
		{"months", "0"},
		{"weeks", "0"},
		{"days", "0"},
		{"hours", "0"},
		{"mins", "0"},
		{"secs", "0"},
	},
	"make_date": {{"year", ""}, {"month", ""}, {"day", ""}},
	"make_time": {{"hour", ""}, {"min", ""}, {"sec", ""}},
	"make_timestamp": {
		{"year", ""},
		{"month", ""},
		{"mday", ""},
		{"hour", ""},
		{"min", ""},
		{"sec", ""},
	},
	"make_timestamptz": {
		{"year", ""},
		{"month", ""},
		{"mday", ""},
		{"hour", ""},
		{"min", ""},
		{"sec", ""},
	},
	"jsonb_set": {
		{"jsonb_in", ""},
		{"path", ""},
		{"replacement", ""},
		{"create_if_missing", "t"},
	},
	"jsonb_insert": {
		{"jsonb_in", ""},
		{"path", ""},
		{"replacement", ""},
		{"insert_after", "f"},
	},
	"jsonb_path_exists":      pathParameters,
	"jsonb_path_match":       pathParameters,
	"jsonb_path_query":       pathParameters,
	"jsonb_path_query_array": pathParameters,
	"jsonb_path_query_first": pathParameters,
}

var pathParameters = []parameter{{"target", ""}, {"path", ""}, {"vars", "{}"}, {"silent", "f"}}

// positional puts the arguments of a call with names (days => 1) at their positions. Parameters
// left out between others get their defaults.
func (b *binder) positional(f *ast.FuncCall, name string) (*ast.NodeList, error) {
	isNamed := func(n ast.Node) bool {
		_, ok := n.(*ast.NamedArgExpr)
		return ok
	}
	if f.Args == nil || !slices.ContainsFunc(f.Args.Items, isNamed) {
		return f.Args, nil
	}
	params, ok := namedParameters[strings.ToLower(name)]
	if !ok {
		return nil, b.unsupported(f.Location(), "named arguments of "+name+" are", "")
	}
	given := make([]ast.Node, len(params))
	last := 0
	for i, n := range f.Args.Items {
		at := i
		if arg, ok := n.(*ast.NamedArgExpr); ok {
			at = slices.IndexFunc(params, func(p parameter) bool { return p.name == arg.Name })
			n = arg.Arg
		} else if i > 0 && isNamed(f.Args.Items[i-1]) {
			return nil, b.errorf(f.Location(), "42601",
				"positional argument cannot follow named argument")
		}
		if at < 0 || at >= len(params) {
			return nil, b.errorf(f.Location(), "42883", "function %s does not exist", name)
		}
		if given[at] != nil {
			return nil, b.errorf(f.Location(), "42601",
				"argument name %q used more than once", params[at].name)
		}
		given[at], last = n, max(last, at)
	}
	for i, n := range given[:last+1] {
		if n != nil {
			continue
		}
		if params[i].standard == "" {
			return nil, b.errorf(f.Location(), "42883", "function %s does not exist", name)
		}
		given[i] = ast.NewA_Const(ast.NewString(params[i].standard), f.Location())
	}
	return &ast.NodeList{Items: given[:last+1]}, nil
}
