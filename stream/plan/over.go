package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// OverFunc is a window function.
type OverFunc uint8

// The window functions; the numbers are frozen.
const (
	OverAggregate   OverFunc = 0 // the aggregate Call.Func over the frame
	OverRowNumber   OverFunc = 1
	OverRank        OverFunc = 2
	OverDenseRank   OverFunc = 3
	OverPercentRank OverFunc = 4
	OverCumeDist    OverFunc = 5
	OverNtile       OverFunc = 6 // Args: buckets
	OverLag         OverFunc = 7 // Args: value, offset, default
	OverLead        OverFunc = 8
	OverFirst       OverFunc = 9  // Args: value
	OverLast        OverFunc = 10 // Args: value
	OverNth         OverFunc = 11 // Args: value, position

	lastOverFunc = OverNth
)

var overNames = [...]string{
	"", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
	"first_value", "last_value", "nth_value",
}

// FrameMode is the unit of a frame.
type FrameMode uint8

// The modes; the numbers are frozen.
const (
	FrameRange  FrameMode = 0
	FrameRows   FrameMode = 1
	FrameGroups FrameMode = 2
)

// BoundKind is the kind of an end of a frame, in the order in which they may follow.
type BoundKind uint8

// The kinds; the numbers are frozen.
const (
	UnboundedPreceding BoundKind = 0
	Preceding          BoundKind = 1
	CurrentRow         BoundKind = 2
	Following          BoundKind = 3
	UnboundedFollowing BoundKind = 4
)

// Bound is an end of a frame. Offset is a constant for Preceding and Following: a bigint for ROWS
// and GROUPS, for RANGE a value that can be added to and subtracted from the one ORDER BY column
// (a number, or an interval for times).
type Bound struct {
	Kind   BoundKind
	Offset value.Datum
}

// FrameExclude says which rows around the current one leave the frame.
type FrameExclude uint8

// The exclusions; the numbers are frozen.
const (
	ExcludeNone   FrameExclude = 0
	ExcludeRow    FrameExclude = 1
	ExcludeGroup  FrameExclude = 2
	ExcludeTies   FrameExclude = 3
	lastExclusion              = ExcludeTies
)

// Frame is the part of its partition that a function sees from a row.
type Frame struct {
	Mode       FrameMode
	Start, End Bound
	Exclude    FrameExclude
}

// OverCall is one window function. For aggregates Call has the function, its columns and FILTER;
// for others Args are input columns.
type OverCall struct {
	Func  OverFunc
	Args  []int
	Call  AggCall // of OverAggregate
	Frame Frame
	Type  value.Type
}

// Over computes window functions that share partitions and order. Output: the input's columns,
// then one per call. Rows that are equal in the order are peers; where a function needs an order
// among peers (row_number, lag, ROWS frames), the whole visible row breaks ties, ascending.
type Over struct {
	Input       Node
	PartitionBy []int
	Keys        []SortKey
	Calls       []OverCall
	Names       []string // of the calls
}

// Schema implements Node.
func (n *Over) Schema() []Field {
	in := n.Input.Schema()
	out := append(make([]Field, 0, len(in)+len(n.Calls)), in...)
	for i, c := range n.Calls {
		out = append(out, Field{Name: n.Names[i], Type: c.Type})
	}
	return out
}

// Children implements Node.
func (n *Over) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Over) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Over) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Over) WithScalars([]expr.Expr) Node { return n }

// props: partition columns keep their watermark; so does the first ORDER BY column, ascending, if
// no function looks ahead of its row: then no later row changes what was computed before it.
func (n *Over) props(inputs []Props) Props {
	in := inputs[0]
	p := Props{Key: in.Key, Frozen: make([]bool, len(n.Schema()))}
	for _, c := range n.PartitionBy {
		p.Frozen[c] = in.Frozen[c]
	}
	if c := n.LooksBack(); c >= 0 {
		p.Frozen[c] = in.Frozen[c]
	}
	return p
}

// LooksBack returns the first ORDER BY column if it is a time, ascending, with NULLs last, and
// every function depends only on rows up to its own peers; otherwise -1.
func (n *Over) LooksBack() int {
	for _, c := range n.Calls {
		if !n.looksBack(c) {
			return -1
		}
	}
	return timedKey(n.Keys, n.Input.Schema())
}

func (n *Over) looksBack(c OverCall) bool {
	switch c.Func {
	case OverRowNumber, OverRank, OverDenseRank:
		return true
	case OverLag, OverLead:
		by, ok := n.Shift(c)
		return ok && (by == 0 || by > 0 == (c.Func == OverLag))
	case OverAggregate, OverFirst, OverLast, OverNth:
		return c.Frame.End.Kind <= CurrentRow
	}
	return false
}

// Shift returns the offset of lag or lead if it is the same for every row: 1 if the call has none,
// or a constant that the input projects; a NULL, for which the result is NULL, counts as 0.
func (n *Over) Shift(c OverCall) (by int64, ok bool) {
	if c.Func != OverLag && c.Func != OverLead {
		return 0, false
	}
	if len(c.Args) < 2 {
		return 1, true
	}
	d, ok := constantColumn(n.Input, c.Args[1])
	return d.I, ok
}

// constantColumn returns the value of a column that a projection made of a constant.
func constantColumn(n Node, col int) (value.Datum, bool) {
	for {
		switch m := n.(type) {
		case *Project:
			e := m.Exprs[col]
			if c, ok := e.(expr.Column); ok {
				n, col = m.Input, c.Index
				continue
			}
			if expr.IsConst(e) {
				d, err := expr.EvalRow(e, nil, expr.Env{})
				return d, err == nil
			}
		case *Filter:
			n = m.Input
			continue
		case *Over:
			if col < len(m.Input.Schema()) {
				n = m.Input
				continue
			}
		}
		return value.Datum{}, false
	}
}

