package operator

import (
	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
)

// Values is a constant relation: its rows come out in the first step. Its state has one entry
// once they did.
type Values struct {
	rows *batch.Batch
	done state.Runs
}

// NewValues returns a constant relation.
func NewValues(rows *batch.Batch) *Values { return &Values{rows: rows} }

// Name implements Operator.
func (v *Values) Name() string { return "values" }

// Types implements Operator.
func (v *Values) Types() []value.Type { return v.rows.Types() }

// States implements Operator.
func (v *Values) States() []state.Operator { return []state.Operator{&v.done} }

// Step implements Operator.
func (v *Values) Step(ctx *Context, _ []Delta) Delta {
	if v.done.Version().Len() > 0 {
		return Delta{}
	}
	writes := []state.Change{{Key: []byte{0}, Value: []byte{1}}}
	v.done.Apply(writes)
	ctx.wrote(writes)
	return Delta{Rows: rowsOrNil(v.rows)}
}
