package plan

import (
	"errors"
	"fmt"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// Values is a constant relation.
type Values struct {
	Rows   [][]value.Datum
	Fields []Field
}

// Schema implements Node.
func (n *Values) Schema() []Field { return n.Fields }

// Children implements Node.
func (n *Values) Children() []Node { return nil }

// With implements Node.
func (n *Values) With([]Node) Node { return n }

// Scalars implements Node.
func (n *Values) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Values) WithScalars([]expr.Expr) Node { return n }

func (n *Values) props([]Props) Props {
	return Props{AppendOnly: true, Frozen: make([]bool, len(n.Fields))}
}

func (n *Values) check() error {
	for _, row := range n.Rows {
		if len(row) != len(n.Fields) {
			return errors.New("row differs from the schema")
		}
		for i, d := range row {
			if !d.IsNull() && d.Kind != n.Fields[i].Type.Kind {
				return errors.New("value differs from its column's type")
			}
		}
	}
	return nil
}

func (n *Values) describe() string {
	return fmt.Sprintf("Values %d rows [%s]", len(n.Rows), strings.Join(names(n.Fields), ", "))
}

// encode writes each value as the constant expression that it is.
func (n *Values) encode(b []byte) []byte {
	b = appendFields(append(b, tagValues), n.Fields)
	b = canon.AppendUvarint(b, uint64(len(n.Rows)))
	for _, row := range n.Rows {
		// A row of no columns still takes a byte, so that a decoder can bound the count.
		b = append(b, 0)
		for i, d := range row {
			b = appendExpr(b, expr.Const{D: d, T: n.Fields[i].Type})
		}
	}
	return b
}

func (r *reader) values(int) Node {
	n := &Values{Fields: r.fields()}
	for range r.Count() {
		if r.Byte() != 0 {
			r.Fail(canon.ErrValue)
		}
		row := make([]value.Datum, 0, min(len(n.Fields), r.Len()))
		for range n.Fields {
			if c, ok := r.expr().(expr.Const); ok {
				row = append(row, c.D)
				continue
			}
			r.Fail(canon.ErrValue)
			return n
		}
		n.Rows = append(n.Rows, row)
	}
	return n
}
