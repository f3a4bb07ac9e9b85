package engine

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/compile"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// ErrTooManyRows is the rejection of a query that reads or makes more than Env.MaxRows rows;
// SQLSTATE 54000.
var ErrTooManyRows = errors.New("the query needs more rows than the limit allows")

// ErrTooManyRounds is the rejection of a recursive query that does not settle; SQLSTATE 54001.
var ErrTooManyRounds = fmt.Errorf("recursive query takes more than %d rounds", plan.MaxRounds)

// Query evaluates a plan once: one big step of a fresh circuit over what the plan needs of its
// relations, then the order and the cut of Sort. It changes nothing and may run beside a step
// under way.
func (e *Engine) Query(p plan.Node, env Env) (res *Rows, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case operator.TooManyRows:
			res, err = nil, ErrTooManyRows
		case operator.TooManyRounds:
			res, err = nil, ErrTooManyRounds
		default:
			panic(r)
		}
	}()
	return e.query(p, env)
}

func (e *Engine) query(p plan.Node, env Env) (*Rows, error) {
	prog, err := compile.Compile(p)
	if err != nil {
		return nil, err
	}
	budget := env.MaxRows
	if budget == 0 {
		budget = math.MaxInt32
	}
	deltas, scans := map[uint32]operator.Delta{}, versionsOf(p)
	paths := Paths(p, env.Indexes)
	for _, id := range prog.Inputs {
		r := e.rels[id]
		if r == nil {
			return nil, ErrUnknown
		}
		var rows *batch.Batch
		if r.def.Stored() {
			rows, err = e.readPaths(r, paths, env, budget)
		} else {
			rows, err = e.readAll(r, env, budget)
		}
		if err != nil {
			return nil, err
		}
		budget -= int64(rows.Len)
		deltas[id] = scans.adapt(r, operator.Delta{
			Rows: emptyOr(rows), Marks: e.queryMarks(r, env),
		})
	}
	ctx := &operator.Context{
		Env: expr.Env{Now: env.BlockTime}, Errors: operator.NewErrors(), MaxRows: env.MaxRows,
	}
	if env.observe != nil {
		env.observe(prog.Circuit)
	}
	out, _ := prog.Circuit.Step(ctx, func(id uint32) operator.Delta { return deltas[id] })
	res := &Rows{Types: prog.Circuit.Types(), Visible: plan.Visible(prog.Fields)}
	for _, f := range prog.Fields {
		res.Names = append(res.Names, f.Name)
	}
	if errs := ctx.Errors.Rows(); errs != nil {
		errs = errs.Consolidate()
		for i := range errs.Len {
			res.Errors += errs.Weight(i)
		}
		res.Fault = firstError(errs)
	}
	return res, res.collect(out.Rows, prog.Sort, env.MaxRows)
}

// firstError is the first scalar error of a query's error rows in canonical order, so that it
// does not depend on the order of evaluation; nil if there is none.
func firstError(errs *batch.Batch) *value.Error {
	best, at := []byte(nil), -1
	for i := range errs.Len {
		if errs.Weight(i) <= 0 {
			continue
		}
		key := row.AppendKey(nil, errs.Cols[:4], i)
		if at < 0 || bytes.Compare(key, best) < 0 {
			best, at = key, i
		}
	}
	if at < 0 {
		return nil
	}
	state := string(errs.Cols[2].Text(at))
	return value.Errorf(state, "%s, in %s", value.StateMessage(state),
		errs.Cols[1].Text(at))
}

// readAll reads every row of a log; more than budget rows are an error.
func (e *Engine) readAll(r *relation, env Env, budget int64) (*batch.Batch, error) {
	var parts []*batch.Batch
	for c := (cursor{offset: -1}); !c.done; {
		rows, next, err := e.readOn(r, c, env, int(budget))
		if err != nil {
			return nil, err
		}
		parts = append(parts, rows)
		budget -= int64(rows.Len)
		if c = next; budget <= 0 && !c.done {
			return nil, ErrTooManyRows
		}
	}
	return batch.Concat(r.types, parts...), nil
}

func (e *Engine) queryMarks(r *relation, env Env) []int64 {
	switch {
	case r.def.Kind == catalog.History:
		return streamMarks(r, env.BlockTime)
	case len(r.def.Watermarks) > 0:
		if w, ok := env.Watermarks[r.def.ID]; ok {
			return streamMarks(r, w...)
		}
	}
	return e.marks[r.def.ID]
}

// collect orders, cuts and expands the rows of the answer.
func (r *Rows) collect(b *batch.Batch, sort *plan.Sort, maxRows int64) error {
	if b == nil {
		return nil
	}
	b = b.Consolidate()
	order := make([]int32, b.Len)
	for i := range order {
		order[i] = int32(i)
	}
	if sort == nil {
		sort = &plan.Sort{Limit: -1}
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		return compareRows(b, sort.Keys, r.Visible, int(x), int(y))
	})
	skip, last := sort.Offset, int32(0) // last: the row last taken
	for _, i := range order {
		for range b.Weight(int(i)) {
			if sort.Limit >= 0 && int64(len(r.Rows)) >= sort.Limit {
				tied := sort.Ties && sort.Limit > 0 && comparePeers(b, sort.Keys, int(last), int(i)) == 0
				if !tied {
					return nil
				}
			}
			if skip > 0 {
				skip--
				continue
			}
			if maxRows > 0 && int64(len(r.Rows)) >= maxRows {
				return ErrTooManyRows
			}
			r.Rows, last = append(r.Rows, b.Row(int(i))), i
		}
	}
	return nil
}

// compareRows orders by the sort keys, ties by the whole visible row, then by the row's encoding.
func compareRows(b *batch.Batch, keys []plan.SortKey, visible []int, x, y int) int {
	if c := comparePeers(b, keys, x, y); c != 0 {
		return c
	}
	for _, at := range visible {
		if d := b.Cols[at].CompareAt(x, b.Cols[at], y); d != 0 {
			return d
		}
	}
	return bytes.Compare(row.AppendRow(nil, b.Cols, x), row.AppendRow(nil, b.Cols, y))
}

// comparePeers orders by the sort keys alone.
func comparePeers(b *batch.Batch, keys []plan.SortKey, x, y int) int {
	for _, k := range keys {
		c := b.Cols[k.Col]
		if c.IsNull(x) != c.IsNull(y) {
			if c.IsNull(x) == k.NullsFirst {
				return -1
			}
			return 1
		}
		if d := c.CompareAt(x, c, y); d != 0 {
			if k.Desc {
				return -d
			}
			return d
		}
	}
	return 0
}
