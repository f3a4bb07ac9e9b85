package detcheck

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

const protoPath = "google.golang.org/protobuf/proto"

// banned maps the full name of a function or method to the word of its finding. A mere mention
// counts, since a function value can be called anywhere.
var banned = map[string]word{
	"maps.All":                   unordered,
	"maps.Keys":                  unordered,
	"maps.Values":                unordered,
	"sort.Slice":                 unordered,
	"sort.SliceStable":           unordered,
	"sort.Sort":                  unordered,
	"(*sync.Map).Range":          unordered,
	"(reflect.Value).MapKeys":    unordered,
	"(reflect.Value).MapRange":   unordered,
	"(reflect.Value).Seq":        unordered,
	"(reflect.Value).Seq2":       unordered,
	"time.Now":                   clock,
	"time.Since":                 clock,
	"time.Until":                 clock,
	"time.Sleep":                 clock,
	"time.After":                 clock,
	"time.AfterFunc":             clock,
	"time.Tick":                  clock,
	"time.NewTimer":              clock,
	"time.NewTicker":             clock,
	"context.WithTimeout":        clock,
	"context.WithDeadline":       clock,
	"(*sync.WaitGroup).Go":       goroutine,
	"(reflect.Value).Send":       goroutine,
	"(reflect.Value).Recv":       goroutine,
	"reflect.Select":             goroutine,
	"os.Getenv":                  env,
	"os.LookupEnv":               env,
	"os.Environ":                 env,
	"os.ExpandEnv":               env,
	"os.Hostname":                env,
	"os.Getpid":                  env,
	"os.Getwd":                   env,
	"runtime.NumCPU":             env,
	"runtime.NumGoroutine":       env,
	"runtime.GOMAXPROCS":         env,
	"time.LoadLocation":          env,
	"crypto/ed25519.Verify":      signature,
	"(reflect.Value).Pointer":    pointer,
	"(reflect.Value).UnsafeAddr": pointer,

	"crypto/ed25519.VerifyWithOptions":                      signature,
	protoPath + ".Marshal":                                  encoding,
	"(" + protoPath + ".MarshalOptions).Marshal":            encoding,
	"(" + protoPath + ".MarshalOptions).MarshalAppend":      encoding,
	"(" + protoPath + ".MarshalOptions).MarshalState":       encoding,
	"google.golang.org/protobuf/encoding/protojson.Marshal": encoding,
	"google.golang.org/protobuf/encoding/prototext.Marshal": encoding,
}

// bannedPackages maps an import path to the word for everything in it.
var bannedPackages = map[string]word{
	"math/rand":    random,
	"math/rand/v2": random,
	"crypto/rand":  random,
	"hash/maphash": random,
}

// platformMath has the functions of package math that are written in assembly on some platform or
// may become so, and so need not agree in the last bit. Those that are left out are exact.
var platformMath = newSet(`Acos Acosh Asin Asinh Atan Atan2 Atanh Cbrt Cos Cosh Erf Erfc Erfcinv
	Erfinv Exp Exp2 Expm1 Gamma Hypot J0 J1 Jn Lgamma Log Log10 Log1p Log2 Pow Pow10 Sin Sincos
	Sinh Tan Tanh Y0 Y1 Yn`)

// orderFree has the functions whose result does not depend on the order of the sequence that they
// are handed.
var orderFree = newSet("slices.Sorted slices.SortedFunc maps.Collect maps.Insert")

func newSet(names string) map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Fields(names) {
		set[n] = true
	}
	return set
}

// use reports the mention of a banned function, and closing a channel.
func (c *checker) use(cur inspector.Cursor, n *ast.Ident) {
	obj := c.pass.TypesInfo.Uses[n]
	if b, ok := obj.(*types.Builtin); ok && b.Name() == "close" {
		c.report(n.Pos(), goroutine, "close of a channel")
		return
	}
	if obj == nil || obj.Pkg() == nil {
		return
	}
	if w, ok := bannedPackages[obj.Pkg().Path()]; ok {
		c.report(n.Pos(), w, obj.Pkg().Path()+"."+obj.Name())
		return
	}
	fn, ok := obj.(*types.Func)
	if !ok {
		return
	}
	name := fn.Origin().FullName()
	if fn.Pkg().Path() == "math" && platformMath[fn.Name()] {
		c.report(n.Pos(), float, name)
	}
	if w, ok := banned[name]; ok && !c.handedOn(cur) {
		c.report(n.Pos(), w, name)
	}
}

// handedOn reports whether the function named at cur is called, and its result is an argument of
// a function for which the order of a sequence makes no difference.
func (c *checker) handedOn(cur inspector.Cursor) bool {
	up := cur.Parent()
	for {
		switch up.Node().(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
			up = up.Parent()
			continue
		}
		break
	}
	call, ok := up.Node().(*ast.CallExpr)
	if !ok || cur.Node().End() > call.Fun.End() { // mentioned, but not what is called
		return false
	}
	outer, ok := up.Parent().Node().(*ast.CallExpr)
	return ok && orderFree[c.callee(outer)]
}

// callee returns the full name of the function that is called, or "".
func (c *checker) callee(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) { // explicit type arguments
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		fun = sel.Sel
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return ""
	}
	fn, ok := c.pass.TypesInfo.Uses[id].(*types.Func)
	if !ok {
		return ""
	}
	return fn.Origin().FullName()
}
