package sql_test

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/value"
)

// sessions joins the rows of each partition into sessions.
func sessions(n *plan.Session, in [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	for _, r := range in {
		if r[n.TimeCol].IsNull() {
			continue
		}
		first, last := r[n.TimeCol].I, r[n.TimeCol].I
		for grown := true; grown; {
			grown = false
			for _, o := range in {
				at := o[n.TimeCol]
				if at.IsNull() || text(pick(o, n.PartitionBy)) != text(pick(r, n.PartitionBy)) {
					continue
				}
				if at.I < first && first-at.I < n.GapMicros {
					first, grown = at.I, true
				}
				if at.I > last && at.I-last < n.GapMicros {
					last, grown = at.I, true
				}
			}
		}
		kind := r[n.TimeCol].Kind
		out = append(out, append(slices.Clone(r), value.NewInt(kind, first),
			value.NewInt(kind, last+n.GapMicros)))
	}
	return out
}

// validNow keeps the rows that a temporal filter shows at the block time.
func (v *naive) validNow(n *plan.TemporalFilter, in [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	for _, r := range in {
		if n.From >= 0 && (r[n.From].IsNull() || r[n.From].I > v.now) ||
			n.Until >= 0 && (r[n.Until].IsNull() || r[n.Until].I <= v.now) {
			continue
		}
		out = append(out, r)
	}
	return out
}
