package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// allowedLateness reads WITH (allowed_lateness = '10 minutes').
func (b *binder) allowedLateness(d *ast.DefElem) error {
	at := d.Location()
	text := ""
	switch v := d.Arg.(type) {
	case *ast.String:
		text = v.SVal
	default:
		return b.errorf(at, stateBadParameter,
			"allowed_lateness must be an interval, such as '10 minutes'")
	}
	v, err := parseDatum(text, value.Of(value.Interval))
	if err != nil {
		return b.at(at, err)
	}
	micros, fits := v.V.Span().Int64()
	switch {
	case v.V.Months != 0 || !fits:
		return b.errorf(at, stateBadParameter,
			"allowed_lateness must have a fixed length: no months and no years")
	case micros <= 0:
		return b.errorf(at, stateBadParameter, "allowed_lateness must be positive")
	}
	b.lateness = micros
	return nil
}

// withLateness makes every stream with a watermark take back the rows that came at most
// allowed_lateness late, and emission follow.
func (b *binder) withLateness(n plan.Node) (plan.Node, error) {
	if b.lateness == 0 {
		return n, nil
	}
	found := false
	var visit func(n plan.Node) (plan.Node, error)
	visit = func(n plan.Node) (plan.Node, error) {
		if s, ok := n.(*plan.Scan); ok {
			late := b.lateOf(s)
			if late == nil {
				return n, nil
			}
			if len(b.cat.ByID(s.Relation).Watermarks) > 1 {
				return nil, b.unsupported(0, "allowed_lateness over a stream with several watermarks is",
					"Give stream \""+s.Name+"\" one watermark.")
			}
			found = true
			return b.lateScan(s, late)
		}
		old := n.Children()
		kids := make([]plan.Node, len(old))
		for i, c := range old {
			var err error
			if kids[i], err = visit(c); err != nil {
				return nil, err
			}
		}
		n = n.With(kids)
		if e, ok := n.(*plan.EmitOnClose); ok {
			out := *e
			out.Lateness = b.lateness
			return &out, nil
		}
		return n, nil
	}
	out, err := visit(n)
	if err == nil && !found {
		b.notice("01000", "allowed_lateness has no effect: the view reads no stream with a watermark",
			"Rows are late only in streams that have a WATERMARK.")
	}
	return out, err
}

// lateOf returns the late relation of the stream that a node scans, nil if there is none.
func (b *binder) lateOf(s *plan.Scan) *catalog.Relation {
	if frozenTime(s) < 0 || s.Stored {
		return nil
	}
	for _, r := range b.cat.Derived(s.Relation) {
		if r.Kind == catalog.Late {
			return r
		}
	}
	return nil
}

// lateScan reads a stream with its late rows.
func (b *binder) lateScan(s *plan.Scan, late *catalog.Relation) (plan.Node, error) {
	in := scanOf(late)
	missed := len(in.Fields) - 1 // the watermark that a row missed
	bound, err := b.shifted(columnAt(missed, in.Fields[missed].Type), "-",
		value.IntervalValue{Micros: b.lateness}, 0)
	if err != nil {
		return nil, err
	}
	ts := frozenTime(s)
	at := s.Columns[ts]
	keep, err := b.call(0, ">=", scalar{e: columnAt(at, in.Fields[at].Type)}, scalar{e: bound})
	if err != nil {
		return nil, err
	}
	rows := &plan.Project{Input: &plan.Filter{Input: in, Pred: keep.e}}
	for i, f := range s.Fields {
		rows.Exprs = append(rows.Exprs, expr.Column{Index: s.Columns[i], T: f.Type})
		rows.Names = append(rows.Names, f.Name)
		rows.Hide = append(rows.Hide, f.Hidden)
	}
	return &plan.Lateness{OnTime: s, Late: rows, TimeCol: ts, Micros: b.lateness}, nil
}
