package plan

import "slices"

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
func Derive(n Node) Props { return derive(n, false) }

// derive also says whether what was found by a recursion around n, if there is one, is never
// retracted.
func derive(n Node, kept bool) Props {
	if s, ok := n.(*Self); ok {
		return Props{AppendOnly: kept, Frozen: make([]bool, len(s.Fields))}
	}
	in := make([]Props, len(n.Children()))
	for i, c := range n.Children() {
		in[i] = derive(c, kept)
	}
	return n.props(in)
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

// Size returns the number of nodes of a plan.
func Size(n Node) int {
	count := 0
	Walk(n, func(Node) { count++ })
	return count
}

// FrozenColumns returns the output columns that carry a watermark, ascending; nil for none.
func FrozenColumns(n Node) []int {
	var out []int
	for i, frozen := range Derive(n).Frozen {
		if frozen {
			out = append(out, i)
		}
	}
	return out
}
