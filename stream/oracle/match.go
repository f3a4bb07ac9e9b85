package oracle

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// match finds the matches of MATCH_RECOGNIZE by their definition: all ways to match from a row, in
// the order of preference, of which the first counts.
func (e *evaluator) match(op int, n *plan.Match) ([]Row, []int64) {
	in, _ := e.node(n.Input)
	visible := plan.Visible(n.Input.Schema())
	var out []Row
	for _, p := range sequences(in, n.PartitionBy, n.TimeCol) {
		slices.SortStableFunc(p, func(a, b []value.Datum) int {
			if a[n.TimeCol].I != b[n.TimeCol].I {
				return int(min(max(a[n.TimeCol].I-b[n.TimeCol].I, -1), 1))
			}
			for _, c := range visible {
				if d := value.CompareNulls(a[c], b[c], false); d != 0 {
					return d
				}
			}
			return 0
		})
		out = append(out, e.matches(op, n, p)...)
	}
	return out, none(len(n.Names))
}

// sequences splits rows by columns; rows without a time stay out, others stand as often as their
// weight says.
func sequences(rows []Row, by []int, timeCol int) (out [][][]value.Datum) {
	at := map[string]int{}
	for _, r := range rows {
		if r.Vals[timeCol].IsNull() {
			continue
		}
		key := make([]value.Datum, len(by))
		for i, c := range by {
			key[i] = r.Vals[c]
		}
		k := string(row.AppendKeyDatums(nil, key))
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		for range r.Weight {
			out[i] = append(out[i], r.Vals)
		}
	}
	return out
}

// found is a row of a match and the symbol that it stands for.
type found struct{ at, symbol int }

func (e *evaluator) matches(op int, n *plan.Match, rows [][]value.Datum) (out []Row) {
	w := matcher{e: e, op: op, n: n, rows: rows, failed: map[found]bool{}}
	number := 0
	for at := 0; at < len(rows); {
		way := w.first(at)
		if way == nil {
			at++
			continue
		}
		number++
		if !n.AllRows {
			out = append(out, w.measures(way, way, way[0], number)...)
		} else {
			for i := range way {
				out = append(out, w.measures(way[:i+1], way, way[i], number)...)
			}
		}
		at = w.skip(at, way)
	}
	return out
}

type matcher struct {
	e      *evaluator
	op     int
	n      *plan.Match
	rows   [][]value.Datum
	failed map[found]bool
}

// first is the preferred match from a row, nil if there is none.
func (w *matcher) first(at int) (out []found) {
	for way := range w.ways(w.n.Pattern, at, nil) {
		return way
	}
	return nil
}

// ways yields every way in which a pattern can go on from row next after the rows so far.
func (w *matcher) ways(p *plan.Pattern, next int, sofar []found) func(func([]found) bool) {
	return func(yield func([]found) bool) {
		switch p.Kind {
		case plan.PatternSymbol:
			if way := append(slices.Clone(sofar), found{next, p.Symbol}); w.allowed(way) {
				yield(way)
			}
		case plan.PatternAlt:
			for _, q := range p.Parts {
				for way := range w.ways(q, next, sofar) {
					if !yield(way) {
						return
					}
				}
			}
		case plan.PatternConcat:
			if len(p.Parts) == 0 {
				yield(sofar)
				return
			}
			rest := &plan.Pattern{Kind: plan.PatternConcat, Parts: p.Parts[1:]}
			for way := range w.ways(p.Parts[0], next, sofar) {
				for whole := range w.ways(rest, after(next, way, sofar), way) {
					if !yield(whole) {
						return
					}
				}
			}
		case plan.PatternRepeat:
			w.repeats(p, next, sofar)(yield)
		}
	}
}

// after is the row that follows a way.
func after(next int, way, sofar []found) int { return next + len(way) - len(sofar) }

// repeats unrolls x{m,n} into x x{m-1,n-1}, or into nothing where m is 0.
func (w *matcher) repeats(p *plan.Pattern, next int, sofar []found) func(func([]found) bool) {
	return func(yield func([]found) bool) {
		if p.Min == 0 && p.Reluctant && !yield(sofar) {
			return
		}
		if p.Max != 0 {
			less := *p
			less.Min = max(p.Min-1, 0)
			if p.Max > 0 {
				less.Max = p.Max - 1
			}
			for way := range w.ways(p.Parts[0], next, sofar) {
				for whole := range w.repeats(&less, after(next, way, sofar), way) {
					if !yield(whole) {
						return
					}
				}
			}
		}
		if p.Min == 0 && !p.Reluctant {
			yield(sofar)
		}
	}
}

