package plan

import (
	"errors"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// Project computes expressions.
type Project struct {
	Input Node
	Exprs []expr.Expr
	Names []string
	Hide  []bool // hidden outputs; nil: none
}

// Schema implements Node.
func (n *Project) Schema() []Field {
	out := make([]Field, len(n.Exprs))
	for i, e := range n.Exprs {
		out[i] = Field{Name: n.Names[i], Type: e.Type(), Hidden: n.Hide != nil && n.Hide[i]}
	}
	return out
}

// Children implements Node.
func (n *Project) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Project) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Project) Scalars() []expr.Expr { return n.Exprs }

// WithScalars implements Node.
func (n *Project) WithScalars(es []expr.Expr) Node {
	c := *n
	c.Exprs = es
	return &c
}

// props keeps the key if every column of it passes through, and the watermark of a column
// through every expression that does not decrease when the column grows.
func (n *Project) props(inputs []Props) Props {
	in := inputs[0]
	p := Props{AppendOnly: in.AppendOnly, Frozen: make([]bool, len(n.Exprs))}
	at := map[int]int{}
	for i, e := range n.Exprs {
		if c, ok := e.(expr.Column); ok {
			if _, seen := at[c.Index]; !seen {
				at[c.Index] = i
			}
		}
		if c := Carries(e); c >= 0 {
			p.Frozen[i] = in.Frozen[c]
		}
	}
	if in.Key == nil {
		return p
	}
	key := make([]int, 0, len(in.Key))
	for _, k := range in.Key {
		i, ok := at[k]
		if !ok {
			return p
		}
		key = append(key, i)
	}
	p.Key = key
	return p
}

// Carries returns the column whose watermark an expression carries, -1 if none: the column
// itself; column plus or minus a constant interval without months (adding months is not monotone:
// 30 January 23:00 and 31 January 01:00 both fall on 28 February, in the other order); date plus
// or minus a constant integer; a cast to date or between timestamp kinds; date_trunc and date_bin
// with constant arguments. The watermark of the expression is its value at the column's.
func Carries(e expr.Expr) int {
	switch e := e.(type) {
	case expr.Column:
		return e.Index
	case *expr.Call:
		name, _, _ := strings.Cut(string(e.Fn), "(")
		switch name {
		case "add", "sub":
			if len(e.Args) == 2 && constantShift(e.Args[1]) && timeKind(e.Args[0].Type()) {
				return Carries(e.Args[0])
			}
		case "cast":
			if len(e.Args) >= 1 && timeKind(e.T) && timeKind(e.Args[0].Type()) &&
				allConstant(e.Args[1:]) {
				return Carries(e.Args[0])
			}
		case "date_trunc", "date_bin":
			if len(e.Args) >= 2 && allConstant(e.Args[:1]) && allConstant(e.Args[2:]) &&
				timeKind(e.Args[1].Type()) {
				return Carries(e.Args[1])
			}
		}
	}
	return -1
}

func timeKind(t value.Type) bool {
	return t.Kind == value.Timestamp || t.Kind == value.TimestampTZ || t.Kind == value.Date
}

// constantShift reports whether e shifts every time alike.
func constantShift(e expr.Expr) bool {
	c, ok := e.(expr.Const)
	if !ok || c.D.IsNull() {
		return false
	}
	return c.D.Kind == value.Interval && c.D.V.Months == 0 ||
		c.D.Kind == value.Int2 || c.D.Kind == value.Int4 || c.D.Kind == value.Int8
}

func allConstant(args []expr.Expr) bool {
	return !slices.ContainsFunc(args, func(e expr.Expr) bool {
		c, ok := e.(expr.Const)
		return !ok || c.D.IsNull()
	})
}

func (n *Project) check() error {
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

func (n *Project) describe() string {
	in := names(n.Input.Schema())
	list := make([]string, len(n.Exprs))
	for i, e := range n.Exprs {
		list[i] = expr.Print(e, in)
		if list[i] != n.Names[i] {
			list[i] += " AS " + n.Names[i]
		}
		if n.Hide != nil && n.Hide[i] {
			list[i] += " (hidden)"
		}
	}
	return "Project [" + strings.Join(list, ", ") + "]"
}

func (n *Project) encode(b []byte) []byte {
	b = append(b, tagProject)
	b = canon.AppendUvarint(b, uint64(len(n.Exprs)))
	for _, e := range n.Exprs {
		b = appendExpr(b, e)
	}
	b = appendStrings(b, n.Names)
	b = canon.AppendBool(b, n.Hide != nil)
	for _, h := range n.Hide {
		b = canon.AppendBool(b, h)
	}
	return b
}

func (r *reader) project(depth int) Node {
	n := &Project{}
	for range r.Count() {
		n.Exprs = append(n.Exprs, r.expr())
	}
	n.Names = r.strings()
	if r.Bool() {
		n.Hide = make([]bool, len(n.Exprs))
		for i := range n.Hide {
			n.Hide[i] = r.Bool()
		}
	}
	n.Input = r.node(depth + 1)
	return n
}
