package oracle

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/window"
)

// Row is a row of a multiset; Weight is its count.
type Row struct {
	Vals   []value.Datum
	Weight int64
}

// Input is what a plan is evaluated over.
type Input struct {
	// Rows are the rows of each relation, in its row space.
	Rows map[uint32][]Row
	// Marks are the watermarks of relations, as used, one per column of their row space
	// (window.None: none).
	Marks map[uint32][]int64
	Env   expr.Env
}

// Eval returns the rows of a plan, consolidated and ordered by their encoding; a Sort at the root
// has no effect. Rows of which a scalar expression fails are left out, and counted in failed by
// weight.
func Eval(n plan.Node, in Input) (rows []Row, failed int64) {
	e := newEvaluator(in)
	rows, _ = e.node(unsorted(n))
	return Consolidate(rows), e.failed()
}

// Consolidate sums the weights of equal rows and orders the rest by their encoding.
func Consolidate(rows []Row) []Row {
	at := map[string]int{}
	var keys []string
	var out []Row
	for _, r := range rows {
		k := string(row.AppendRowDatums(nil, r.Vals))
		if i, ok := at[k]; ok {
			out[i].Weight += r.Weight
			continue
		}
		at[k] = len(out)
		keys = append(keys, k)
		out = append(out, r)
	}
	slices.Sort(keys)
	sorted := make([]Row, 0, len(out))
	for _, k := range keys {
		if r := out[at[k]]; r.Weight != 0 {
			sorted = append(sorted, r)
		}
	}
	return sorted
}

type evaluator struct {
	in     Input
	op     int   // number of the plan node last entered, in preorder from 1
	errors []Row // of the error relation, not consolidated
	// known has the answers of closed subtrees by their encoding: one that stands in the plan
	// twice is evaluated once, and its errors count once.
	known map[string]answer
	self  []Row // what the innermost recursion around reads of itself
}

type answer struct {
	rows  []Row
	marks []int64
}

func newEvaluator(in Input) *evaluator {
	return &evaluator{in: in, known: map[string]answer{}}
}

// node returns the rows of a plan and the mark of each of its columns.
func (e *evaluator) node(n plan.Node) ([]Row, []int64) {
	if !plan.Closed(n) {
		return e.eval(n)
	}
	key := string(plan.Encode(n))
	if a, ok := e.known[key]; ok {
		e.op += plan.Size(n)
		return a.rows, a.marks
	}
	rows, marks := e.eval(n)
	e.known[key] = answer{rows, marks}
	return rows, marks
}

// eval evaluates by kind.
func (e *evaluator) eval(n plan.Node) ([]Row, []int64) {
	e.op++
	op := e.op
	switch n := n.(type) {
	case *plan.Scan:
		return e.scan(n)
	case *plan.Filter:
		rows, marks := e.node(n.Input)
		return e.keep(op, "where", rows, n.Pred), marks
	case *plan.Project:
		return e.project(op, n)
	case *plan.Window:
		return e.window(n)
	case *plan.Aggregate:
		return e.aggregate(op, n)
	case *plan.EmitOnClose:
		return e.emit(n)
	case *plan.Join:
		return e.join(op, n)
	case *plan.Asof:
		return e.asof(n)
	case *plan.SetOp:
		return e.setOp(n)
	case *plan.UnionAll:
		return e.union(n)
	case *plan.Match:
		return e.match(op, n)
	case *plan.TopN:
		return e.topN(n)
	case *plan.Over:
		return e.over(op, n)
	case *plan.Flatten:
		return e.flatten(op, n)
	case *plan.Session:
		return e.session(op, n)
	case *plan.TemporalFilter:
		return e.temporal(n)
	case *plan.Lateness:
		return e.lateness(n)
	case *plan.Recursive:
		return e.recursive(n)
	case *plan.Self:
		return e.self, none(len(n.Fields))
	case *plan.Values:
		var out []Row
		for _, r := range n.Rows {
			out = append(out, Row{r, 1})
		}
		return out, none(len(n.Fields))
	}
	return nil, none(len(n.Schema()))
}

// union has the rows of all inputs; a column has the least mark of theirs.
func (e *evaluator) union(n *plan.UnionAll) (out []Row, marks []int64) {
	for i, c := range n.Inputs {
		rows, m := e.node(c)
		out = append(out, rows...)
		if i == 0 {
			marks = slices.Clone(m)
		}
		for k := range marks {
			marks[k] = min(marks[k], m[k])
		}
	}
	return out, marks
}

