package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// createStream binds CREATE STREAM.
func (b *binder) createStream(s *ast.CreateStmt) (Statement, error) {
	r, exists, err := b.definition(s.Relation, catalog.Stream, s.IfNotExists)
	if err != nil || exists {
		return &CreateStream{Relation: r, Exists: exists}, err
	}
	if err := b.plainTable(s, r); err != nil {
		return nil, err
	}
	r.AppendOnly = true
	sh, err := b.shape(s, r)
	if err != nil {
		return nil, err
	}
	if sh.key != nil {
		return nil, b.unsupported(sh.keyAt, "PRIMARY KEY on a stream is",
			"A stream keeps every row; use CREATE TABLE for rows that replace each other.")
	}
	if w := b.raw.Clauses.Watermark; w != nil {
		if r.Watermark, err = b.watermark(w, r); err != nil {
			return nil, err
		}
	}
	if err := b.checks(r, sh); err != nil {
		return nil, err
	}
	if err := b.defined(r, s.Relation.Location()); err != nil {
		return nil, err
	}
	return &CreateStream{Relation: r}, nil
}

// watermark binds WATERMARK FOR c AS c and WATERMARK FOR c AS c - INTERVAL '...'.
func (b *binder) watermark(
	w *parse.Watermark, r *catalog.Relation,
) (*catalog.Watermark, error) {
	i := columnNamed(r.Columns, w.Column.Name)
	if i < 0 {
		return nil, b.errorf(w.Column.At, stateNoColumn, "column %q does not exist", w.Column.Name)
	}
	t := r.Columns[i].Type
	if t.Kind != value.Timestamp && t.Kind != value.TimestampTZ {
		return nil, b.errorf(w.Column.At, stateMismatch,
			"a watermark needs a column of type timestamp or timestamptz, not %s", t)
	}
	out := &catalog.Watermark{Column: i, Global: w.Global}
	e := w.Expr
	if op, ok := e.(*ast.A_Expr); ok && op.Kind == ast.AEXPR_OP && lastPart(op.Name) == "-" &&
		!parse.IsNil(op.Lexpr) {
		delay, err := b.fixedInterval(op.Rexpr, "the delay of a watermark")
		if err != nil {
			return nil, err
		}
		if delay < 0 {
			return nil, b.errorf(w.Column.At, stateBadParameter,
				"the delay of a watermark must not be negative")
		}
		out.DelayMicros, e = delay, op.Lexpr
	}
	if ref, ok := e.(*ast.ColumnRef); ok {
		if parts, star := nameParts(ref.Fields); len(parts) == 1 && !star &&
			parts[0] == w.Column.Name {
			return out, nil
		}
	}
	return nil, b.unsupported(w.Column.At, "this expression for a watermark is",
		"Write WATERMARK FOR ts AS ts - INTERVAL '5 minutes'.")
}
