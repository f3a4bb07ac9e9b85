package expr_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

func rowOf(t *testing.T, args ...expr.Expr) *expr.Row {
	t.Helper()
	fields := make([]value.Field, len(args))
	for i, a := range args {
		fields[i] = value.Field{Name: "f", Type: a.Type()}
	}
	typ, err := value.RecordOf(fields)
	if err != nil {
		t.Fatal(err)
	}
	return &expr.Row{Args: args, T: typ}
}

// TestRowForms: a row and a field of it evaluate alike a batch and a row at a time, and keep their
// encodings.
func TestRowForms(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		types := valuetest.Types(r, 3)
		rows := make([][]value.Datum, rapid.IntRange(1, 9).Draw(r, "rows"))
		for i := range rows {
			rows[i] = valuetest.Row(r, types, "row")
		}
		cols := make([]expr.Expr, len(types))
		for i, typ := range types {
			cols[i] = expr.Column{Index: i, T: typ}
		}
		row := rowOf(t, cols...)
		k := rapid.IntRange(0, len(types)-1).Draw(r, "field")
		// A row that may be NULL, so that the field is not known beforehand.
		maybe := &expr.Case{
			Whens: []expr.Expr{&expr.Call{
				Fn:   expr.Func("is_null(" + kindName(types[0]) + ")"),
				Args: cols[:1], T: value.Of(value.Bool),
			}},
			Thens: []expr.Expr{expr.Const{T: row.T}}, Else: row, T: row.T,
		}
		field := &expr.Field{Arg: maybe, Index: k, T: types[k]}
		for _, e := range []expr.Expr{row, maybe, field} {
			b := expr.AppendExpr(nil, e)
			back, rest, err := expr.DecodeExpr(b)
			if err != nil || len(rest) > 0 || !expr.Equal(back, e) {
				r.Fatalf("%x becomes %v, %v", b, back, err)
			}
			p, err := expr.Compile(e)
			if err != nil {
				r.Fatal(err)
			}
			out, errs := p.Eval(&batch.Batch{Cols: valuetest.Columns(types, rows), Len: len(rows)},
				expr.Env{})
			if len(errs) > 0 {
				r.Fatal(errs)
			}
			for i := range rows {
				want, bad := expr.EvalRow(e, rows[i], expr.Env{})
				if bad != nil || !value.FromDatums(e.Type(), want).Identical(0, out, i) {
					r.Fatalf("row %d: %s, want %s", i, value.Format(out.Datum(i)), value.Format(want))
				}
			}
		}
	})
}

// kindName is how functions name the type of an argument.
func kindName(t value.Type) string {
	if t.Kind == value.Array {
		return t.Elem.String() + "[]"
	}
	return t.Kind.String()
}

// TestRowLimits: a record of MaxTextResult bytes is a value, as is its text; a byte more is 54000.
func TestRowLimits(t *testing.T) {
	text := value.Of(value.Text)
	row := rowOf(t, expr.Column{T: text})
	cast := &expr.Call{Fn: "cast(record):text", Args: []expr.Expr{row}, T: text}
	for _, c := range []struct {
		e    expr.Expr
		text string
		want string
	}{
		// The number of fields, the kind, three bytes of length.
		{row, strings.Repeat("a", expr.MaxTextResult-5), ""},
		{row, strings.Repeat("a", expr.MaxTextResult-4), value.StateTooLarge},
		// Parentheses and quotes around twice as many quotes.
		{cast, strings.Repeat(`"`, expr.MaxTextResult/2-2), ""},
		{cast, strings.Repeat(`"`, expr.MaxTextResult/2-1), value.StateTooLarge},
	} {
		state := ""
		d := value.NewText(c.text)
		if _, err := expr.EvalRow(c.e, []value.Datum{d}, expr.Env{}); err != nil {
			state = err.SQLState
		}
		p, err := expr.Compile(c.e)
		if err != nil {
			t.Fatal(err)
		}
		b := &batch.Batch{Cols: []*value.Vec{value.FromDatums(text, d)}, Len: 1}
		batchState := ""
		if _, errs := p.Eval(b, expr.Env{}); len(errs) > 0 {
			batchState = errs[0].Err.SQLState
		}
		if state != c.want || batchState != c.want {
			t.Errorf("%d bytes: %q and %q, want %q", len(c.text), state, batchState, c.want)
		}
	}
}

// TestRowChecks: rows and fields whose types do not fit are malformed, and so are comparisons of
// records of different fields.
func TestRowChecks(t *testing.T) {
	one := expr.Const{D: value.NewInt4(1), T: value.Of(value.Int4)}
	text := expr.Const{D: value.NewText("x"), T: value.Of(value.Text)}
	row, other := rowOf(t, one, text), rowOf(t, text)
	eq := func(a, b expr.Expr) expr.Expr {
		return &expr.Call{Fn: "eq(record,record)", Args: []expr.Expr{a, b}, T: value.Of(value.Bool)}
	}
	other1 := []expr.Expr{other}
	for name, e := range map[string]expr.Expr{
		"too few operands":   &expr.Row{Args: []expr.Expr{one}, T: row.T},
		"another type":       &expr.Row{Args: []expr.Expr{text, text}, T: row.T},
		"no field":           &expr.Field{Arg: row, Index: 2, T: one.T},
		"field of a type":    &expr.Field{Arg: row, Index: 0, T: text.T},
		"field of a number":  &expr.Field{Arg: one, Index: 0, T: one.T},
		"comparison":         eq(row, other),
		"coalesce":           &expr.Coalesce{Args: []expr.Expr{row, other}, T: row.T},
		"constant":           expr.Const{D: value.NewRecord([]value.Datum{one.D}), T: row.T},
		"case":               &expr.Case{Whens: []expr.Expr{eq(row, row)}, Thens: other1, T: row.T},
		"array of records":   expr.Const{T: value.Type{Kind: value.Array, Elem: value.Record}},
		"record with a size": expr.Const{T: value.Type{Kind: value.Record, Precision: 1}},
	} {
		if expr.Check(e, nil) == nil {
			t.Errorf("%s is well-formed", name)
		}
		// The type of a field is not encoded: it is read off the record.
		if _, _, err := expr.DecodeExpr(expr.AppendExpr(nil, e)); err == nil &&
			name != "field of a type" {
			t.Errorf("%s is decoded", name)
		}
	}
	if err := expr.Check(eq(row, row), nil); err != nil {
		t.Error(err)
	}
}
