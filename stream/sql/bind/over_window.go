package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// boundWindow is a window: its rows, their order, and the frame of functions over it.
type boundWindow struct {
	windowSpec
	frame  plan.Frame
	framed bool // the frame is written
}

// namedWindow is an element of the WINDOW clause.
type namedWindow struct {
	name string
	boundWindow
}

// windowClause binds WINDOW w AS (...), ...; each may build on those before it.
func (b *binder) windowClause(blk *block, list *ast.NodeList) error {
	c := blk.ctx("window definitions")
	c.overs, c.sets, c.inOver = nil, nil, true
	for _, n := range items(list) {
		d, ok := n.(*ast.WindowDef)
		if !ok {
			continue
		}
		if blk.overs.find(d.Name) != nil {
			return b.errorf(d.Location(), stateWindowing, "window %q is already defined", d.Name)
		}
		w, err := b.window(d, &blk.overs, c)
		if err != nil {
			return err
		}
		blk.overs.named = append(blk.overs.named, namedWindow{name: d.Name, boundWindow: *w})
	}
	return nil
}

func (o *overs) find(name string) *boundWindow {
	for i := range o.named {
		if o.named[i].name == name {
			return &o.named[i].boundWindow
		}
	}
	return nil
}

// window binds OVER w, OVER (...) or an element of WINDOW.
func (b *binder) window(d *ast.WindowDef, known *overs, c *exprCtx) (*boundWindow, error) {
	out := &boundWindow{frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}}
	if d.Refname != "" {
		base := known.find(d.Refname)
		if base == nil {
			return nil, b.errorf(d.Location(), stateNoObject, "window %q does not exist", d.Refname)
		}
		if d.Name == "" && !b.parenthesised(d) {
			return base, nil
		}
		if err := b.mayBuildOn(d, base); err != nil {
			return nil, err
		}
		out.windowSpec = base.windowSpec
	}
	inner := *c
	inner.clause, inner.overs = "window definitions", nil
	parts, err := b.exprs(d.PartitionClause, &inner)
	if err != nil {
		return nil, err
	}
	for _, s := range parts {
		if s, err = b.settled(s); err != nil {
			return nil, err
		}
		out.partition = append(out.partition, s.e)
	}
	order, err := b.orderExprs(d.OrderClause, &inner)
	if err != nil {
		return nil, err
	}
	if order != nil {
		out.order = order
	}
	return out, b.frame(out, d)
}

// parenthesised tells OVER (w) from OVER w, which the grammar does not.
func (b *binder) parenthesised(d *ast.WindowDef) bool {
	i := d.Location() - b.raw.Offset
	return i >= 0 && i < len(b.raw.Text) && b.raw.Text[i] == '('
}

// mayBuildOn judges what a window adds to another.
func (b *binder) mayBuildOn(d *ast.WindowDef, base *boundWindow) error {
	at := d.Location()
	switch {
	case hasItems(d.PartitionClause):
		return b.errorf(at, stateWindowing, "cannot override PARTITION BY clause of window %q",
			d.Refname)
	case hasItems(d.OrderClause) && base.order != nil:
		return b.errorf(at, stateWindowing, "cannot override ORDER BY clause of window %q", d.Refname)
	case base.framed:
		e := b.errorf(at, stateWindowing, "cannot copy window %q because it has a frame clause",
			d.Refname)
		if d.Name == "" && !hasItems(d.OrderClause) && d.FrameOptions == ast.FRAMEOPTION_DEFAULTS {
			e.Hint = "Omit the parentheses in this OVER clause."
		}
		return e
	}
	return nil
}

