package bind

import (
	"weir/stream/expr"
	"weir/stream/plan"
)

const emitHint = "Group by window_start and window_end of TUMBLE or HOP over a stream with a " +
	"WATERMARK."

// emitNeedsGroups refuses EMIT ON WINDOW CLOSE on a query without windows to group by.
func (b *binder) emitNeedsGroups() error {
	e := b.errorf(b.raw.Clauses.EmitAt, stateUnsupported,
		"EMIT ON WINDOW CLOSE needs GROUP BY with the end of a window")
	e.Hint = emitHint
	return e
}

// windowSide says which column of a window a column is.
type windowSide uint8

const (
	noWindow    windowSide = 0
	windowStart windowSide = 1
	windowEnd   windowSide = 2
)

// windowOf traces a column to the window that made it.
func windowOf(n plan.Node, col int) (*plan.Window, windowSide) {
	for {
		switch at := n.(type) {
		case *plan.Window:
			switch width := len(at.Input.Schema()); col {
			case width:
				return at, windowStart
			case width + 1:
				return at, windowEnd
			}
			n = at.Input
		case *plan.Project:
			c, ok := at.Exprs[col].(expr.Column)
			if !ok {
				return nil, noWindow
			}
			n, col = at.Input, c.Index
		case *plan.Filter:
			n = at.Input
		case *plan.Aggregate:
			if col >= len(at.GroupBy) {
				return nil, noWindow
			}
			n, col = at.Input, at.GroupBy[col]
		case *plan.Join:
			if left := len(at.Left.Schema()); col < left {
				n = at.Left
			} else {
				n, col = at.Right, col-left
			}
		default:
			return nil, noWindow
		}
	}
}

// groupWindow finds a grouping column that is the given side of a window.
func (blk *block) groupWindow(side windowSide) (int, *plan.Window) {
	for i, g := range blk.group.list {
		if c, ok := g.(expr.Column); ok {
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
	if i, _ := blk.groupWindow(windowEnd); i >= 0 {
		return
	}
	_, w := blk.groupWindow(windowStart)
	if w == nil || w.Kind == plan.Cumulate {
		return
	}
	for _, c := range blk.scope.cols {
		if other, side := windowOf(blk.in, c.index); other == w && side == windowEnd {
			blk.group.add(columnAt(c.index, c.typ))
			return
		}
	}
}

// emitOnClose holds the groups back until their window closes.
func (b *binder) emitOnClose(blk *block, n *plan.Aggregate) (plan.Node, error) {
	i, _ := blk.groupWindow(windowEnd)
	if i < 0 {
		return nil, b.emitNeedsGroups()
	}
	if plan.Derive(n).Frozen[i] {
		return &plan.EmitOnClose{Input: n, WindowEnd: i}, nil
	}
	e := b.errorf(b.raw.Clauses.EmitAt, stateUnsupported,
		"EMIT ON WINDOW CLOSE is not possible: no watermark reaches %q", n.Names[i])
	e.Hint = emitHint
	plan.Walk(n, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok && len(s.Frozen) == 0 && e.Detail == "" {
			e.Detail = "Rows of \"" + s.Name + "\" can change at any time: it has no watermark."
		}
	})
	return nil, e
}
