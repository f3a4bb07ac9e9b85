package plan

import (
	"errors"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions; the numbers are frozen.
const (
	CountStar      AggFunc = 1
	Count          AggFunc = 2
	Sum            AggFunc = 3
	Min            AggFunc = 4
	Max            AggFunc = 5
	Avg            AggFunc = 6
	BoolAnd        AggFunc = 7 // also every
	BoolOr         AggFunc = 8
	BitAnd         AggFunc = 9
	BitOr          AggFunc = 10
	BitXor         AggFunc = 11
	StddevPop      AggFunc = 12
	StddevSamp     AggFunc = 13 // also stddev
	VarPop         AggFunc = 14
	VarSamp        AggFunc = 15 // also variance
	StringAgg      AggFunc = 16 // Extra: the delimiter before each value but the first
	ArrayAgg       AggFunc = 17 // NULLs take part
	FirstValue     AggFunc = 18 // of the first row in OrderBy; NULLs take part
	LastValue      AggFunc = 19
	PercentileCont AggFunc = 20 // Arg: the ordered value, Extra: the fraction
	PercentileDisc AggFunc = 21
	Mode           AggFunc = 22 // least of the most frequent values
	SingleValue    AggFunc = 23 // of the only row: scalar subqueries; more are error 21000
	JSONBAgg       AggFunc = 24 // NULLs take part
	JSONBObjectAgg AggFunc = 25 // Arg: key, Extra: value
	CovarPop       AggFunc = 26 // Arg: Y, Extra: X
	CovarSamp      AggFunc = 27
	Corr           AggFunc = 28

	lastAggFunc = Corr
)

// aggregates names the functions and tells whether they take a second argument.
var aggregates = [lastAggFunc + 1]struct {
	name  string
	extra bool
}{
	CountStar: {"count", false}, Count: {"count", false}, Sum: {"sum", false},
	Min: {"min", false}, Max: {"max", false}, Avg: {"avg", false},
	BoolAnd: {"bool_and", false}, BoolOr: {"bool_or", false}, BitAnd: {"bit_and", false},
	BitOr: {"bit_or", false}, BitXor: {"bit_xor", false}, StddevPop: {"stddev_pop", false},
	StddevSamp: {"stddev_samp", false}, VarPop: {"var_pop", false},
	VarSamp: {"var_samp", false}, StringAgg: {"string_agg", true},
	ArrayAgg: {"array_agg", false}, FirstValue: {"first_value", false},
	LastValue: {"last_value", false}, PercentileCont: {"percentile_cont", true},
	PercentileDisc: {"percentile_disc", true}, Mode: {"mode", false},
	SingleValue: {"single_value", false}, JSONBAgg: {"jsonb_agg", false},
	JSONBObjectAgg: {"jsonb_object_agg", true}, CovarPop: {"covar_pop", true},
	CovarSamp: {"covar_samp", true}, Corr: {"corr", true},
}

// String returns the SQL name.
func (f AggFunc) String() string {
	if f > lastAggFunc {
		return "?"
	}
	return aggregates[f].name
}

// AggCall is one aggregate over input columns.
type AggCall struct {
	Func     AggFunc
	Arg      int // input column; -1 for count(*)
	Extra    int // second argument, -1: none
	Distinct bool
	Filter   int // boolean input column of FILTER (WHERE ...); -1: none
	// OrderBy is ORDER BY inside the call (and WITHIN GROUP), over input columns. Ties, and calls
	// without it, go by the canonical encoding of the arguments, ascending.
	OrderBy []SortKey
	Type    value.Type
}

// Call returns a call without modifiers over a column (-1 for count(*)).
func Call(f AggFunc, arg int, t value.Type) AggCall {
	return AggCall{Func: f, Arg: arg, Extra: -1, Filter: -1, Type: t}
}

// Columns calls visit for every input column that the call reads.
func (c AggCall) Columns(visit func(col int)) {
	for _, col := range [...]int{c.Arg, c.Extra, c.Filter} {
		if col >= 0 {
			visit(col)
		}
	}
	for _, k := range c.OrderBy {
		visit(k.Col)
	}
}

// Moved returns the call over columns that lie elsewhere.
func (c AggCall) Moved(to func(col int) int) AggCall {
	for _, p := range []*int{&c.Arg, &c.Extra, &c.Filter} {
		if *p >= 0 {
			*p = to(*p)
		}
	}
	c.OrderBy = movedKeys(c.OrderBy, to)
	return c
}

func movedKeys(keys []SortKey, to func(col int) int) []SortKey {
	if keys == nil {
		return nil
	}
	out := make([]SortKey, len(keys))
	for i, k := range keys {
		k.Col = to(k.Col)
		out[i] = k
	}
	return out
}

// Aggregate groups by input columns and computes aggregates. Output: the group columns in
// GroupBy order, then one column per call. Without group columns there is always one row.
type Aggregate struct {
	Input   Node
	GroupBy []int
	Calls   []AggCall
	Names   []string // of all outputs
}

// Schema implements Node.
func (n *Aggregate) Schema() []Field {
	in := n.Input.Schema()
	out := make([]Field, 0, len(n.Names))
	for i, g := range n.GroupBy {
		out = append(out, Field{Name: n.Names[i], Type: in[g].Type})
	}
	for i, c := range n.Calls {
		out = append(out, Field{Name: n.Names[len(n.GroupBy)+i], Type: c.Type})
	}
	return out
}

// Children implements Node.
func (n *Aggregate) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Aggregate) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Aggregate) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Aggregate) WithScalars([]expr.Expr) Node { return n }

