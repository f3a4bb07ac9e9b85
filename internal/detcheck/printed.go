package detcheck

import (
	"go/ast"
	"go/constant"
	"regexp"
	"strings"
)

// pointerVerb matches %p with any flags, width and argument index.
var pointerVerb = regexp.MustCompile(`%[-+# 0-9.*\[\]]*p`)

// printed reports calls into package fmt with a constant format that has a %p.
func (c *checker) printed(n *ast.CallExpr) {
	if !strings.HasPrefix(c.callee(n), "fmt.") {
		return
	}
	for _, arg := range n.Args {
		v := c.pass.TypesInfo.Types[arg].Value
		if v == nil || v.Kind() != constant.String {
			continue
		}
		format := strings.ReplaceAll(constant.StringVal(v), "%%", "")
		if pointerVerb.MatchString(format) {
			c.report(arg.Pos(), pointer, "%p in a format")
		}
	}
}