func none(n int) []int64 {
	m := make([]int64, n)
	for i := range m {
		m[i] = window.None
	}
	return m
}

func (e *evaluator) scan(n *plan.Scan) ([]Row, []int64) {
	var out []Row
	for _, r := range e.in.Rows[n.Relation] {
		vals := make([]value.Datum, len(n.Columns))
		for i, c := range n.Columns {
			vals[i] = r.Vals[c]
		}
		out = append(out, Row{vals, r.Weight})
	}
	marks := none(len(n.Columns))
	if m := e.in.Marks[n.Relation]; m != nil {
		for _, c := range n.Frozen {
			marks[c] = m[n.Columns[c]]
		}
	}
	return out, marks
}

// keep returns the rows for which a predicate is true; nil is true.
func (e *evaluator) keep(op int, name string, rows []Row, pred expr.Expr) []Row {
	if pred == nil {
		return rows
	}
	var out []Row
	for _, r := range rows {
		d, err := expr.EvalRow(pred, r.Vals, e.in.Env)
		if err != nil {
			e.fail(op, name, err.SQLState, r)
		} else if d.Bool() {
			out = append(out, r)
		}
	}
	return out
}

func (e *evaluator) project(op int, n *plan.Project) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	in := n.Input.Schema()
	marks := none(len(n.Exprs))
	for j, x := range n.Exprs {
		if c := plan.Carries(x); c >= 0 && m[c] != window.None {
			at := make([]value.Datum, len(in))
			at[c] = value.NewInt(in[c].Type.Kind, m[c])
			if d, err := expr.EvalRow(x, at, e.in.Env); err == nil && !d.IsNull() {
				marks[j] = d.I
			}
		}
	}
	var out []Row
next:
	for _, r := range rows {
		vals := make([]value.Datum, len(n.Exprs))
		for j, x := range n.Exprs {
			d, err := expr.EvalRow(x, r.Vals, e.in.Env)
			if err != nil {
				e.fail(op, n.Names[j], err.SQLState, r)
				continue next
			}
			vals[j] = d
		}
		out = append(out, Row{vals, r.Weight})
	}
	return out, marks
}

// window evaluates tumbling windows by their definition; other kinds try every window.
func (e *evaluator) window(n *plan.Window) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	t := n.Schema()[n.TimeCol].Type.Kind
	marks := append(slices.Clone(m), window.None, window.None)
	if w := m[n.TimeCol]; w != window.None {
		first := windows(n, w)[0]
		marks[len(m)], marks[len(m)+1] = first[0], first[1]
	}
	var out []Row
	for _, r := range rows {
		if r.Vals[n.TimeCol].IsNull() {
			continue
		}
		for _, w := range windows(n, r.Vals[n.TimeCol].I) {
			vals := append(slices.Clone(r.Vals), value.NewInt(t, w[0]), value.NewInt(t, w[1]))
			out = append(out, Row{vals, r.Weight})
		}
	}
	return out, marks
}

// windows returns the [start, end) windows that hold t, in ascending order.
func windows(n *plan.Window, t int64) [][2]int64 {
	floor := func(x, step int64) int64 {
		return n.OffsetMicros + (x-n.OffsetMicros)/step*step // toward zero: corrected below
	}
	size, slide := n.SizeMicros, n.SlideMicros
	if n.Kind == plan.Tumble {
		slide = size
	}
	start := floor(t, slide)
	for start > t {
		start -= slide
	}
	var out [][2]int64
	if n.Kind == plan.Cumulate {
		base := start
		for (base-n.OffsetMicros)%size != 0 {
			base -= slide
		}
		for end := start + slide; end <= base+size; end += slide {
			out = append(out, [2]int64{base, end})
		}
		return out
	}
	for s := start; s > t-size; s -= slide {
		out = append(out, [2]int64{s, s + size})
	}
	slices.Reverse(out)
	return out
}

func (e *evaluator) emit(n *plan.EmitOnClose) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	marks := none(len(m))
	w := m[n.WindowEnd]
	marks[n.WindowEnd] = w
	if n.Lateness > 0 {
		w = max(w, e.clock(n.Input, n.WindowEnd))
	}
	var out []Row
	for _, r := range rows {
		if d := r.Vals[n.WindowEnd]; w != window.None && !d.IsNull() && d.I < w {
			out = append(out, r)
		}
	}
	return out, marks
}
