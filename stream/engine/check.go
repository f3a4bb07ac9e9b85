package engine

import (
	"errors"

	"weir/stream/compile"
	"weir/stream/plan"
)

// CanRun tells why a view's plan cannot be kept by this engine; nil when it can. Define accepts
// exactly what CanRun does, if the inputs are there.
func CanRun(p plan.Node) error {
	prog, err := compile.Compile(p)
	if err == nil && prog.Sort != nil {
		err = &compile.Unsupported{Message: "ORDER BY and LIMIT in a view cannot run"}
	}
	return err
}

// IsUnsupported reports whether an error of Define, Query or CanRun says that a plan asks for
// something that the engine cannot do (0A000), and what.
func IsUnsupported(err error) (message string, ok bool) {
	u, ok := errors.AsType[*compile.Unsupported](err)
	if !ok {
		return "", false
	}
	return u.Message, true
}
