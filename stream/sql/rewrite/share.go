package rewrite

import (
	"fmt"
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// sharing keeps equal parts of a plan equal while it is rewritten, where they can fail: they run
// once, so that a row that fails there fails once (ADR 18). Each such part is cut out with all
// below it, and the places where it stood scan it as if it were a relation. Outside and inside are
// rewritten apart, so that no condition moves into one of the places and not into the others. What
// is asked of any place is computed for all; a place that asks for less picks columns.
type sharing struct {
	count   map[string]int // of each part that can fail: the places where it stands
	several bool           // some part stands in more than one
	first   uint32         // relation id of the first part that was cut out
	ids     map[string]uint32
	parts   []*part
}

// part is a subtree that stands in several places.
type part struct {
	body    plan.Node
	columns []int // the columns that some place asks for, ascending
	settled bool
}

// apply rewrites a plan by settle, part by part.
func (s *sharing) apply(n plan.Node, settle func(plan.Node) plan.Node) plan.Node {
	s.count, s.ids = map[string]int{}, map[string]uint32{}
	s.meet(n)
	if !s.several {
		return settle(n)
	}
	for _, id := range plan.Inputs(n) {
		s.first = max(s.first, id+1)
	}
	n = settle(s.cut(n))
	s.ask(n)
	for range s.parts {
		p := s.next()
		if p.columns != nil { // else nobody reads it any more
			p.body = settle(picked(p.body, p.columns))
			s.ask(p.body)
		}
		p.settled = true
	}
	return s.join(n)
}

// meet counts the places of parts that can fail. What is below a part counts once.
func (s *sharing) meet(n plan.Node) {
	if canFail(n) && plan.Closed(n) {
		key := string(plan.Encode(n))
		if s.count[key]++; s.count[key] > 1 {
			s.several = true
			return
		}
	}
	for _, c := range n.Children() {
		s.meet(c)
	}
}

// cut replaces the parts that stand in several places by scans.
func (s *sharing) cut(n plan.Node) plan.Node {
	key := ""
	if canFail(n) && plan.Closed(n) {
		key = string(plan.Encode(n))
	}
	if s.count[key] < 2 {
		return s.inputs(n, s.cut)
	}
	id, ok := s.ids[key]
	if !ok {
		id = s.first + uint32(len(s.parts))
		p := &part{}
		s.ids[key], s.parts = id, append(s.parts, p)
		p.body = s.inputs(n, s.cut)
	}
	props := plan.Derive(n)
	scan := &plan.Scan{
		Relation: id, Name: fmt.Sprintf("part %d", id-s.first+1), Fields: n.Schema(),
		Key: props.Key, AppendOnly: props.AppendOnly,
	}
	for i, frozen := range props.Frozen {
		scan.Columns = append(scan.Columns, i)
		if frozen {
			scan.Frozen = append(scan.Frozen, i)
		}
	}
	return scan
}

func (s *sharing) inputs(n plan.Node, each func(plan.Node) plan.Node) plan.Node {
	old := n.Children()
	if len(old) == 0 {
		return n
	}
	kids := make([]plan.Node, len(old))
	for i, c := range old {
		kids[i] = each(c)
	}
	return n.With(kids)
}

// of returns the part that a node scans, nil for none.
func (s *sharing) of(n plan.Node) *part {
	if scan, ok := n.(*plan.Scan); ok && scan.Relation >= s.first {
		return s.parts[scan.Relation-s.first]
	}
	return nil
}

// ask notes which columns of parts a settled plan reads.
func (s *sharing) ask(n plan.Node) {
	plan.Walk(n, func(n plan.Node) {
		if p := s.of(n); p != nil {
			p.columns = append(p.columns, n.(*plan.Scan).Columns...)
			slices.Sort(p.columns)
			p.columns = slices.Compact(p.columns)
		}
	})
}

// next returns a part that is not settled and that only settled ones read.
func (s *sharing) next() *part {
	read := map[*part]bool{}
	for _, p := range s.parts {
		if !p.settled {
			plan.Walk(p.body, func(n plan.Node) { read[s.of(n)] = true })
		}
	}
	for _, p := range s.parts {
		if !p.settled && !read[p] {
			return p
		}
	}
	return nil
}

// join puts the parts back.
func (s *sharing) join(n plan.Node) plan.Node {
	p := s.of(n)
	if p == nil {
		return s.inputs(n, s.join)
	}
	at := make([]int, len(n.(*plan.Scan).Columns))
	for i, c := range n.(*plan.Scan).Columns {
		at[i] = slices.Index(p.columns, c)
	}
	return picked(s.join(p.body), at)
}

// picked gives some columns of a plan; the plan itself if these are all.
func picked(n plan.Node, columns []int) plan.Node {
	fields := n.Schema()
	p := &plan.Project{Input: n}
	for _, i := range columns {
		p.Exprs = append(p.Exprs, expr.Column{Index: i, T: fields[i].Type})
		p.Names = append(p.Names, fields[i].Name)
		p.Hide = append(p.Hide, fields[i].Hidden)
	}
	if picksAll(p) {
		return n
	}
	return p
}

// canFail reports whether a node can put rows into the error relation, its inputs aside; of a
// recursion with what reads it, which stands nowhere else.
func canFail(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return slices.ContainsFunc(n.Calls, aggregateCanFail)
	case *plan.Over:
		return slices.ContainsFunc(n.Calls, func(c plan.OverCall) bool {
			switch c.Func {
			case plan.OverNtile, plan.OverNth:
				return true
			case plan.OverAggregate:
				return aggregateCanFail(c.Call)
			}
			return false
		})
	case *plan.Session, *plan.Match, *plan.Flatten:
		return true
	case *plan.Recursive:
		fails := false
		plan.Walk(n.Step, func(n plan.Node) { fails = fails || canFail(n) })
		return fails
	}
	return slices.ContainsFunc(n.Scalars(), expr.CanFail)
}

func aggregateCanFail(c plan.AggCall) bool {
	switch c.Func {
	case plan.CountStar, plan.Count, plan.Min, plan.Max, plan.BoolAnd, plan.BoolOr, plan.BitAnd,
		plan.BitOr, plan.BitXor:
		return false
	}
	return true
}