func (n *Over) check() error {
	in := n.Input.Schema()
	if len(n.Calls) == 0 || len(n.Names) != len(n.Calls) {
		return errors.New("calls and names differ in number, or there are none")
	}
	if err := allInRange(n.PartitionBy, len(in)); err != nil {
		return err
	}
	if err := checkSortKeys(n.Keys, in); err != nil {
		return err
	}
	for _, c := range n.Calls {
		if err := c.check(in, len(n.Keys)); err != nil {
			return err
		}
	}
	return nil
}

func (c OverCall) check(in []Field, keys int) error {
	f := c.Frame
	if c.Func > lastOverFunc || f.Mode > FrameGroups || f.Start.Kind > UnboundedFollowing ||
		f.End.Kind > UnboundedFollowing || f.Exclude > lastExclusion {
		return errors.New("unknown window function or frame")
	}
	if f.Start.Kind > f.End.Kind {
		return errors.New("frame ends before it starts")
	}
	if f.Mode == FrameGroups && keys == 0 {
		return errors.New("GROUPS without ORDER BY")
	}
	for _, b := range [...]Bound{f.Start, f.End} {
		hasOffset := b.Kind == Preceding || b.Kind == Following
		if hasOffset == b.Offset.IsNull() || hasOffset && f.Mode == FrameRange && keys != 1 {
			return errors.New("malformed bound of a frame")
		}
	}
	if c.Func == OverAggregate {
		return c.Call.check(in)
	}
	return allInRange(c.Args, len(in))
}

func (n *Over) describe() string {
	in := n.Input.Schema()
	var parts []string
	if len(n.PartitionBy) > 0 {
		parts = append(parts, "by ["+strings.Join(pick(in, n.PartitionBy), ", ")+"]")
	}
	if len(n.Keys) > 0 {
		parts = append(parts, "order ["+sortKeys(in, n.Keys)+"]")
	}
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.describe(in)
		if n.Names[i] != calls[i] {
			calls[i] += " AS " + n.Names[i]
		}
	}
	return strings.Join(append(append([]string{"Over"}, parts...),
		"["+strings.Join(calls, ", ")+"]"), " ")
}

func (c OverCall) describe(in []Field) string {
	text := overNames[c.Func] + "(" + strings.Join(pick(in, c.Args), ", ") + ")"
	if c.Func == OverAggregate {
		text = c.Call.describe(in)
	}
	if c.Frame == (Frame{End: Bound{Kind: CurrentRow}}) {
		return text
	}
	mode := [...]string{"range", "rows", "groups"}[c.Frame.Mode]
	exclude := [...]string{"", " exclude row", " exclude group", " exclude ties"}
	return fmt.Sprintf("%s %s %s..%s%s", text, mode, c.Frame.Start.describe(),
		c.Frame.End.describe(), exclude[c.Frame.Exclude])
}

func (b Bound) describe() string {
	kind := [...]string{"start", "-", "current", "+", "end"}[b.Kind]
	if b.Offset.IsNull() {
		return kind
	}
	return kind + string(value.AppendText(nil, b.Offset))
}

func (n *Over) encode(b []byte) []byte {
	b = appendInts(append(b, tagOver), n.PartitionBy)
	b = appendSortKeys(b, n.Keys)
	b = canon.AppendUvarint(b, uint64(len(n.Calls)))
	for _, c := range n.Calls {
		b = append(b, byte(c.Func))
		if c.Func == OverAggregate {
			b = appendCall(b, c.Call)
		} else {
			b = appendInts(b, c.Args)
		}
		b = append(b, byte(c.Frame.Mode), byte(c.Frame.Exclude))
		b = appendBound(appendBound(b, c.Frame.Start), c.Frame.End)
		b = appendType(b, c.Type)
	}
	return appendStrings(b, n.Names)
}

func appendBound(b []byte, x Bound) []byte {
	b = append(b, byte(x.Kind))
	b = canon.AppendBool(b, !x.Offset.IsNull())
	if x.Offset.IsNull() {
		return b
	}
	return appendExpr(b, expr.Const{D: x.Offset, T: value.Of(x.Offset.Kind)})
}

func (r *reader) over(depth int) Node {
	n := &Over{PartitionBy: r.ints(), Keys: r.sortKeys()}
	for range r.Count() {
		c := OverCall{Func: OverFunc(r.Byte())}
		if c.Func == OverAggregate {
			c.Call = r.call()
		} else {
			c.Args = r.ints()
		}
		c.Frame.Mode, c.Frame.Exclude = FrameMode(r.Byte()), FrameExclude(r.Byte())
		c.Frame.Start, c.Frame.End = r.bound(), r.bound()
		c.Type = r.typ()
		n.Calls = append(n.Calls, c)
	}
	n.Names = r.strings()
	n.Input = r.node(depth + 1)
	return n
}

func (r *reader) bound() Bound {
	b := Bound{Kind: BoundKind(r.Byte())}
	if !r.Bool() {
		return b
	}
	c, ok := r.expr().(expr.Const)
	if !ok {
		r.Fail(canon.ErrValue)
	}
	b.Offset = c.D
	return b
}

// Moved returns the call over columns that lie elsewhere.
func (c OverCall) Moved(to func(col int) int) OverCall {
	c.Args = slices.Clone(c.Args)
	for i, a := range c.Args {
		c.Args[i] = to(a)
	}
	if c.Func == OverAggregate {
		c.Call = c.Call.Moved(to)
	}
	return c
}
