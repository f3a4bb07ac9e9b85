package operator

import "weir/stream/value"

// Port is where a delta enters the body of a recursion. No mark passes: what the body keeps is
// needed for as long as the recursion is.
type Port struct {
	stateless
	types []value.Type
}

// NewPort returns a port for rows of the given types.
func NewPort(types []value.Type) *Port { return &Port{types: types} }

// Name implements Operator.
func (p *Port) Name() string { return "port" }

// Types implements Operator.
func (p *Port) Types() []value.Type { return p.types }

// Step implements Operator.
func (p *Port) Step(_ *Context, in []Delta) Delta { return Delta{Rows: in[0].Rows} }
