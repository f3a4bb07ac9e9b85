package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// JoinKind says which rows without a match a join keeps. RIGHT is a LEFT join of the sides
// exchanged.
type JoinKind uint8

// The kinds; the numbers are frozen.
const (
	InnerJoin JoinKind = 0
	LeftJoin  JoinKind = 1 // left rows without a match, with NULLs for the right columns
	FullJoin  JoinKind = 2 // and right rows without a match, with NULLs for the left columns
	SemiJoin  JoinKind = 3 // left rows with a match, once; columns of the left side only
	AntiJoin  JoinKind = 4 // left rows without a match; columns of the left side only

	lastJoinKind = AntiJoin
)

// Half reports whether the output has the columns of the left side only.
func (k JoinKind) Half() bool { return k == SemiJoin || k == AntiJoin }

// Open ends of a Band.
const (
	NoLow  = math.MinInt64
	NoHigh = math.MaxInt64
)

// Band is a bound in time that the condition of a join implies, so that state can be freed: a
// pair matches only if Low <= left - right <= High in microseconds, over two timestamp columns.
// Pairs outside of it are not judged, so they cannot fail either; the residual condition says the
// same again.
type Band struct {
	Left, Right int // columns of the sides
	Low, High   int64
}

// Join pairs the rows of two inputs whose key columns are equal (NULL equals nothing) and whose
// residual condition, judged over the pair, is true. Without keys every pair is judged. Output:
// columns of Left, then of Right unless the kind is Half.
type Join struct {
	Left, Right         Node
	Kind                JoinKind
	LeftKeys, RightKeys []int
	Residual            expr.Expr // over the columns of both sides; nil: true
	Band                *Band     // nil: none
}

// Schema implements Node.
func (n *Join) Schema() []Field {
	if n.Kind.Half() {
		return n.Left.Schema()
	}
	return n.Pairs()
}

// Pairs are the columns that the residual condition is over: those of both sides.
func (n *Join) Pairs() []Field {
	l, r := n.Left.Schema(), n.Right.Schema()
	out := make([]Field, 0, len(l)+len(r))
	return append(append(out, l...), r...)
}

// Children implements Node.
func (n *Join) Children() []Node { return []Node{n.Left, n.Right} }

// With implements Node.
func (n *Join) With(in []Node) Node {
	c := *n
	c.Left, c.Right = in[0], in[1]
	return &c
}

// Scalars implements Node.
func (n *Join) Scalars() []expr.Expr {
	if n.Residual == nil {
		return nil
	}
	return []expr.Expr{n.Residual}
}

// WithScalars implements Node.
func (n *Join) WithScalars(es []expr.Expr) Node {
	c := *n
	if c.Residual = nil; len(es) > 0 {
		c.Residual = es[0]
	}
	return &c
}

// props: both sides' keys together, those of the left side if a left row comes at most once. A
// FULL join has none: a row alone on the left and one alone on the right can both have NULLs in
// all of them. An equi key column is frozen where it is on both sides, since a match needs both;
// a column of a band likewise, if the band bounds the other side from below.
func (n *Join) props(in []Props) Props {
	l, r := in[0], in[1]
	left := len(l.Frozen)
	p := Props{Frozen: make([]bool, left+len(r.Frozen))}
	freeze := func(lc, rc int) {
		if l.Frozen[lc] && r.Frozen[rc] {
			p.Frozen[lc], p.Frozen[left+rc] = true, true
		}
	}
	for i, lk := range n.LeftKeys {
		freeze(lk, n.RightKeys[i])
	}
	if b := n.Band; b != nil && l.Frozen[b.Left] && r.Frozen[b.Right] {
		p.Frozen[b.Left] = p.Frozen[b.Left] || b.Low != NoLow
		p.Frozen[left+b.Right] = p.Frozen[left+b.Right] || b.High != NoHigh
	}
	appends := l.AppendOnly && r.AppendOnly
	p.AppendOnly = appends && (n.Kind == InnerJoin || n.Kind == SemiJoin)
	if n.Kind.Half() {
		p.Frozen = p.Frozen[:left]
		p.Key = l.Key
		return p
	}
	if l.Key == nil || r.Key == nil || n.Kind == FullJoin {
		return p
	}
	p.Key = slices.Clone(l.Key)
	for _, k := range r.Key {
		p.Key = append(p.Key, left+k)
	}
	return p
}

