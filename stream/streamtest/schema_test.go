package streamtest

import (
	"fmt"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// Relations of every history; views have even ids from firstView, their error relations the next.
const (
	events    = 1024 // stream (ts timestamp, k text, v int8, n numeric), watermark on ts
	names     = 1025 // table (k text primary key, label text)
	late      = 1026 // events_late
	rejected  = 1027 // events_rejected
	firstView = 2000
)

const second = int64(1_000_000)

var (
	tTS, tText = value.Of(value.Timestamp), value.Of(value.Text)
	tInt, tNum = value.Of(value.Int8), value.Of(value.Numeric)
)

func eventColumns() []catalog.Column {
	return []catalog.Column{
		{Name: "ts", Type: tTS},
		{Name: "k", Type: tText},
		{Name: "v", Type: tInt},
		{Name: "n", Type: tNum},
	}
}

// definitions are the base relations.
func definitions() []*catalog.Relation {
	hidden := []catalog.Column{}
	for i, t := range catalog.HiddenTypes {
		hidden = append(hidden, catalog.Column{Name: catalog.HiddenNames[i], Type: t})
	}
	return []*catalog.Relation{
		{
			ID: events, Name: "events", Kind: catalog.Stream, AppendOnly: true,
			Columns: eventColumns(), Watermarks: []catalog.Watermark{{Column: 0}},
		},
		{
			ID: names, Name: "names", Kind: catalog.Table, Key: []int{0},
			Columns: []catalog.Column{{Name: "k", Type: tText}, {Name: "label", Type: tText}},
		},
		{
			ID: late, Name: "events_late", Kind: catalog.Late, Of: events, AppendOnly: true,
			Key: []int{4}, Columns: append(append(eventColumns(), hidden...),
				catalog.Column{Name: catalog.WatermarkColumn, Type: tTS}),
		},
		{
			ID: rejected, Name: "events_rejected", Kind: catalog.Rejected, Of: events,
			AppendOnly: true, Columns: append(eventColumns(),
				catalog.Column{Name: catalog.ReasonColumn, Type: tText}),
		},
	}
}

// rowTypes are the types of a base relation's row space.
func rowTypes(id uint32) []value.Type {
	var out []value.Type
	for _, c := range definitions()[id-events].RowSpace() {
		out = append(out, c.Type)
	}
	return out
}

// scan reads the visible columns of a base relation.
func scan(id uint32) *plan.Scan {
	def := definitions()[id-events]
	s := &plan.Scan{
		Relation: id, Name: def.Name, Key: nil,
		AppendOnly: def.AppendOnly, Stored: def.Stored(),
	}
	if def.Stored() {
		s.Key = def.Key
	}
	for _, w := range def.Watermarks {
		s.Frozen = append(s.Frozen, w.Column)
	}
	for i, c := range def.Columns {
		s.Columns = append(s.Columns, i)
		s.Fields = append(s.Fields, plan.Field{Name: c.Name, Type: c.Type})
	}
	return s
}

// view is a view of a history.
type view struct {
	id   uint32
	plan plan.Node
	key  []int
}

func newView(i int, p plan.Node) view {
	return view{uint32(firstView + 2*i), p, plan.Derive(p).Key}
}

func (v view) errors() uint32 { return v.id + 1 }

// define is the definition of the view.
func (v view) define() *catalog.Relation {
	return &catalog.Relation{ID: v.id, Name: fmt.Sprint("v", v.id), Kind: catalog.View, Key: v.key}
}

// scan reads the view with the marks that its rows carry.
func (v view) scan() *plan.Scan {
	p := plan.Derive(v.plan)
	s := &plan.Scan{
		Relation: v.id, Name: fmt.Sprint("v", v.id), Fields: v.plan.Schema(),
		Key: p.Key, AppendOnly: p.AppendOnly, Stored: true,
		Frozen: plan.FrozenColumns(v.plan),
	}
	for i := range s.Fields {
		s.Columns = append(s.Columns, i)
	}
	return s
}

// fn calls a function of the library on arguments of exactly its types; without such a function
// it is the first argument that is no literal.
func fn(name string, args ...expr.Expr) expr.Expr {
	types := make([]value.Type, len(args))
	plain := args[0]
	for i, a := range args {
		types[i] = a.Type()
		if c, ok := a.(expr.Column); ok {
			plain = c
		}
	}
	f, _, t, err := expr.Resolve(name, types)
	if err != nil {
		return plain
	}
	return &expr.Call{Fn: f, Args: args, T: t}
}

// cast converts e, or is e if the library cannot.
func cast(e expr.Expr, to value.Type) expr.Expr {
	f, err := expr.Cast(e.Type(), to, true)
	if err != nil {
		return e
	}
	return &expr.Call{Fn: f, Args: []expr.Expr{e}, T: to}
}

func lit(d value.Datum) expr.Expr { return expr.Const{D: d, T: value.Of(d.Kind)} }

func col(n plan.Node, i int) expr.Expr {
	return expr.Column{Index: i, T: n.Schema()[i].Type}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// agg groups by columns and calls every function on the columns that it takes.
func agg(in plan.Node, by ...int) *plan.Aggregate {
	n := &plan.Aggregate{Input: in, GroupBy: by}
	add := func(f plan.AggFunc, arg int, t value.Type) {
		n.Calls = append(n.Calls, plan.AggCall{Func: f, Arg: arg, Extra: -1, Filter: -1, Type: t})
	}
	add(plan.CountStar, -1, tInt)
	for i, f := range in.Schema() {
		switch f.Type {
		case tInt, tNum:
			add(plan.Sum, i, tNum)
			add(plan.Avg, i, tNum)
			add(plan.Min, i, f.Type)
		case tText:
			add(plan.Count, i, tInt)
			add(plan.Max, i, tText)
		}
	}
	return named(n)
}

func named(n *plan.Aggregate) *plan.Aggregate {
	for i := range len(n.GroupBy) + len(n.Calls) {
		n.Names = append(n.Names, fmt.Sprint("c", i))
	}
	return n
}

func tumble(in plan.Node) *plan.Window {
	return &plan.Window{
		Input: in, Kind: plan.Tumble, TimeCol: 0, SizeMicros: 60 * second,
		SlideMicros: 60 * second,
	}
}