// props: a group can change as long as its rows can, so a group column is frozen where the input
// column is. Without group columns there is one row, keyed by itself.
func (n *Aggregate) props(inputs []Props) Props {
	in := inputs[0]
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

func (n *Aggregate) check() error {
	in := n.Input.Schema()
	if len(n.Names) != len(n.GroupBy)+len(n.Calls) {
		return errors.New("names and outputs differ in number")
	}
	if err := allInRange(n.GroupBy, len(in)); err != nil {
		return err
	}
	for _, c := range n.Calls {
		if err := c.check(in); err != nil {
			return err
		}
	}
	return nil
}

func (c AggCall) check(in []Field) error {
	if c.Func < CountStar || c.Func > lastAggFunc || (c.Func == CountStar) != (c.Arg == -1) ||
		aggregates[c.Func].extra != (c.Extra != -1) {
		return errors.New("malformed aggregate call")
	}
	fault := error(nil)
	c.Columns(func(col int) {
		if err := inRange(col, len(in)); err != nil {
			fault = err
		}
	})
	if fault != nil {
		return fault
	}
	if c.Arg < -1 || c.Extra < -1 || c.Filter < -1 {
		return errors.New("negative column")
	}
	if c.Filter >= 0 && in[c.Filter].Type.Kind != value.Bool {
		return errors.New("filter of an aggregate is not boolean")
	}
	return c.checkOrder()
}

// checkOrder judges ORDER BY: functions of WITHIN GROUP order by their argument alone, DISTINCT
// ones by arguments, since nothing says which of several equal ones would stand for all.
func (c AggCall) checkOrder() error {
	within := c.Func == PercentileCont || c.Func == PercentileDisc || c.Func == Mode
	if within && len(c.OrderBy) > 1 {
		return errors.New("WITHIN GROUP with several keys")
	}
	for _, k := range c.OrderBy {
		if within && k.Col != c.Arg {
			return errors.New("WITHIN GROUP orders by another column than the argument")
		}
		if c.Distinct && k.Col != c.Arg && k.Col != c.Extra {
			return errors.New("DISTINCT aggregate orders by what is no argument")
		}
	}
	return nil
}

func (n *Aggregate) describe() string {
	in := n.Input.Schema()
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.describe(in)
		if name := n.Names[len(n.GroupBy)+i]; name != calls[i] {
			calls[i] += " AS " + name
		}
	}
	text := "Aggregate"
	if len(n.GroupBy) > 0 {
		text += " by [" + strings.Join(pick(in, n.GroupBy), ", ") + "]"
	}
	if len(calls) > 0 {
		text += " [" + strings.Join(calls, ", ") + "]"
	}
	return text
}

func (c AggCall) describe(in []Field) string {
	arg := "*"
	if c.Arg >= 0 {
		arg = in[c.Arg].Name
	}
	if c.Distinct {
		arg = "DISTINCT " + arg
	}
	if c.Extra >= 0 {
		arg += ", " + in[c.Extra].Name
	}
	if len(c.OrderBy) > 0 {
		arg += " ORDER BY " + sortKeys(in, c.OrderBy)
	}
	text := c.Func.String() + "(" + arg + ")"
	if c.Filter >= 0 {
		text += " FILTER (" + in[c.Filter].Name + ")"
	}
	return text
}

func (n *Aggregate) encode(b []byte) []byte {
	b = appendInts(append(b, tagAggregate), n.GroupBy)
	b = canon.AppendUvarint(b, uint64(len(n.Calls)))
	for _, c := range n.Calls {
		b = appendCall(b, c)
	}
	return appendStrings(b, n.Names)
}

func appendCall(b []byte, c AggCall) []byte {
	b = append(b, byte(c.Func))
	b = appendPlus1(b, int64(c.Arg))
	b = appendPlus1(b, int64(c.Extra))
	b = canon.AppendBool(b, c.Distinct)
	b = appendPlus1(b, int64(c.Filter))
	b = appendSortKeys(b, c.OrderBy)
	return appendType(b, c.Type)
}

func (r *reader) call() AggCall {
	c := AggCall{Func: AggFunc(r.Byte()), Arg: r.col() - 1, Extra: r.col() - 1}
	c.Distinct = r.Bool()
	c.Filter = r.col() - 1
	c.OrderBy = r.sortKeys()
	c.Type = r.typ()
	return c
}

func (r *reader) aggregate(depth int) Node {
	n := &Aggregate{GroupBy: r.ints()}
	for range r.Count() {
		n.Calls = append(n.Calls, r.call())
	}
	n.Names = r.strings()
	n.Input = r.node(depth + 1)
	return n
}
