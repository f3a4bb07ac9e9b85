package streamtest

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

// timeMutants are bugs of the operators of time and of recursion.
func timeMutants(
	later func(by int64) func(in []operator.Delta) []operator.Delta,
) map[string]func(operator.Operator) operator.Operator {
	first := func(in []operator.Delta) []operator.Delta {
		if len(in) < 2 {
			return in
		}
		return []operator.Delta{in[0], {}}
	}
	kept := func(in []operator.Delta) []operator.Delta {
		out := append([]operator.Delta(nil), in...)
		for i := range out {
			out[i] = positive(out[i])
		}
		return out
	}
	ahead := func(d operator.Delta) operator.Delta {
		d.Marks = shift(d.Marks, 100*second)
		return d
	}
	return map[string]func(operator.Operator) operator.Operator{
		"session never retracts":         on("session", mutant{out: positive}),
		"sessions are freed early":       on("session", mutant{in: later(second)}),
		"session marks are ahead":        on("session", mutant{out: ahead}),
		"filter by time is early":        on("temporal_filter", mutant{now: second}),
		"filter by time is late":         on("temporal_filter", mutant{now: -1}),
		"filter by time never retracts":  on("temporal_filter", mutant{out: positive}),
		"late rows are forgotten":        on("lateness", mutant{in: first}),
		"marks forget lateness":          on("lateness", mutant{out: ahead}),
		"emit waits for corrections":     on("emit_on_close", mutant{in: first}),
		"recursion never retracts":       on("recursive", mutant{out: positive}),
		"recursion sees no retractions":  on("recursive", mutant{in: kept}),
		"recursion forgets other inputs": on("recursive", mutant{in: first}),
	}
}

// twists are bugs as plans that differ a little.
func twists() map[string]func(plan.Node) plan.Node {
	gap := func(by int64) func(plan.Node) plan.Node {
		return func(n plan.Node) plan.Node {
			if s, ok := n.(*plan.Session); ok {
				c := *s
				c.GapMicros += by
				return &c
			}
			return n
		}
	}
	return map[string]func(plan.Node) plan.Node{
		"sessions last a tick longer":  gap(1),
		"sessions last a tick shorter": gap(-1),
		"all partitions are one session": func(n plan.Node) plan.Node {
			if s, ok := n.(*plan.Session); ok {
				c := *s
				c.PartitionBy = nil
				return &c
			}
			return n
		},
		"union for union all": func(n plan.Node) plan.Node {
			if r, ok := n.(*plan.Recursive); ok && !r.Distinct {
				return &plan.Recursive{Init: r.Init, Step: r.Step, Distinct: true}
			}
			return n
		},
	}
}

// everywhere changes every node of a plan, inputs first; nil changes nothing.
func everywhere(n plan.Node, change func(plan.Node) plan.Node) plan.Node {
	if change == nil {
		return n
	}
	var kids []plan.Node
	for _, c := range n.Children() {
		kids = append(kids, everywhere(c, change))
	}
	if len(kids) > 0 {
		n = n.With(kids)
	}
	return change(n)
}
