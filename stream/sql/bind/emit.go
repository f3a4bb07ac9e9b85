package bind

import (
	"slices"
	"strings"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

const emitHint = "Group by window_start and window_end of TUMBLE, HOP, CUMULATE or SESSION, or " +
	"keep the time column, of a stream with a WATERMARK."

// windowSide says which column of a window a column is.
type windowSide uint8

const (
	noWindow    windowSide = 0
	windowStart windowSide = 1
	windowEnd   windowSide = 2
)

// windowOf traces a column to the window that made it.
func windowOf(n plan.Node, col int) (plan.Node, windowSide) {
	for {
		next, at := columnBelow(n, col)
		switch n.(type) {
		case *plan.Window, *plan.Session:
			switch width := len(n.Children()[0].Schema()); col {
			case width:
				return n, windowStart
			case width + 1:
				return n, windowEnd
			}
		}
		if next == nil {
			return nil, noWindow
		}
		n, col = next, at
	}
}

// columnBelow finds the input column that a column is, unchanged; nil if it is computed here.
func columnBelow(n plan.Node, col int) (plan.Node, int) {
	kids := n.Children()
	switch at := n.(type) {
	case *plan.Project:
		if c, ok := at.Exprs[col].(expr.Column); ok {
			return at.Input, c.Index
		}
		return nil, 0
	case *plan.Aggregate:
		if col < len(at.GroupBy) {
			return at.Input, at.GroupBy[col]
		}
		return nil, 0
	case *plan.Join, *plan.Asof:
		if left := len(kids[0].Schema()); col >= left {
			return kids[1], col - left
		}
		return kids[0], col
	}
	if len(kids) == 0 || col >= len(kids[0].Schema()) {
		return nil, 0
	}
	switch n.(type) {
	case *plan.Filter, *plan.Window, *plan.Session, *plan.Over, *plan.TopN, *plan.EmitOnClose,
		*plan.UnionAll, *plan.SetOp, *plan.Flatten:
		return kids[0], col
	}
	return nil, 0
}

// groupWindow finds a grouping column that is the given side of a window.
func (blk *block) groupWindow(side windowSide) (int, plan.Node) {
	for i, g := range blk.group.list {
		if c, ok := g.(expr.Column); ok && blk.inEverySet(i) {
			if w, s := windowOf(blk.in, c.Index); s == side {
				return i, w
			}
		}
	}
	return -1, nil
}

// addWindowEnd groups by the end of a window too if only its start is grouped by, which decides
// it.
func (b *binder) addWindowEnd(blk *block) {
	if i, _ := blk.groupWindow(windowEnd); i >= 0 || blk.sets != nil {
		return
	}
	_, n := blk.groupWindow(windowStart)
	if w, ok := n.(*plan.Window); !ok || w.Kind == plan.Cumulate {
		return
	}
	for _, c := range blk.scope.cols {
		if other, side := windowOf(blk.in, c.index); other == n && side == windowEnd {
			blk.group.add(columnAt(c.index, c.typ))
			return
		}
	}
}

// emitsGroups reports whether the groups of a block are what is held back: nothing above them
// takes rows away again.
func (blk *block) emitsGroups() bool { return len(blk.overs.calls) == 0 && blk.on == nil }

// emitGroups holds the groups of a block back until they are final: until their window closes, or
// the time that they are grouped by has passed.
func (b *binder) emitGroups(blk *block, n plan.Node) (plan.Node, error) {
	frozen := plan.Derive(n).Frozen
	if !slices.Contains(frozen, true) && b.tidy != nil {
		n = b.tidy(n) // rewriting finds the bounds in time of joins, which pass watermarks on
		frozen = plan.Derive(n).Frozen
	}
	if i, _ := blk.groupWindow(windowEnd); i >= 0 {
		if !frozen[i] {
			return nil, b.noWatermark(n, n.Schema()[i].Name)
		}
		return &plan.EmitOnClose{Input: n, WindowEnd: i}, nil
	}
	fields := n.Schema()
	timed := false
	for i := range blk.group.list {
		if !isTime(fields[i].Type) || !blk.inEverySet(i) {
			continue
		}
		if timed = true; frozen[i] {
			return &plan.EmitOnClose{Input: n, WindowEnd: i}, nil
		}
	}
	if timed {
		return nil, b.noWatermark(n, "")
	}
	return nil, b.emitNeedsGroups()
}

// emitNeedsGroups refuses EMIT ON WINDOW CLOSE on groups without a time to close by.
func (b *binder) emitNeedsGroups() error {
	e := b.errorf(b.raw.Clauses.EmitAt, stateUnsupported,
		"EMIT ON WINDOW CLOSE needs GROUP BY with the end of a window")
	e.Hint = emitHint
	return e
}

// frozenTime is the first time column of a relation that carries a watermark, -1 if none does.
func frozenTime(s *plan.Scan) int {
	for i, frozen := range plan.Derive(s).Frozen {
		if frozen && isTime(s.Fields[i].Type) {
			return i
		}
	}
	return -1
}

// emitRows holds the rows of a query back until they are final, by a column of its input: the end
// of a window if there is one, else the first time in the select list that has a watermark, else
// any other. Any of them is right; rows in which the column is NULL stay back for ever.
func (b *binder) emitRows(r *rel) (*rel, error) {
	in := r.in
	best := emitColumn(r, in)
	if best < 0 && b.tidy != nil {
		in = b.tidy(in) // rewriting finds the bounds in time of joins, which pass watermarks on
		best = emitColumn(r, in)
	}
	if best < 0 {
		return nil, b.noWatermark(r.in, "")
	}
	out := *r
	out.in = &plan.EmitOnClose{Input: in, WindowEnd: best}
	return &out, nil
}

// emitColumn picks the column of the input of a query that emitRows goes by, -1 if there is none.
func emitColumn(r *rel, in plan.Node) int {
	frozen := plan.Derive(in).Frozen
	best, rank := -1, 0
	consider := func(col, weight int) {
		if col >= len(frozen) || !frozen[col] || !isTime(in.Schema()[col].Type) ||
			mayBeAbsent(in, col) {
			return
		}
		if _, side := windowOf(in, col); side == windowEnd {
			weight += 2
		}
		if weight > rank {
			best, rank = col, weight
		}
	}
	for _, s := range r.outs {
		if c, ok := s.e.(expr.Column); ok {
			consider(c.Index, 2)
		}
	}
	for col := range frozen {
		consider(col, 1)
	}
	return best
}

// emitsOnce judges the finished plan of a view: what EMIT ON WINDOW CLOSE let out stays.
func (b *binder) emitsOnce(n plan.Node) error {
	if !b.raw.Clauses.EmitOnClose || b.lateness > 0 || plan.Derive(n).AppendOnly {
		return nil
	}
	return b.unsupported(b.raw.Clauses.EmitAt,
		"EMIT ON WINDOW CLOSE below what takes rows away again is", emitHint)
}

func isTime(t value.Type) bool {
	return t.Kind == value.Timestamp || t.Kind == value.TimestampTZ
}

// mayBeAbsent reports whether an outer join can leave a column NULL: such rows would never leave.
func mayBeAbsent(n plan.Node, col int) bool {
	for n != nil {
		switch j := n.(type) {
		case *plan.Join:
			right := col >= len(j.Left.Schema())
			if j.Kind == plan.FullJoin || j.Kind == plan.LeftJoin && right {
				return true
			}
		case *plan.Asof:
			if j.Outer && col >= len(j.Left.Schema()) {
				return true
			}
		case *plan.Project:
			if c := plan.Carries(j.Exprs[col]); c >= 0 {
				n, col = j.Input, c
				continue
			}
		case *plan.UnionAll:
			for _, in := range j.Inputs {
				if mayBeAbsent(in, col) {
					return true
				}
			}
			return false
		}
		n, col = columnBelow(n, col)
	}
	return false
}

// noWatermark refuses to emit a plan, naming the inputs that have no watermark.
func (b *binder) noWatermark(n plan.Node, column string) error {
	e := b.errorf(b.raw.Clauses.EmitAt, stateUnsupported,
		"EMIT ON WINDOW CLOSE is not possible: no watermark reaches the result")
	if column != "" {
		e.Message = "EMIT ON WINDOW CLOSE is not possible: no watermark reaches \"" + column + "\""
	}
	e.Hint = emitHint
	var without []string
	timed, table := false, false
	plan.Walk(n, func(n plan.Node) {
		s, ok := n.(*plan.Scan)
		switch {
		case !ok:
		case frozenTime(s) >= 0:
			timed = true
		default:
			without = append(without, "\""+s.Name+"\"")
			r := b.cat.ByID(s.Relation)
			table = table || r != nil && r.Kind == catalog.Table
		}
	})
	if timed && table {
		e.Hint = "Join a table as it was at the time of each row: FOR SYSTEM_TIME AS OF."
	}
	if slices.Sort(without); len(without) > 0 {
		e.Detail = "Rows of " + strings.Join(slices.Compact(without), ", ") +
			" can change at any time: it has no watermark."
	}
	return e
}
