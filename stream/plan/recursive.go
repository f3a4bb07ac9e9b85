package plan

import (
	"errors"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Recursive is WITH RECURSIVE: the least fixed point R of R = Init + Step(R). Step reads R where
// it has a Self, exactly once, and is linear in R: from Self to the root of Step there are only
// filters, projections, windows, set-returning functions, UNION ALL, and joins of which that side
// is never the one whose missing match makes a row. What Step gives over no rows at all counts
// once, not once a round. Distinct (UNION) keeps one of equal rows, in its canonical
// representation; without it (UNION ALL) derivations are counted, and a cycle never ends: more
// than MaxRounds rounds stop the query or suspend the view.
type Recursive struct {
	Init, Step Node
	Distinct   bool
}

// MaxRounds bounds the rounds in which a recursive query settles within one step, and in which
// it takes back what was derived from rows that left; else 54001. Each round follows every row
// that the last one found: a chain of n rows takes n.
const MaxRounds = 10_000

// Self is where the Step of the innermost Recursive around it reads what was found so far.
type Self struct{ Fields []Field }

// Schema implements Node.
func (n *Recursive) Schema() []Field { return n.Init.Schema() }

// Children implements Node.
func (n *Recursive) Children() []Node { return []Node{n.Init, n.Step} }

// With implements Node.
func (n *Recursive) With(in []Node) Node {
	c := *n
	c.Init, c.Step = in[0], in[1]
	return &c
}

// Scalars implements Node.
func (n *Recursive) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Recursive) WithScalars([]expr.Expr) Node { return n }

// props: rows of equal content may be derived again at any time. What is derived from rows that
// are never retracted is not either.
func (n *Recursive) props(in []Props) Props {
	p := Props{
		AppendOnly: in[0].AppendOnly && derive(n.Step, true).AppendOnly,
		Frozen:     make([]bool, len(in[0].Frozen)),
	}
	if n.Distinct {
		for i := range p.Frozen {
			p.Key = append(p.Key, i)
		}
	}
	return p
}

func (n *Recursive) check() error {
	if n.Init == nil || n.Step == nil {
		return errors.New("recursion without a part")
	}
	if selves(n.Init) != 0 || selves(n.Step) != 1 {
		return errors.New("recursion reads itself other than once")
	}
	if !Linear(n.Step) {
		return errors.New("recursion reads itself where more rows may take rows away")
	}
	return sameTypes(n.Init, n.Step)
}

// selves counts the references to the innermost recursion around n.
func selves(n Node) int {
	switch n := n.(type) {
	case *Self:
		return 1
	case *Recursive:
		return selves(n.Init)
	}
	count := 0
	for _, c := range n.Children() {
		count += selves(c)
	}
	return count
}

// Linear reports whether a subtree with one Self of a recursion around it is linear in its rows.
func Linear(n Node) bool {
	switch n := n.(type) {
	case *Self:
		return true
	case *Filter, *Project, *Window, *Flatten, *UnionAll:
	case *Join:
		if n.Kind == FullJoin || n.Kind != InnerJoin && selves(n.Left) == 0 {
			return false
		}
	case *Asof:
		if selves(n.Left) == 0 {
			return false
		}
	default:
		return false
	}
	for _, c := range n.Children() {
		if selves(c) > 0 {
			return Linear(c)
		}
	}
	return false
}

// Closed reports whether a subtree means the same wherever it stands: it has no Self of a
// recursion around it.
func Closed(n Node) bool { return selves(n) == 0 }

func (n *Recursive) describe() string {
	if n.Distinct {
		return "Recursive distinct"
	}
	return "Recursive"
}

func (n *Recursive) encode(b []byte) []byte {
	return canon.AppendBool(append(b, tagRecursive), n.Distinct)
}

func (r *reader) recursive(depth int) Node {
	n := &Recursive{Distinct: r.Bool()}
	n.Init = r.node(depth + 1)
	n.Step = r.node(depth + 1)
	return n
}

// Schema implements Node.
func (n *Self) Schema() []Field { return n.Fields }

// Children implements Node.
func (n *Self) Children() []Node { return nil }

// With implements Node.
func (n *Self) With([]Node) Node { return n }

// Scalars implements Node.
func (n *Self) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Self) WithScalars([]expr.Expr) Node { return n }

func (n *Self) props([]Props) Props {
	return Props{Frozen: make([]bool, len(n.Fields))}
}

func (n *Self) check() error { return nil }

func (n *Self) describe() string { return "Self" }

func (n *Self) encode(b []byte) []byte { return appendFields(append(b, tagSelf), n.Fields) }

func (r *reader) self(int) Node { return &Self{Fields: r.fields()} }