func (n *Join) check() error {
	l, r := n.Left.Schema(), n.Right.Schema()
	if n.Kind > lastJoinKind {
		return errors.New("unknown kind of join")
	}
	if len(n.LeftKeys) != len(n.RightKeys) {
		return errors.New("join keys differ in number")
	}
	if err := sameKinds(l, n.LeftKeys, r, n.RightKeys); err != nil {
		return err
	}
	if b := n.Band; b != nil {
		if b.Low > b.High || b.Low == NoLow && b.High == NoHigh {
			return errors.New("band without a bound")
		}
		if err := timeColumn(l, b.Left); err != nil {
			return err
		}
		if err := timeColumn(r, b.Right); err != nil {
			return err
		}
	}
	if n.Residual != nil {
		return checkPredicate(n.Residual, n.Pairs())
	}
	return nil
}

// sameKinds judges pairs of key columns.
func sameKinds(l []Field, lk []int, r []Field, rk []int) error {
	for i, k := range lk {
		if err := inRange(k, len(l)); err != nil {
			return err
		}
		if err := inRange(rk[i], len(r)); err != nil {
			return err
		}
		if l[k].Type.Kind != r[rk[i]].Type.Kind ||
			l[k].Type.Elem != r[rk[i]].Type.Elem ||
			value.CheckComparable(l[k].Type, r[rk[i]].Type) != nil {
			return errors.New("join keys differ in type")
		}
	}
	return nil
}

var joinNames = [...]string{
	InnerJoin: "Join", LeftJoin: "LeftJoin", FullJoin: "FullJoin", SemiJoin: "SemiJoin",
	AntiJoin: "AntiJoin",
}

func (n *Join) describe() string {
	text := joinNames[n.Kind]
	if on := equalities(n.Left, n.LeftKeys, n.Right, n.RightKeys); on != "" {
		text += " on " + on
	}
	if n.Residual != nil {
		text += " where " + expr.Print(n.Residual, names(n.Pairs()))
	}
	if b := n.Band; b != nil {
		l, r := n.Left.Schema()[b.Left].Name, n.Right.Schema()[b.Right].Name
		text += fmt.Sprintf(" band %s - %s in [%s, %s]", l, r,
			bandEnd(b.Low, "-inf"), bandEnd(b.High, "+inf"))
	}
	return text
}

func bandEnd(v int64, open string) string {
	if v == NoLow || v == NoHigh {
		return open
	}
	return seconds(v)
}

func equalities(l Node, lk []int, r Node, rk []int) string {
	ln, rn := pick(l.Schema(), lk), pick(r.Schema(), rk)
	on := make([]string, len(ln))
	for i := range ln {
		on[i] = ln[i] + " = " + rn[i]
	}
	return strings.Join(on, ", ")
}

func (n *Join) encode(b []byte) []byte {
	b = append(b, tagJoin, byte(n.Kind))
	b = appendInts(b, n.LeftKeys)
	b = appendInts(b, n.RightKeys)
	b = canon.AppendBool(b, n.Residual != nil)
	if n.Residual != nil {
		b = appendExpr(b, n.Residual)
	}
	b = canon.AppendBool(b, n.Band != nil)
	if n.Band != nil {
		b = canon.AppendUvarint(b, uint64(n.Band.Left))
		b = canon.AppendUvarint(b, uint64(n.Band.Right))
		b = canon.AppendVarint(b, n.Band.Low)
		b = canon.AppendVarint(b, n.Band.High)
	}
	return b
}

func (r *reader) join(depth int) Node {
	n := &Join{Kind: JoinKind(r.Byte()), LeftKeys: r.ints(), RightKeys: r.ints()}
	if r.Bool() {
		n.Residual = r.expr()
	}
	if r.Bool() {
		n.Band = &Band{Left: r.col(), Right: r.col(), Low: r.Varint(), High: r.Varint()}
	}
	n.Left = r.node(depth + 1)
	n.Right = r.node(depth + 1)
	return n
}
