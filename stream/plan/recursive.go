package plan

import (
	"errors"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Recursive is WITH RECURSIVE: the least fixed point R of R = Init + Step(R). Step reads R where
// it has a Self, exactly once and where more rows of R only add rows, so Step is linear in R.
// Distinct (UNION) keeps one of equal rows; without it (UNION ALL) derivations are counted, and
// a cycle never ends: more than MaxRounds rounds stop the query or suspend the view.
type Recursive struct {
	Init, Step Node
	Distinct   bool
}

// MaxRounds bounds the rounds in which a recursive query settles within one step; else 54001.
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

func (n *Recursive) props(in []Props) Props {
	return Props{
		AppendOnly: in[0].AppendOnly && in[1].AppendOnly,
		Frozen:     make([]bool, len(in[0].Frozen)),
	}
}

func (n *Recursive) check() error {
	if n.Init == nil || n.Step == nil {
		return errors.New("recursion without a part")
	}
	if selves(n.Init) != 0 || selves(n.Step) != 1 {
		return errors.New("recursion reads itself other than once")
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
	return Props{AppendOnly: true, Frozen: make([]bool, len(n.Fields))}
}

func (n *Self) check() error { return nil }

func (n *Self) describe() string { return "Self" }

func (n *Self) encode(b []byte) []byte { return appendFields(append(b, tagSelf), n.Fields) }

func (r *reader) self(int) Node { return &Self{Fields: r.fields()} }
