package oracle

import "weir/stream/plan"

// temporal keeps the rows whose bounds are around the time of the evaluation.
func (e *evaluator) temporal(n *plan.TemporalFilter) ([]Row, []int64) {
	rows, _ := e.node(n.Input)
	now := e.in.Env.Now
	var out []Row
	for _, r := range rows {
		from, until := true, true
		if n.From >= 0 {
			from = !r.Vals[n.From].IsNull() && r.Vals[n.From].I <= now
		}
		if n.Until >= 0 {
			until = !r.Vals[n.Until].IsNull() && now < r.Vals[n.Until].I
		}
		if from && until {
			out = append(out, r)
		}
	}
	return out, none(len(n.Schema()))
}
