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
func Check(n Node) error { return checkAt(n, 1) }

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
	if err := checkNode(n); err != nil {
		return fmt.Errorf("%T: %w", n, err)
	}
	if len(n.Schema()) > MaxColumns {
		return fmt.Errorf("%T: %w", n, ErrColumns)
	}
	return nil
}

func checkNode(n Node) error {
	switch n := n.(type) {
	case *Scan:
		return checkScan(n)
	case *Filter:
		return checkPredicate(n.Pred, n.Input.Schema())
	case *Project:
		return checkProject(n)
	case *Window:
		return checkWindow(n)
	case *Aggregate:
		return checkAggregate(n)
	case *EmitOnClose:
		in := n.Input.Schema()
		if err := inRange(n.WindowEnd, len(in)); err != nil {
			return err
		}
		return timeColumn(in[n.WindowEnd].Type)
	case *Join:
		return checkJoin(n)
	case *UnionAll:
		return checkUnion(n)
	case *Values:
		return checkValues(n)
	case *Sort:
		return checkSort(n)
	default:
		return errors.New("unknown node")
	}
}

func inRange(col, n int) error {
	if col < 0 || col >= n {
		return fmt.Errorf("column %d of %d", col, n)
	}
	return nil
}

func timeColumn(t value.Type) error {
	if t.Kind != value.Timestamp && t.Kind != value.TimestampTZ {
		return errors.New("time column is no timestamp")
	}
	return nil
}

func checkScan(n *Scan) error {
	if len(n.Columns) != len(n.Fields) {
		return errors.New("columns and fields differ in number")
	}
	for _, k := range n.Key {
		if err := inRange(k, len(n.Fields)); err != nil {
			return err
		}
	}
	if n.TimeCol == -1 {
		return nil
	}
	if err := inRange(n.TimeCol, len(n.Fields)); err != nil {
		return err
	}
	return timeColumn(n.Fields[n.TimeCol].Type)
}

func checkPredicate(e expr.Expr, in []Field) error {
	if e == nil || e.Type().Kind != value.Bool {
		return errors.New("predicate is not boolean")
	}
	return checkExpr(e, Types(in))
}

func checkProject(n *Project) error {
	if len(n.Names) != len(n.Exprs) || n.Hide != nil && len(n.Hide) != len(n.Exprs) {
		return errors.New("expressions, names and flags differ in number")
	}
	in := Types(n.Input.Schema())
	for _, e := range n.Exprs {
		if err := checkExpr(e, in); err != nil {
			return err
		}
	}
	return nil
}

// checkExpr judges an expression over the columns of its input.
func checkExpr(e expr.Expr, in []value.Type) error {
	if e == nil {
		return errors.New("expression is missing")
	}
	return expr.Check(e, in)
}

func checkWindow(n *Window) error {
	in := n.Input.Schema()
	if err := inRange(n.TimeCol, len(in)); err != nil {
		return err
	}
	if n.SizeMicros <= 0 || n.SlideMicros <= 0 || n.SlideMicros > n.SizeMicros ||
		n.OffsetMicros < 0 || n.OffsetMicros >= n.SizeMicros {
		return errors.New("window size, slide or offset out of range")
	}
	switch n.Kind {
	case Tumble:
		if n.SlideMicros != n.SizeMicros {
			return errors.New("tumbling window with a slide")
		}
	case Hop, Cumulate:
		if n.SizeMicros%n.SlideMicros != 0 {
			return errors.New("window size is no multiple of its step")
		}
	default:
		return errors.New("unknown window kind")
	}
	return timeColumn(in[n.TimeCol].Type)
}

func checkAggregate(n *Aggregate) error {
	in := n.Input.Schema()
	if len(n.Names) != len(n.GroupBy)+len(n.Calls) {
		return errors.New("names and outputs differ in number")
	}
	for _, g := range n.GroupBy {
		if err := inRange(g, len(in)); err != nil {
			return err
		}
	}
	for _, c := range n.Calls {
		if c.Func < CountStar || c.Func > Avg || (c.Func == CountStar) != (c.Arg == -1) {
			return errors.New("malformed aggregate call")
		}
		if c.Arg != -1 {
			if err := inRange(c.Arg, len(in)); err != nil {
				return err
			}
		}
		if c.Filter == -1 {
			continue
		}
		if err := inRange(c.Filter, len(in)); err != nil {
			return err
		}
		if in[c.Filter].Type.Kind != value.Bool {
			return errors.New("filter of an aggregate is not boolean")
		}
	}
	return nil
}

func checkJoin(n *Join) error {
	l, r := n.Left.Schema(), n.Right.Schema()
	if len(n.LeftKeys) == 0 || len(n.LeftKeys) != len(n.RightKeys) {
		return errors.New("join keys differ in number, or there are none")
	}
	for i, k := range n.LeftKeys {
		if err := inRange(k, len(l)); err != nil {
			return err
		}
		if err := inRange(n.RightKeys[i], len(r)); err != nil {
			return err
		}
		if l[k].Type.Kind != r[n.RightKeys[i]].Type.Kind {
			return errors.New("join keys differ in type")
		}
	}
	if n.Residual != nil {
		return checkPredicate(n.Residual, n.Schema())
	}
	return nil
}

func checkUnion(n *UnionAll) error {
	if len(n.Inputs) == 0 {
		return errors.New("union of nothing")
	}
	first := Types(n.Inputs[0].Schema())
	for _, in := range n.Inputs[1:] {
		other := Types(in.Schema())
		if len(other) != len(first) {
			return errors.New("inputs differ in number of columns")
		}
		for i := range other {
			if other[i] != first[i] {
				return errors.New("inputs differ in type")
			}
		}
	}
	return nil
}

func checkValues(n *Values) error {
	for _, row := range n.Rows {
		if len(row) != len(n.Fields) {
			return errors.New("row differs from the schema")
		}
		for i, d := range row {
			if !d.IsNull() && d.Kind != n.Fields[i].Type.Kind {
				return errors.New("value differs from its column's type")
			}
		}
	}
	return nil
}

func checkSort(n *Sort) error {
	for _, k := range n.Keys {
		if err := inRange(k.Col, len(n.Input.Schema())); err != nil {
			return err
		}
	}
	if n.Limit < -1 || n.Offset < 0 {
		return errors.New("negative limit or offset")
	}
	return nil
}