// allowed judges the last row of a way.
func (w *matcher) allowed(way []found) bool {
	last := way[len(way)-1]
	if last.at >= len(w.rows) {
		return false
	}
	t := w.n.TimeCol
	if d := w.n.WithinMicros; d > 0 && w.rows[last.at][t].I-w.rows[way[0].at][t].I > d {
		return false
	}
	define := w.n.Defines[last.symbol]
	if define == nil {
		return true
	}
	d, err := expr.EvalRow(define, w.navs(way, 0), w.e.in.Env)
	if err != nil && !w.failed[last] {
		w.failed[last] = true
		w.e.fail(w.op, w.n.Symbols[last.symbol], err.SQLState, Row{w.rows[last.at], 1})
	}
	return err == nil && d.Bool()
}

// measures is the row that a match gives for one of its rows: measured over the rows so far, and
// over the whole match where it says FINAL. None if a measure fails.
func (w *matcher) measures(sofar, whole []found, at found, number int) []Row {
	in := w.rows[at.at]
	var vals []value.Datum
	inputs := w.n.Input.Schema()
	for _, c := range w.n.PartitionBy {
		vals = append(vals, row.Canonical(inputs[c].Type, in[c]))
	}
	if w.n.AllRows && !slices.Contains(w.n.PartitionBy, w.n.TimeCol) {
		vals = append(vals, in[w.n.TimeCol])
	}
	lead := len(vals)
	navs, final := w.navs(sofar, number), w.navs(whole, number)
	for i, v := range w.n.Navs {
		if v.Final {
			navs[i] = final[i]
		}
	}
	for i, m := range w.n.Measures {
		d, err := expr.EvalRow(m, navs, w.e.in.Env)
		if err != nil {
			w.e.fail(w.op, w.n.Names[lead+i], err.SQLState, Row{in, 1})
			return nil
		}
		vals = append(vals, d)
	}
	for c, f := range inputs {
		if w.n.AllRows && !f.Hidden && c != w.n.TimeCol && !slices.Contains(w.n.PartitionBy, c) {
			vals = append(vals, in[c])
		}
	}
	return []Row{{vals, 1}}
}

// stands reports whether a row of a symbol counts for a name of the pattern or of SUBSET.
func (w *matcher) stands(symbol, name int) bool {
	switch {
	case name == -1:
		return true
	case name < len(w.n.Symbols):
		return symbol == name
	}
	return slices.Contains(w.n.Subsets[name-len(w.n.Symbols)].Symbols, symbol)
}

func (w *matcher) navs(way []found, number int) []value.Datum {
	out := make([]value.Datum, len(w.n.Navs))
	for i, v := range w.n.Navs {
		var of []int // rows of the symbol
		for _, f := range way {
			if w.stands(f.symbol, v.Symbol) {
				of = append(of, f.at)
			}
		}
		switch v.Kind {
		case plan.NavNumber:
			out[i] = value.NewInt8(int64(number))
		case plan.NavClassifier:
			out[i] = value.NewText(w.n.Symbols[way[len(way)-1].symbol])
		case plan.NavAggregate:
			var rows []Row
			for _, at := range of {
				rows = append(rows, Row{w.rows[at], 1})
			}
			out[i], _ = fold(v.Call, w.n.Input.Schema(), Consolidate(rows))
		default:
			k := v.Offset
			if v.Kind == plan.NavLast {
				k = len(of) - 1 - v.Offset
			}
			if k < 0 || k >= len(of) {
				continue
			}
			if at := of[k] + v.Shift; at >= 0 && at < len(w.rows) {
				out[i] = w.rows[at][v.Col]
			}
		}
	}
	return out
}

func (w *matcher) skip(at int, way []found) int {
	last := way[len(way)-1].at
	if w.n.Skip == plan.SkipPastLast {
		return last + 1
	}
	to := at
	for _, f := range way {
		if w.n.Skip == plan.SkipToNext || !w.stands(f.symbol, w.n.SkipTo) {
			continue
		}
		to = f.at
		if w.n.Skip == plan.SkipToFirst {
			break
		}
	}
	return max(to, at+1)
}
