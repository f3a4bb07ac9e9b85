package oracle

import (
	"fmt"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// TooManyRounds is what an evaluation panics with when a recursion does not settle within
// plan.MaxRounds rounds.
type TooManyRounds struct{}

func (TooManyRounds) Error() string {
	return fmt.Sprintf("recursive query takes more than %d rounds", plan.MaxRounds)
}

// recursive works through a table of the rows that the last round found: all of them with UNION
// ALL, those that are new with UNION. What the step gives over no rows at all is found once.
func (e *evaluator) recursive(n *plan.Recursive) ([]Row, []int64) {
	init, _ := e.node(n.Init)
	op, known := e.op, len(e.errors)
	step := func(rows []Row) []Row {
		e.op, e.errors = op, e.errors[:known]
		outer := e.self
		e.self = rows
		out, _ := e.node(n.Step)
		e.self = outer
		return Consolidate(out)
	}
	// The first time also evaluates the parts that do not read the recursion; their errors stay.
	base := step(nil)
	shared := Consolidate(e.errors[known:])
	step(nil)
	for _, r := range Consolidate(e.errors[known:]) {
		shared = append(shared, Row{r.Vals, -r.Weight})
	}
	e.errors = append(e.errors[:known], shared...)
	known = len(e.errors)

	found := finder{n: n, seen: map[string]bool{}}
	work := found.fresh(append(append([]Row{}, init...), base...))
	var all []Row
	for round := 0; len(work) > 0; round++ {
		if round == plan.MaxRounds {
			panic(TooManyRounds{})
		}
		all = append(all, work...)
		out := step(work)
		for _, r := range base {
			out = append(out, Row{r.Vals, -r.Weight})
		}
		work = found.fresh(out)
	}
	all = Consolidate(all)
	step(all) // for its errors
	return all, none(len(n.Schema()))
}

// finder tells the rows of a round that go into the next one.
type finder struct {
	n    *plan.Recursive
	seen map[string]bool
}

func (f *finder) fresh(rows []Row) []Row {
	rows = Consolidate(rows)
	if !f.n.Distinct {
		return rows
	}
	var out []Row
	for _, r := range rows {
		vals := make([]value.Datum, len(r.Vals))
		for i, c := range f.n.Schema() {
			vals[i] = row.Canonical(c.Type, r.Vals[i])
		}
		k := string(row.AppendKeyDatums(nil, vals))
		if r.Weight > 0 && !f.seen[k] {
			f.seen[k] = true
			out = append(out, Row{vals, 1})
		}
	}
	return out
}
