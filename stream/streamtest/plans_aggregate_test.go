package streamtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	functions "weir/stream/agg"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// aggregateNames are the aggregate functions; those of WITHIN GROUP are the last three.
var aggregateNames = []string{
	"count", "sum", "avg", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor",
	"stddev_pop", "stddev_samp", "var_pop", "var_samp", "covar_pop", "covar_samp", "corr",
	"string_agg", "array_agg", "first_value", "last_value", "single_value", "jsonb_agg",
	"jsonb_object_agg", "percentile_cont", "percentile_disc", "mode",
}

// rareAggregate groups rows with columns of every kind by one column of the input or none, and
// calls any functions on them, with every modifier.
func (p *planner) rareAggregate(in plan.Node) plan.Node {
	at := columns(in, tInt)
	if len(at) == 0 {
		return p.aggregate(in)
	}
	v := col(in, at[p.pick(len(at), "of")])
	n := &plan.Aggregate{Input: p.kinds(in, v)}
	frozen := plan.Derive(in).Frozen
	for i := range in.Schema() {
		if frozen[i] && p.pick(2, "time?") == 0 || len(n.GroupBy) < 1 && p.pick(4, "group?") == 0 {
			n.GroupBy = append(n.GroupBy, i)
		}
	}
	for range 1 + p.pick(4, "calls") {
		if c, ok := p.call(n.Input); ok {
			n.Calls = append(n.Calls, c)
		}
	}
	if len(n.Calls) == 0 {
		n.Calls = append(n.Calls, plan.Call(plan.CountStar, -1, tInt))
	}
	return named(n)
}

// kinds projects the input and values of many kinds made of one integer.
func (p *planner) kinds(in plan.Node, v expr.Expr) plan.Node {
	n := &plan.Project{Input: in}
	for i := range in.Schema() {
		n.Exprs = append(n.Exprs, col(in, i))
	}
	f8 := func(x float64) value.Datum { return value.NewFloat(value.Float8, x) }
	small := fn("%", v, lit(value.NewInt8(7)))
	double := cast(v, value.Of(value.Float8))
	odd := &expr.Case{T: value.Of(value.Float8), Else: fn("*", double, lit(f8(1e300)))}
	for i, x := range []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 1e-300, math.MaxFloat64,
	} {
		odd.Whens = append(odd.Whens, fn("=", small, lit(value.NewInt8(int64(i)))))
		odd.Thens = append(odd.Thens, lit(f8(x)))
	}
	year := lit(value.NewInterval(value.IntervalValue{Months: 12, Days: 30, Micros: second}))
	fractions := []value.Datum{f8(0.5), f8(0), f8(1), f8(0.3), f8(1.5), value.NullDatum}
	fraction := fractions[p.pick(len(fractions), "fraction")]
	delims := []value.Datum{value.NewText(","), value.NullDatum}
	all := []expr.Expr{
		fn(">", v, lit(value.NewInt8(1))), cast(small, value.Of(value.Int4)), double, odd,
		cast(cast(small, value.Of(value.Float8)), value.Of(value.Float4)),
		fn("*", year, cast(small, value.Of(value.Float8))), cast(v, tNum), cast(v, tText),
		expr.Const{D: fraction, T: value.Of(value.Float8)},
		expr.Const{D: delims[p.pick(2, "delimiter")], T: tText},
	}
	n.Exprs = append(n.Exprs, all...)
	for i := range n.Exprs {
		n.Names = append(n.Names, fmt.Sprint("k", i))
	}
	return n
}

// call draws a function, its arguments and modifiers; not ok if no columns suit it.
func (p *planner) call(in plan.Node) (c plan.AggCall, ok bool) {
	fields := in.Schema()
	i := p.pick(len(aggregateNames), "function")
	within := i >= len(aggregateNames)-3
	for range 12 {
		c.Arg, c.Extra = p.pick(len(fields), "argument"), p.pick(len(fields), "extra")
		args := []value.Type{fields[c.Arg].Type, fields[c.Extra].Type}
		if within {
			args[0], args[1] = args[1], args[0]
		}
		r, err := functions.Resolve(aggregateNames[i], args, within)
		if err != nil {
			c.Extra, args = -1, []value.Type{fields[c.Arg].Type}
			r, err = functions.Resolve(aggregateNames[i], args, within)
		}
		if err != nil || fmt.Sprint(r.Args) != fmt.Sprint(args) || !r.Type.Kind.Valid() {
			continue
		}
		c.Func, c.Type, c.Filter = plan.AggFunc(r.Func), r.Type, -1
		p.modify(&c, in, within)
		return c, true
	}
	return c, false
}

func (p *planner) modify(c *plan.AggCall, in plan.Node, within bool) {
	c.Distinct = p.pick(3, "distinct?") == 0
	if at := columns(in, value.Of(value.Bool)); len(at) > 0 && p.pick(3, "filter?") == 0 {
		c.Filter = at[p.pick(len(at), "filter")]
	}
	most := 3
	if within {
		most = 2
	}
	for range p.pick(most, "keys") {
		k := plan.SortKey{
			Col: p.pick(len(in.Schema()), "key"), Desc: p.pick(2, "desc") == 0,
			NullsFirst: p.pick(2, "nulls first") == 0,
		}
		if c.Distinct {
			if k.Col = c.Arg; c.Extra >= 0 && p.pick(2, "second?") == 0 {
				k.Col = c.Extra
			}
		}
		if within {
			k.Col = c.Arg
		}
		c.OrderBy = append(c.OrderBy, k)
	}
}

