package plan

import (
	"errors"
	"slices"

	"weir/internal/canon"
	"weir/stream/expr"
)

// AsofOp is the comparison of an as-of join, left to right.
type AsofOp uint8

// The comparisons; the numbers are frozen.
const (
	AsofGE AsofOp = 0 // left >= right: the latest right row at or before the left one
	AsofGT AsofOp = 1
	AsofLE AsofOp = 2 // left <= right: the earliest right row at or after the left one
	AsofLT AsofOp = 3

	lastAsofOp = AsofLT
)

// Asof pairs every left row with at most one right row: of those with equal keys (NULL equals
// nothing) for which "LeftTime op RightTime" holds, the nearest by RightTime; ties go to the
// least by the whole visible row. The time columns are of one orderable type. Outer keeps left
// rows without a match, with NULLs. Output: columns of Left, then of Right.
type Asof struct {
	Left, Right         Node
	LeftKeys, RightKeys []int
	LeftTime, RightTime int
	Op                  AsofOp
	Outer               bool
}

// Schema implements Node.
func (n *Asof) Schema() []Field {
	l, r := n.Left.Schema(), n.Right.Schema()
	return append(append(make([]Field, 0, len(l)+len(r)), l...), r...)
}

// Children implements Node.
func (n *Asof) Children() []Node { return []Node{n.Left, n.Right} }

// With implements Node.
func (n *Asof) With(in []Node) Node {
	c := *n
	c.Left, c.Right = in[0], in[1]
	return &c
}

// Scalars implements Node.
func (n *Asof) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Asof) WithScalars([]expr.Expr) Node { return n }

// props: a left row comes at most once. When the match lies in the past, it is final once both
// watermarks have passed the left row; a match in the future is never known to be final before
// it is found, so nothing is frozen then.
func (n *Asof) props(in []Props) Props {
	l, r := in[0], in[1]
	p := Props{Key: slices.Clone(l.Key), Frozen: make([]bool, len(l.Frozen)+len(r.Frozen))}
	if n.Op <= AsofGT {
		p.Frozen[n.LeftTime] = l.Frozen[n.LeftTime] && r.Frozen[n.RightTime]
	}
	return p
}

// Ties reports whether several right rows may be equally near: unless keys and time of the join
// are all of the right side's key, so that equal rows are one.
func (n *Asof) Ties() bool {
	key := Derive(n.Right).Key
	return key == nil || slices.ContainsFunc(key, func(c int) bool {
		return c != n.RightTime && !slices.Contains(n.RightKeys, c)
	})
}

func (n *Asof) check() error {
	l, r := n.Left.Schema(), n.Right.Schema()
	if n.Op > lastAsofOp {
		return errors.New("unknown comparison")
	}
	if len(n.LeftKeys) != len(n.RightKeys) {
		return errors.New("join keys differ in number")
	}
	lk := append(slices.Clone(n.LeftKeys), n.LeftTime)
	rk := append(slices.Clone(n.RightKeys), n.RightTime)
	return sameKinds(l, lk, r, rk)
}

func (n *Asof) describe() string {
	l, r := n.Left.Schema()[n.LeftTime].Name, n.Right.Schema()[n.RightTime].Name
	text := "Asof "
	if n.Outer {
		text = "LeftAsof "
	}
	text += l + [...]string{" >= ", " > ", " <= ", " < "}[n.Op] + r
	if on := equalities(n.Left, n.LeftKeys, n.Right, n.RightKeys); on != "" {
		text += " on " + on
	}
	return text
}

func (n *Asof) encode(b []byte) []byte {
	b = appendInts(append(b, tagAsof), n.LeftKeys)
	b = appendInts(b, n.RightKeys)
	b = canon.AppendUvarint(b, uint64(n.LeftTime))
	b = canon.AppendUvarint(b, uint64(n.RightTime))
	b = append(b, byte(n.Op))
	return canon.AppendBool(b, n.Outer)
}

func (r *reader) asof(depth int) Node {
	n := &Asof{LeftKeys: r.ints(), RightKeys: r.ints(), LeftTime: r.col(), RightTime: r.col()}
	n.Op, n.Outer = AsofOp(r.Byte()), r.Bool()
	n.Left = r.node(depth + 1)
	n.Right = r.node(depth + 1)
	return n
}
