package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/window"
)

// session sorts the times of each partition and cuts them where the gap is reached.
func (e *evaluator) session(op int, n *plan.Session) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	fields := n.Input.Schema()
	times := map[string][]int64{}
	var kept []Row
	var parts []string
	for _, r := range Consolidate(rows) {
		t := r.Vals[n.TimeCol]
		if t.IsNull() {
			continue
		}
		if t.I > value.MaxTimestamp-n.GapMicros {
			e.fail(op, "window_end", "22008", r)
			continue
		}
		key := make([]value.Datum, len(n.PartitionBy))
		for i, c := range n.PartitionBy {
			key[i] = row.Canonical(fields[c].Type, r.Vals[c])
		}
		k := string(row.AppendKeyDatums(nil, key))
		times[k] = append(times[k], t.I)
		kept, parts = append(kept, r), append(parts, k)
	}
	w := m[n.TimeCol]
	least := w
	var out []Row
	for i, r := range kept {
		start, end := around(times[parts[i]], r.Vals[n.TimeCol].I, n.GapMicros)
		kind := fields[n.TimeCol].Type.Kind
		vals := append(slices.Clone(r.Vals), value.NewInt(kind, start), value.NewInt(kind, end))
		out = append(out, Row{vals, r.Weight})
		if end > w {
			least = min(least, start)
		}
	}
	marks := none(len(fields) + 2)
	if w != window.None {
		marks[n.TimeCol], marks[len(fields)], marks[len(fields)+1] = least, least, w+1
	}
	for _, c := range n.PartitionBy {
		marks[c] = max(marks[c], m[c])
	}
	return out, marks
}

// around grows a session from time t until no other time is less than a gap away.
func around(times []int64, t, gap int64) (start, end int64) {
	start, end = t, t
	for grown := true; grown; {
		grown = false
		for _, x := range times {
			if x < start && start-x < gap {
				start, grown = x, true
			}
			if x > end && x-end < gap {
				end, grown = x, true
			}
		}
	}
	return start, end + gap
}
