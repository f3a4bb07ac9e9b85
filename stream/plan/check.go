package plan

import (
	"errors"
	"fmt"

	"weir/stream/expr"
	"weir/stream/value"
)

// Limits of plans.
const (
	MaxDepth   = 128  // nodes from the root to a leaf; else 54001
	MaxColumns = 1664 // output columns of any node, as PostgreSQL has them; else 54011
)

// ErrColumns is the refusal of a node with more than MaxColumns columns.
var ErrColumns = fmt.Errorf("more than %d columns", MaxColumns)

// Check judges whether a plan is well formed: columns in range, types that agree, expressions
// over their input, limits. Every bound and every decoded plan passes it.
func Check(n Node) error {
	if selves(n) > 0 {
		return errors.New("a Self without a Recursive around it")
	}
	return checkAt(n, 1)
}

func checkAt(n Node, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("plan is deeper than %d nodes", MaxDepth)
	}
	for _, c := range n.Children() {
		if c == nil {
			return errors.New("plan has a hole")
		}
		if err := checkAt(c, depth+1); err != nil {
			return err
		}
	}
	if err := n.check(); err != nil {
		return fmt.Errorf("%T: %w", n, err)
	}
	if len(n.Schema()) > MaxColumns {
		return fmt.Errorf("%T: %w", n, ErrColumns)
	}
	return nil
}

func inRange(col, n int) error {
	if col < 0 || col >= n {
		return fmt.Errorf("column %d of %d", col, n)
	}
	return nil
}

func allInRange(cols []int, n int) error {
	for _, c := range cols {
		if err := inRange(c, n); err != nil {
			return err
		}
	}
	return nil
}

// timeColumn judges a column that must be a timestamp.
func timeColumn(fields []Field, col int) error {
	if err := inRange(col, len(fields)); err != nil {
		return err
	}
	if k := fields[col].Type.Kind; k != value.Timestamp && k != value.TimestampTZ {
		return errors.New("time column is no timestamp")
	}
	return nil
}

func checkPredicate(e expr.Expr, in []Field) error {
	if e == nil || e.Type().Kind != value.Bool {
		return errors.New("predicate is not boolean")
	}
	return checkExpr(e, Types(in))
}

// checkExpr judges an expression over the columns of its input.
func checkExpr(e expr.Expr, in []value.Type) error {
	if e == nil {
		return errors.New("expression is missing")
	}
	return expr.Check(e, in)
}
