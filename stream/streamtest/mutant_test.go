package streamtest

import (
	"fmt"
	"testing"

	"weir/stream/batch"
	"weir/stream/compile"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/window"
)

// mutant is an operator with a planted bug in its input or output.
type mutant struct {
	operator.Operator
	in  func([]operator.Delta) []operator.Delta
	out func(operator.Delta) operator.Delta
	now int64 // added to the time
}

// Step implements operator.Operator.
func (m mutant) Step(ctx *operator.Context, in []operator.Delta) operator.Delta {
	if m.in != nil {
		in = m.in(in)
	}
	late := *ctx
	late.Env.Now += m.now
	out := m.Operator.Step(&late, in)
	if m.out != nil {
		out = m.out(out)
	}
	return out
}

// runCircuits drives the views' circuits without an engine, each plan changed by twist, each node
// planted by plant, and compares the sums of their outputs with the oracle after every step.
func runCircuits(h history, b bug) (err error) {
	return runAltered(h, func(n plan.Node) plan.Node { return everywhere(n, b.twist) }, b.plant)
}

// runAltered is runCircuits with circuits for altered plans; a nil plant leaves nodes as they are.
func runAltered(
	h history, alter func(plan.Node) plan.Node, plant func(operator.Operator) operator.Operator,
) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	w := newWorld(nil)
	var progs []*compile.Program
	for _, v := range h.views {
		p, err := compile.Compile(alter(v.plan))
		must(err)
		for i := range p.Circuit.Nodes {
			if plant != nil {
				p.Circuit.Nodes[i].Op = plant(p.Circuit.Nodes[i].Op)
			}
		}
		progs = append(progs, p)
	}
	for i, s := range h.steps {
		deltas := baseDeltas(w, s)
		for _, tx := range s.txs {
			w.rows[tx.relation] = append(w.rows[tx.relation], tx.rows...)
		}
		w.mark, w.now = s.mark, s.now
		in := w.input()
		for k, v := range h.views {
			ctx := &operator.Context{Errors: operator.NewErrors(), Env: expr.Env{Now: s.now}}
			out, _ := progs[k].Circuit.Step(ctx, func(id uint32) operator.Delta { return deltas[id] })
			deltas[v.id] = out
			deltas[v.errors()] = operator.Delta{Rows: ctx.Errors.Rows()}
			w.add(v.id, out.Rows)
			w.add(v.errors(), ctx.Errors.Rows())
			rows, _ := oracle.Eval(v.plan, in)
			if a, b := lines(w.delta[v.id]), lines(rows); a != b {
				return fmt.Errorf("step %d, view %d:\n%s\nwant\n%s", i, v.id, a, b)
			}
			made := oracle.EvalView(v.plan, v.key, in)
			in.Rows[v.id], in.Rows[v.errors()] = rows, made.Errors
			in.Marks[v.id] = made.Marks
		}
	}
	return nil
}

func (w *world) add(id uint32, b *batch.Batch) {
	if b != nil {
		w.sum(id, b)
	}
}

func baseDeltas(w *world, s step) map[uint32]operator.Delta {
	out := map[uint32]operator.Delta{}
	seg := w.segment(s)
	for _, id := range sortedKeys(seg.Deltas) {
		b := batch.Concat(rowTypes(id), seg.Deltas[id]...).Consolidate()
		if b.Len > 0 {
			out[id] = operator.Delta{Rows: b}
		}
	}
	marks := make([]int64, len(rowTypes(events)))
	for i := range marks {
		marks[i] = window.None
	}
	marks[0] = s.mark
	out[events] = operator.Delta{Rows: out[events].Rows, Marks: marks}
	return out
}

// shift returns marks moved by some microseconds.
func shift(marks []int64, by int64) []int64 {
	out := append([]int64(nil), marks...)
	for i := range out {
		if out[i] != window.None {
			out[i] += by
		}
	}
	return out
}

// positive drops the retractions of a delta.
func positive(d operator.Delta) operator.Delta {
	if d.Rows == nil {
		return d
	}
	var sel []int32
	for i := range d.Rows.Len {
		if d.Rows.Weight(i) > 0 {
			sel = append(sel, int32(i))
		}
	}
	if d.Rows = d.Rows.Select(sel); d.Rows.Len == 0 {
		d.Rows = nil
	}
	return d
}

// bug is a fault in a part of an engine: operators that are not what they should be, or plans
// that mean something else.
type bug struct {
	plant func(operator.Operator) operator.Operator
	twist func(plan.Node) plan.Node
}

// on plants a mutant for every operator of a kind.
func on(kind string, m mutant) func(operator.Operator) operator.Operator {
	return func(op operator.Operator) operator.Operator {
		if op.Name() != kind {
			return op
		}
		m.Operator = op
		return m
	}
}

// mutants are bugs that an engine could have, by what they do.
func mutants() map[string]bug {
	later := func(by int64) func(in []operator.Delta) []operator.Delta {
		return func(in []operator.Delta) []operator.Delta {
			out := append([]operator.Delta(nil), in...)
			for i := range out {
				out[i].Marks = shift(out[i].Marks, by)
			}
			return out
		}
	}
	one := func(in []operator.Delta) []operator.Delta {
		if in[0].Rows != nil && in[1].Rows != nil {
			return []operator.Delta{in[0], {Marks: in[1].Marks}}
		}
		return in
	}
	additions := func(in []operator.Delta) []operator.Delta {
		return []operator.Delta{positive(in[0])}
	}
	all := map[string]bug{}
	for name, plant := range timeMutants(later) {
		all[name] = bug{plant: plant}
	}
	for name, twist := range twists() {
		all[name] = bug{twist: twist}
	}
	for name, plant := range map[string]func(operator.Operator) operator.Operator{
		"aggregate ignores retractions": on("aggregate", mutant{in: additions}),
		"aggregate never retracts":      on("aggregate", mutant{out: positive}),
		"join never retracts":           on("join", mutant{out: positive}),
		"join forgets the other side":   on("join", mutant{in: one}),
		"emit is early by a tick":       on("emit_on_close", mutant{in: later(1)}),
		"emit is late by a second":      on("emit_on_close", mutant{in: later(-second)}),
		"groups are freed a tick early": on("aggregate", mutant{in: later(1)}),
		"joins free a tick early":       on("join", mutant{in: later(1)}),
		"source drops retractions":      on("source", mutant{out: positive}),
		"as-of joins never retract":     on("asof_join", mutant{out: positive}),
		"as-of joins forget versions":   on("asof_join", mutant{in: one}),
		"as-of joins free early":        on("asof_join", mutant{in: later(5 * second)}),
	} {
		all[name] = bug{plant: plant}
	}
	return all
}

// maxSeeds is how many drawn histories a mutant may survive.
const maxSeeds = 4000

// TestMutantsAreCaught plants each bug and looks for the drawn history that shows it; without a
// bug none of those histories fails.
func TestMutantsAreCaught(t *testing.T) {
	gen := histories()
	for name, b := range mutants() {
		t.Run(name, func(t *testing.T) {
			for seed := range maxSeeds {
				h := gen.Example(seed)
				if runCircuits(h, b) == nil {
					continue
				}
				if err := runCircuits(h, bug{}); err != nil {
					t.Fatalf("seed %d fails without a bug: %v", seed, err)
				}
				t.Logf("caught by seed %d", seed)
				return
			}
			t.Errorf("survives %d histories", maxSeeds)
		})
	}
}