// frame binds the frame of a window.
func (b *binder) frame(w *boundWindow, d *ast.WindowDef) error {
	opts := d.FrameOptions
	has := func(flag int) bool { return opts&flag != 0 }
	if w.framed = has(ast.FRAMEOPTION_NONDEFAULT); !w.framed {
		return nil
	}
	f := &w.frame
	f.Start.Kind = boundKind(has(ast.FRAMEOPTION_START_UNBOUNDED_PRECEDING),
		has(ast.FRAMEOPTION_START_OFFSET_PRECEDING), has(ast.FRAMEOPTION_START_CURRENT_ROW),
		has(ast.FRAMEOPTION_START_OFFSET_FOLLOWING))
	f.End.Kind = boundKind(false, has(ast.FRAMEOPTION_END_OFFSET_PRECEDING),
		has(ast.FRAMEOPTION_END_CURRENT_ROW), has(ast.FRAMEOPTION_END_OFFSET_FOLLOWING))
	switch {
	case has(ast.FRAMEOPTION_ROWS):
		f.Mode = plan.FrameRows
	case has(ast.FRAMEOPTION_GROUPS):
		f.Mode = plan.FrameGroups
		if len(w.order) == 0 {
			return b.errorf(d.Location(), stateWindowing, "GROUPS mode requires an ORDER BY clause")
		}
	case has(ast.FRAMEOPTION_START_OFFSET|ast.FRAMEOPTION_END_OFFSET) && len(w.order) != 1:
		return b.errorf(d.Location(), stateWindowing,
			"RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	switch {
	case has(ast.FRAMEOPTION_EXCLUDE_CURRENT_ROW):
		f.Exclude = plan.ExcludeRow
	case has(ast.FRAMEOPTION_EXCLUDE_GROUP):
		f.Exclude = plan.ExcludeGroup
	case has(ast.FRAMEOPTION_EXCLUDE_TIES):
		f.Exclude = plan.ExcludeTies
	}
	var err error
	if has(ast.FRAMEOPTION_START_OFFSET) {
		if f.Start.Offset, err = b.frameOffset(w, d.StartOffset, "starting"); err != nil {
			return err
		}
	}
	if has(ast.FRAMEOPTION_END_OFFSET) {
		f.End.Offset, err = b.frameOffset(w, d.EndOffset, "ending")
	}
	return err
}

func boundKind(unbounded, preceding, current, following bool) plan.BoundKind {
	switch {
	case unbounded:
		return plan.UnboundedPreceding
	case preceding:
		return plan.Preceding
	case current:
		return plan.CurrentRow
	case following:
		return plan.Following
	}
	return plan.UnboundedFollowing
}

// frameOffset evaluates the distance of an end of a frame, which is a constant.
func (b *binder) frameOffset(w *boundWindow, n ast.Node, end string) (value.Datum, error) {
	mode := [...]string{"RANGE", "ROWS", "GROUPS"}[w.frame.Mode]
	if parse.IsNil(n) {
		return value.Datum{}, b.errorf(0, stateSyntax, "an expression is missing")
	}
	at := n.Location()
	s, err := b.expr(n, &exprCtx{scope: &scope{}, clause: mode, inOver: true})
	if err != nil {
		if e := b.asError(err); e.SQLState == stateNoColumn || e.SQLState == stateNoTable {
			return value.Datum{}, b.errorf(at, stateBadReference,
				"argument of %s must not contain variables", mode)
		}
		return value.Datum{}, err
	}
	want := value.Int8
	if w.frame.Mode == plan.FrameRange {
		if want, err = b.rangeOffset(w.order[0].e.Type(), s); err != nil {
			return value.Datum{}, err
		}
	}
	e, err := b.assign(s, value.Of(want))
	if err != nil {
		return value.Datum{}, err
	}
	d, ok := constantOf(e)
	switch {
	case !ok:
		return d, b.errorf(at, stateBadReference, "argument of %s must be a constant", mode)
	case d.IsNull():
		return d, b.errorf(at, "22004", "frame %s offset must not be null", end)
	case negativeDistance(d) && w.frame.Mode == plan.FrameRange:
		return d, b.errorf(at, stateBadFrame,
			"invalid preceding or following size in window function")
	case negativeDistance(d):
		return d, b.errorf(at, stateBadFrame, "frame %s offset must not be negative", end)
	}
	return d, nil
}

// rangeOffset returns the kind of distances in the order of a RANGE frame.
func (b *binder) rangeOffset(key value.Type, s scalar) (value.Kind, error) {
	want := value.Null
	switch k := key.Kind; k {
	case value.Int2, value.Int4, value.Int8:
		want = value.Int8
	case value.Float4, value.Float8:
		want = value.Float8
	case value.Numeric:
		want = value.Numeric
	case value.Date, value.Time, value.Timestamp, value.TimestampTZ, value.Interval:
		want = value.Interval
	default:
		return want, b.unsupported(s.at,
			"RANGE with offset PRECEDING/FOLLOWING for column type "+key.String()+" is", "")
	}
	if !s.untyped() && !expr.ImplicitlyCastable(s.typ(), value.Of(want)) {
		e := b.errorf(s.at, stateUnsupported, "RANGE with offset PRECEDING/FOLLOWING is not "+
			"supported for column type %s and offset type %s", key, s.typ())
		e.Hint = "Cast the offset value to an appropriate type."
		return want, e
	}
	return want, nil
}

func negativeDistance(d value.Datum) bool {
	switch d.Kind.Class() {
	case value.ClassInterval:
		return d.V.Span().Cmp(value.Int128FromInt64(0)) < 0
	case value.ClassInt:
		return d.I < 0
	}
	zero, err := value.Parse("0", value.Of(d.Kind))
	if err != nil {
		return false
	}
	return value.Compare(d, zero) < 0 || d.Kind.Class() == value.ClassFloat && d.F != d.F
}
