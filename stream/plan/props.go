package plan

import (
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/value"
)

// Props are what the planner knows of a node's output.
type Props struct {
	// Key are output columns that no two rows share, in key order. nil: the whole visible row,
	// which may repeat.
	Key []int
	// AppendOnly: nothing that was emitted is ever retracted.
	AppendOnly bool
	// Frozen has one entry per output column: it carries a watermark, below which no row is
	// inserted or retracted any more.
	Frozen []bool
}

// Derive computes the properties of a plan, bottom up.
func Derive(n Node) Props {
	in := make([]Props, len(n.Children()))
	for i, c := range n.Children() {
		in[i] = Derive(c)
	}
	switch n := n.(type) {
	case *Scan:
		return scanProps(n)
	case *Project:
		return projectProps(n, in[0])
	case *Window:
		return windowProps(n, in[0])
	case *Aggregate:
		return aggregateProps(n, in[0])
	case *EmitOnClose:
		return emitProps(n, in[0])
	case *Join:
		return joinProps(n, in[0], in[1])
	case *UnionAll:
		return unionProps(n, in)
	case *Values:
		return Props{AppendOnly: true, Frozen: make([]bool, len(n.Fields))}
	default: // Filter, Sort: what holds of all rows holds of some
		return in[0]
	}
}

func scanProps(n *Scan) Props {
	p := Props{Key: n.Key, AppendOnly: n.AppendOnly, Frozen: make([]bool, len(n.Columns))}
	if n.TimeCol >= 0 {
		p.Frozen[n.TimeCol] = true
	}
	return p
}

// projectProps keeps the key if every column of it passes through, and the watermark of a column
// through every expression that does not decrease when the column grows.
func projectProps(n *Project, in Props) Props {
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

func windowProps(n *Window, in Props) Props {
	start := len(in.Frozen)
	frozen := in.Frozen[n.TimeCol]
	p := Props{
		AppendOnly: in.AppendOnly,
		Frozen:     append(slices.Clone(in.Frozen), frozen, frozen),
	}
	if in.Key != nil {
		p.Key = slices.Clone(in.Key)
		if n.Kind != Tumble { // a row falls into several windows
			p.Key = append(p.Key, start)
			if n.Kind == Cumulate { // which begin together
				p.Key = append(p.Key, start+1)
			}
		}
	}
	return p
}

// aggregateProps: a group can change as long as its rows can, so a group column is frozen where
// the input column is. Without group columns there is one row, keyed by itself.
func aggregateProps(n *Aggregate, in Props) Props {
	p := Props{Frozen: make([]bool, len(n.GroupBy)+len(n.Calls))}
	for i, g := range n.GroupBy {
		p.Frozen[i] = in.Frozen[g]
		p.Key = append(p.Key, i)
	}
	if len(n.Calls) == 0 { // DISTINCT over an append-only input only ever adds rows
		p.AppendOnly = in.AppendOnly
	}
	return p
}

// emitProps: a window leaves once and for all; the window end comes first in the key.
func emitProps(n *EmitOnClose, in Props) Props {
	p := Props{AppendOnly: true, Frozen: in.Frozen}
	if in.Key == nil {
		return p
	}
	p.Key = []int{n.WindowEnd}
	for _, k := range in.Key {
		if k != n.WindowEnd {
			p.Key = append(p.Key, k)
		}
	}
	return p
}

// joinProps: both sides' keys together; an equi key column is frozen where it is on both sides,
// since a match needs both.
func joinProps(n *Join, l, r Props) Props {
	left := len(l.Frozen)
	p := Props{
		AppendOnly: l.AppendOnly && r.AppendOnly,
		Frozen:     make([]bool, left+len(r.Frozen)),
	}
	for i, lk := range n.LeftKeys {
		if rk := n.RightKeys[i]; l.Frozen[lk] && r.Frozen[rk] {
			p.Frozen[lk], p.Frozen[left+rk] = true, true
		}
	}
	if l.Key == nil || r.Key == nil {
		return p
	}
	p.Key = slices.Clone(l.Key)
	for _, k := range r.Key {
		p.Key = append(p.Key, left+k)
	}
	return p
}

// unionProps: rows of different inputs may be equal, so there is no key.
func unionProps(n *UnionAll, in []Props) Props {
	p := Props{AppendOnly: true, Frozen: make([]bool, len(n.Schema()))}
	for c := range p.Frozen {
		p.Frozen[c] = !slices.ContainsFunc(in, func(q Props) bool { return !q.Frozen[c] })
	}
	for _, q := range in {
		p.AppendOnly = p.AppendOnly && q.AppendOnly
	}
	return p
}

// Inputs returns the ids of the relations that a plan reads, ascending, each once.
func Inputs(n Node) []uint32 {
	var out []uint32
	Walk(n, func(n Node) {
		if s, ok := n.(*Scan); ok {
			out = append(out, s.Relation)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Walk visits a plan, parents before children, children left to right.
func Walk(n Node, visit func(Node)) {
	visit(n)
	for _, c := range n.Children() {
		Walk(c, visit)
	}
}
