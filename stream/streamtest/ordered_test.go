package streamtest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/value"
)

// orderedHistories draws an ordered operator close to its input, so that most of the draw goes
// into its partitions, its order and its frames.
func orderedHistories(draw func(p planner, in plan.Node) plan.Node) *rapid.Generator[history] {
	return rapid.Custom(func(t *rapid.T) history {
		p := planner{t: t}
		in := draw(p, p.typed())
		return history{views: []view{newView(0, in)}, steps: drawSteps(t)}
	})
}

// typed reads a relation with a column of one more type, or updates of a group.
func (p *planner) typed() plan.Node {
	in := scan([...]uint32{events, rejected, late, names}[p.pick(4, "relation")])
	if in.Relation == names {
		return in
	}
	if p.pick(4, "updates?") == 0 {
		by := [][]int{{1}, {1, 0}}[p.pick(2, "groups")]
		n := &plan.Aggregate{Input: in, GroupBy: by, Calls: []plan.AggCall{
			plan.Call(plan.Max, 2, tInt), plan.Call(plan.Min, 3, tNum),
		}}
		return named(n)
	}
	n := &plan.Project{Input: in}
	for i := range 4 {
		n.Exprs, n.Names = append(n.Exprs, col(in, i)), append(n.Names, in.Fields[i].Name)
	}
	n.Exprs = append(n.Exprs, [...]expr.Expr{
		cast(col(in, 3), value.Of(value.Float8)),
		cast(col(in, 0), value.Of(value.Date)),
		cast(col(in, 0), value.Of(value.Time)),
		fn("-", col(in, 0), lit(value.NewTimestamp(0))),
		fn("/", lit(value.NewInt8(12)), col(in, 2)),
	}[p.pick(5, "type")])
	n.Names = append(n.Names, "x")
	return n
}

// TestOrderedOperatorsEqualOracle drives each ordered operator over typed inputs.
func TestOrderedOperatorsEqualOracle(t *testing.T) {
	draws := map[string]func(p planner, in plan.Node) plan.Node{
		"topn": func(p planner, in plan.Node) plan.Node { return p.topN(in) },
		"over": func(p planner, in plan.Node) plan.Node { return p.over(in) },
	}
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			check(t, 3, func(t *rapid.T) {
				h := orderedHistories(draw).Draw(t, "history")
				if err := plan.Check(h.views[0].plan); err != nil {
					t.Fatalf("drawn plan is malformed: %v", err)
				}
				if err := run(h); err != nil {
					t.Fatalf("%s%v", plan.Print(h.views[0].plan), err)
				}
			})
		})
	}
}

// orderedMutants are bugs that an ordered operator could have: each makes another operator of the
// specification of the right one.
func orderedMutants() map[string]func(operator.Operator) operator.Operator {
	top := func(change func(s *operator.TopNSpec)) func(operator.Operator) operator.Operator {
		return func(op operator.Operator) operator.Operator {
			if t, ok := op.(*operator.TopN); ok {
				s := t.Spec()
				change(&s)
				return operator.NewTopN(s)
			}
			return op
		}
	}
	over := func(change func(s *operator.OverSpec)) func(operator.Operator) operator.Operator {
		return func(op operator.Operator) operator.Operator {
			if o, ok := op.(*operator.Over); ok {
				s := o.Spec()
				s.Calls = append([]operator.OverCall{}, s.Calls...)
				change(&s)
				return operator.NewOver(1, s)
			}
			return op
		}
	}
	frames := func(change func(f *operator.Frame)) func(operator.Operator) operator.Operator {
		return over(func(s *operator.OverSpec) {
			for i := range s.Calls {
				change(&s.Calls[i].Frame)
			}
		})
	}
	desc := func(keys []operator.OrderKey) []operator.OrderKey {
		out := append([]operator.OrderKey{}, keys...)
		for i := range out {
			out[i].NullsFirst = !out[i].NullsFirst
		}
		return out
	}
	return map[string]func(operator.Operator) operator.Operator{
		"topn breaks no ties":          top(func(s *operator.TopNSpec) { s.Visible = nil }),
		"topn keeps one row too many":  top(func(s *operator.TopNSpec) { s.Limit += min(s.Limit, 1) }),
		"topn skips one row too many":  top(func(s *operator.TopNSpec) { s.Offset++ }),
		"topn thinks its input grows":  top(func(s *operator.TopNSpec) { s.AppendOnly = true }),
		"topn takes ranks for numbers": top(func(s *operator.TopNSpec) { s.Kind = operator.RowNumber }),
		"topn has NULLs elsewhere":     top(func(s *operator.TopNSpec) { s.Keys = desc(s.Keys) }),
		"over breaks no ties":          over(func(s *operator.OverSpec) { s.Visible = nil }),
		"over ignores peers": frames(func(f *operator.Frame) {
			if f.Mode == operator.FrameRange {
				f.Mode = operator.FrameRows
				f.Start.Offset, f.End.Offset = value.NewInt8(0), value.NewInt8(0)
			}
		}),
		"over excludes nothing": frames(func(f *operator.Frame) { f.Exclude = 0 }),
		"over is a row short": frames(func(f *operator.Frame) {
			if f.Mode == operator.FrameRows && f.Start.Offset.I > 0 {
				f.Start.Offset.I--
			}
		}),
		"over forgets the lag": over(func(s *operator.OverSpec) {
			for i := range s.Calls {
				s.Calls[i].Shift = min(s.Calls[i].Shift, 1)
			}
		}),
	}
}

// TestOrderedMutantsAreCaught plants each bug into drawn plans of ordered operators.
func TestOrderedMutantsAreCaught(t *testing.T) {
	gen := orderedHistories(func(p planner, in plan.Node) plan.Node {
		if p.pick(2, "topn?") == 0 {
			return p.topN(in)
		}
		return p.over(in)
	})
	honest := func(op operator.Operator) operator.Operator { return op }
	for name, plant := range orderedMutants() {
		t.Run(name, func(t *testing.T) {
			for seed := range maxSeeds {
				h := gen.Example(seed)
				if runCircuits(h, bug{plant: plant}) == nil {
					continue
				}
				if err := runCircuits(h, bug{plant: honest}); err != nil {
					t.Fatalf("seed %d fails without a bug: %v", seed, err)
				}
				t.Logf("caught by seed %d", seed)
				return
			}
			t.Errorf("survives %d histories", maxSeeds)
		})
	}
}

// TestWithTies cuts behind the peers of the last row.
func TestWithTies(t *testing.T) {
	check(t, 2, func(t *rapid.T) {
		h := orderedHistories(func(_ planner, in plan.Node) plan.Node { return in }).Draw(t, "h")
		w := newWorld(h.views)
		for _, s := range h.steps {
			_, err := w.step(s)
			must(err)
		}
		q := drawSort(t, h.views[0].plan).(*plan.Sort)
		q.Ties = true
		got, err := w.eng.Query(q, w.env())
		must(err)
		top := &plan.TopN{
			Input: q.Input, Keys: q.Keys, Kind: plan.Rank, Limit: q.Limit, Offset: q.Offset,
		}
		same, err := w.eng.Query(&plan.Sort{Input: top, Keys: q.Keys, Limit: -1}, w.env())
		must(err)
		if a, b := fmt.Sprint(got.Rows), fmt.Sprint(same.Rows); a != b {
			t.Fatalf("with ties\n%s\nby rank\n%s", a, b)
		}
	})
}
