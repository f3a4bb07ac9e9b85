package sql_test

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// joinKind evaluates every kind of join by its definition.
func (v *naive) joinKind(n *plan.Join, left, right [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	lw, rw := len(n.Left.Schema()), len(n.Right.Schema())
	met := make([]bool, len(right))
	for _, l := range left {
		found := false
		for i, r := range right {
			if len(v.join(n, [][]value.Datum{l}, [][]value.Datum{r})) == 0 {
				continue
			}
			found, met[i] = true, true
			if !n.Kind.Half() {
				out = append(out, append(slices.Clone(l), r...))
			}
		}
		switch {
		case n.Kind == plan.SemiJoin && found, n.Kind == plan.AntiJoin && !found:
			out = append(out, l)
		case (n.Kind == plan.LeftJoin || n.Kind == plan.FullJoin) && !found:
			out = append(out, append(slices.Clone(l), make([]value.Datum, rw)...))
		}
	}
	for i, r := range right {
		if n.Kind == plan.FullJoin && !met[i] {
			out = append(out, append(make([]value.Datum, lw), r...))
		}
	}
	return out
}

func (v *naive) setOp(n *plan.SetOp, left, right [][]value.Datum) [][]value.Datum {
	count := map[string]int{}
	for _, r := range right {
		count[text(r)]++
	}
	var out [][]value.Datum
	seen := map[string]bool{}
	for _, l := range left {
		k := text(l)
		has := count[k] > 0
		switch {
		case n.All && has:
			count[k]--
		case !n.All && seen[k]:
			continue
		}
		seen[k] = true
		if has != n.Except {
			out = append(out, l)
		}
	}
	return out
}

// topN numbers each partition.
func (v *naive) topN(n *plan.TopN, in [][]value.Datum) [][]value.Datum {
	parts := map[string][][]value.Datum{}
	var order []string
	for _, r := range in {
		k := text(pick(r, n.PartitionBy))
		if parts[k] == nil {
			order = append(order, k)
		}
		parts[k] = append(parts[k], r)
	}
	var out [][]value.Datum
	keys := make([]int, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = k.Col
	}
	for _, k := range order {
		rows := sorted(&plan.Sort{Input: n.Input, Keys: n.Keys, Limit: -1}, parts[k])
		rank, dense := 0, 0
		for i, r := range rows {
			if i == 0 || text(pick(r, keys)) != text(pick(rows[i-1], keys)) {
				rank, dense = i+1, dense+1
			}
			number := [...]int{i + 1, rank, dense}[n.Kind]
			if int64(i) < n.Offset || n.Limit >= 0 && int64(number) > n.Offset+n.Limit {
				continue
			}
			if n.Numbered {
				r = append(slices.Clone(r), value.NewInt8(int64(number)))
			}
			out = append(out, r)
		}
	}
	return out
}

// sets are the rows of the calls of a Flatten, behind one row.
func (v *naive) sets(n *plan.Flatten, r []value.Datum) (out [][]value.Datum, ok bool) {
	at := len(r)
	for _, c := range n.Calls {
		args, ok := v.project(c.Args, r)
		if !ok {
			return nil, false
		}
		var rows [][]value.Datum
		add := func(cols []value.Datum) { rows = append(rows, cols) }
		if err := expr.EvalSet(c.Fn, args, add); err != nil {
			v.failed++
			return nil, false
		}
		for k, cols := range rows {
			if k == len(out) {
				row := append(slices.Clone(r), make([]value.Datum, len(n.Fields))...)
				if n.Ordinality {
					row[len(row)-1] = value.NewInt8(int64(k + 1))
				}
				out = append(out, row)
			}
			copy(out[k][at:], cols)
		}
		at += c.Width
	}
	return out, true
}

func (v *naive) flatten(n *plan.Flatten, in [][]value.Datum) [][]value.Datum {
	var out [][]value.Datum
	for _, r := range in {
		rows, ok := v.sets(n, r)
		if !ok {
			continue
		}
		if n.Outer && len(rows) == 0 {
			rows = append(rows, append(slices.Clone(r), make([]value.Datum, len(n.Fields))...))
		}
		out = append(out, rows...)
	}
	return out
}

// recursive runs the step on the rows that the one before found, as PostgreSQL does.
func (v *naive) recursive(n *plan.Recursive) [][]value.Datum {
	before := v.self
	defer func() { v.self = before }()
	seen := map[string]bool{}
	fresh := func(rows [][]value.Datum) (out [][]value.Datum) {
		for _, r := range rows {
			if n.Distinct && seen[text(r)] {
				continue
			}
			seen[text(r)] = true
			out = append(out, r)
		}
		return out
	}
	work := fresh(v.eval(n.Init))
	out := slices.Clone(work)
	for round := 0; len(work) > 0 && round < 100; round++ {
		v.self = work
		work = fresh(v.eval(n.Step))
		out = append(out, work...)
	}
	return out
}

// asof finds the nearest match of each left row.
func (v *naive) asof(n *plan.Asof, left, right [][]value.Datum) [][]value.Datum {
	right = sorted(&plan.Sort{Input: n.Right, Limit: -1}, right)
	var out [][]value.Datum
	for _, l := range left {
		var best []value.Datum
		for _, r := range right {
			if !asofMatches(n, l, r) {
				continue
			}
			if best != nil {
				c := value.Compare(r[n.RightTime], best[n.RightTime])
				if n.Op <= plan.AsofGT && c <= 0 || n.Op > plan.AsofGT && c >= 0 {
					continue
				}
			}
			best = r
		}
		switch {
		case best != nil:
			out = append(out, append(slices.Clone(l), best...))
		case n.Outer:
			out = append(out, append(slices.Clone(l), make([]value.Datum, len(n.Right.Schema()))...))
		}
	}
	return out
}

func asofMatches(n *plan.Asof, l, r []value.Datum) bool {
	for i, k := range n.LeftKeys {
		a, b := l[k], r[n.RightKeys[i]]
		if a.IsNull() || b.IsNull() || value.Compare(a, b) != 0 {
			return false
		}
	}
	a, b := l[n.LeftTime], r[n.RightTime]
	if a.IsNull() || b.IsNull() {
		return false
	}
	c := value.Compare(a, b)
	switch n.Op {
	case plan.AsofGE:
		return c >= 0
	case plan.AsofGT:
		return c > 0
	case plan.AsofLE:
		return c <= 0
	}
	return c < 0
}