// TestAggregateNumbers keeps the numbers of plans and of aggregate functions the same.
func TestAggregateNumbers(t *testing.T) {
	for f := plan.CountStar; f.String() != "?"; f++ {
		if g := functions.Func(f); g.String() != f.String() {
			t.Errorf("%d is %s in plans, %s among aggregate functions", f, f, g)
		}
	}
	if functions.Func(plan.Corr + 1).Valid() {
		t.Error("plans do not have all aggregate functions")
	}
}

// aggregateHistories draws views that call aggregates over a stream, a table, and both joined.
func aggregateHistories() *rapid.Generator[history] {
	return rapid.Custom(func(t *rapid.T) history {
		p := planner{t: t}
		changing := &plan.Project{
			Input: scan(names), Names: []string{"k", "v"},
			Exprs: []expr.Expr{col(scan(names), 0), &expr.Case{
				Whens: []expr.Expr{fn("<", col(scan(names), 1), lit(value.NewText("8")))},
				Thens: []expr.Expr{lit(value.NewInt8(4))}, T: tInt,
			}},
		}
		joined := &plan.Join{
			Left: scan(events), Right: scan(names), LeftKeys: []int{1}, RightKeys: []int{0},
		}
		var h history
		for i, in := range []plan.Node{scan(events), changing, joined} {
			h.views = append(h.views, newView(i, p.rareAggregate(in)))
		}
		h.steps = drawSteps(t)
		return h
	})
}

// TestAggregatesEqualOracle drives all functions.
func TestAggregatesEqualOracle(t *testing.T) {
	check(t, 12, func(t *rapid.T) {
		h := aggregateHistories().Draw(t, "history")
		for _, v := range h.views {
			if err := plan.Check(v.plan); err != nil {
				t.Fatalf("drawn plan is malformed: %v", err)
			}
		}
		if err := run(h); err != nil {
			t.Fatalf("%v\n%s%s%s%s", err, h, plan.Print(h.views[0].plan),
				plan.Print(h.views[1].plan), plan.Print(h.views[2].plan))
		}
	})
}

// aggregateMutants are wrong readings of a call; they say no where they change nothing.
func aggregateMutants() map[string]func(c *plan.AggCall) bool {
	other := func(pairs ...plan.AggFunc) func(c *plan.AggCall) bool {
		return func(c *plan.AggCall) bool {
			for i, f := range pairs {
				if c.Func == f {
					c.Func = pairs[i^1]
					return true
				}
			}
			return false
		}
	}
	return map[string]func(c *plan.AggCall) bool{
		"without distinct": func(c *plan.AggCall) bool {
			was := c.Distinct
			c.Distinct = false
			return was
		},
		"without filter": func(c *plan.AggCall) bool {
			was := c.Filter >= 0
			c.Filter = -1
			return was
		},
		"without order": func(c *plan.AggCall) bool {
			was := len(c.OrderBy) > 0
			c.OrderBy = nil
			return was
		},
		"other direction": func(c *plan.AggCall) bool {
			for i := range c.OrderBy {
				c.OrderBy[i].Desc = !c.OrderBy[i].Desc
			}
			return len(c.OrderBy) > 0
		},
		"nulls at the other end": func(c *plan.AggCall) bool {
			for i := range c.OrderBy {
				c.OrderBy[i].NullsFirst = !c.OrderBy[i].NullsFirst
			}
			return len(c.OrderBy) > 0
		},
		"population for sample": other(plan.StddevPop, plan.StddevSamp, plan.VarPop, plan.VarSamp),
		"sum for average":       other(plan.Sum, plan.Avg),
		"least for greatest":    other(plan.Min, plan.Max, plan.FirstValue, plan.LastValue),
		"or for and":            other(plan.BoolAnd, plan.BoolOr, plan.BitAnd, plan.BitOr),
		"covariance":            other(plan.CovarPop, plan.CovarSamp),
		"percentiles":           other(plan.PercentileCont, plan.PercentileDisc),
	}
}

// mutated returns the views with every call changed; not ok if none is.
func mutated(views []view, change func(c *plan.AggCall) bool) (out []view, ok bool) {
	for _, v := range views {
		if n, is := v.plan.(*plan.Aggregate); is {
			c := *n
			c.Calls = slices.Clone(n.Calls)
			for i := range c.Calls {
				c.Calls[i].OrderBy = slices.Clone(c.Calls[i].OrderBy)
				ok = change(&c.Calls[i]) || ok
			}
			v.plan = &c
		}
		out = append(out, v)
	}
	return out, ok
}

// TestWrongCallsAreCaught runs views whose calls are misread against the oracle of the true ones.
func TestWrongCallsAreCaught(t *testing.T) {
	gen := aggregateHistories()
	for name, change := range aggregateMutants() {
		t.Run(name, func(t *testing.T) {
			for seed := range maxSeeds {
				h := gen.Example(seed)
				wrong, ok := mutated(h.views, change)
				if !ok || runAs(history{wrong, h.steps}, h.views) == nil {
					continue
				}
				if err := runAs(h, h.views); err != nil {
					t.Fatalf("seed %d fails as it is: %v", seed, err)
				}
				return
			}
			t.Errorf("survives %d histories", maxSeeds)
		})
	}
}

// runAs drives a history and compares with the oracle of other views.
func runAs(h history, views []view) error {
	w := newWorld(h.views)
	for _, s := range h.steps {
		if _, err := w.step(s); err != nil {
			return err
		}
		w.views = views
		err := w.compare()
		if w.views = h.views; err != nil {
			return err
		}
	}
	return nil
}
