package operator

import "weir/stream/value"

// Clock passes the marks of its input and none of its rows: behind it, operators that never meet
// a row compute what the marks become.
type Clock struct {
	stateless
	types []value.Type
}

// NewClock returns a clock over an input with the given types.
func NewClock(types []value.Type) *Clock { return &Clock{types: types} }

// Name implements Operator.
func (c *Clock) Name() string { return "clock" }

// Types implements Operator.
func (c *Clock) Types() []value.Type { return c.types }

// Step implements Operator.
func (c *Clock) Step(_ *Context, in []Delta) Delta { return Delta{Marks: in[0].Marks} }
