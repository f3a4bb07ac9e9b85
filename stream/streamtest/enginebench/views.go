package enginebench

import (
	"fmt"

	"weir/stream/plan"
	"weir/stream/value"
)

// view is a measured view.
type view struct {
	name string
	plan plan.Node
}

// views are those of the demo, and the plain tumbling aggregate below the first.
func views() []view {
	daily := aggregate(tumble(scan(departedAt, delayMin, origin)), []int{3, 4, 2},
		call(plan.CountStar, -1, value.Int8), call(plan.Sum, 1, value.Int8),
		call(plan.Avg, 1, value.Numeric), call(plan.Max, 1, value.Int4))
	return []view{
		{"daily delays", daily},
		{"daily delays, on window close", &plan.EmitOnClose{Input: daily, WindowEnd: 1}},
		{"route totals", aggregate(scan(origin, destination, distanceMi), []int{0, 1},
			call(plan.CountStar, -1, value.Int8), call(plan.Sum, 2, value.Int8))},
		{"worst airports", aggregate(scan(origin, delayMin), []int{0},
			call(plan.CountStar, -1, value.Int8), call(plan.Avg, 1, value.Numeric),
			call(plan.Max, 1, value.Int4))},
	}
}

func tumble(in plan.Node) plan.Node {
	return &plan.Window{
		Input: in, Kind: plan.Tumble, TimeCol: 0, SizeMicros: dayMicros,
		SlideMicros: dayMicros,
	}
}

func call(f plan.AggFunc, arg int, k value.Kind) plan.AggCall {
	return plan.AggCall{Func: f, Arg: arg, Extra: -1, Filter: -1, Type: value.Of(k)}
}

func aggregate(in plan.Node, by []int, calls ...plan.AggCall) plan.Node {
	n := &plan.Aggregate{Input: in, GroupBy: by, Calls: calls}
	for i := range len(by) + len(calls) {
		n.Names = append(n.Names, fmt.Sprint("c", i))
	}
	return n
}
