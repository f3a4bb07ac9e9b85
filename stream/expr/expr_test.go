package expr_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// gen draws a well-formed expression of type k over input.
func gen(t *rapid.T, input []value.Type, k value.Type, depth int) expr.Expr {
	form := rapid.IntRange(0, 9).Draw(t, "form")
	if depth > 0 && form > 5 {
		if e := genCall(t, input, k, depth); e != nil {
			return e
		}
	}
	sub := func(k value.Type) expr.Expr { return gen(t, input, k, depth-1) }
	b := value.Of(value.Bool)
	switch {
	case depth > 0 && form == 3:
		return &expr.Case{
			Whens: []expr.Expr{sub(b), sub(b)}, Thens: []expr.Expr{sub(k), sub(k)},
			T: k,
		}
	case depth > 0 && form == 4:
		return &expr.Coalesce{Args: []expr.Expr{sub(k), sub(k)}, T: k}
	case depth > 0 && form == 5 && k == b:
		if rapid.Bool().Draw(t, "and") {
			return &expr.And{Args: []expr.Expr{sub(b), sub(b), sub(b)}}
		}
		return &expr.Or{Args: []expr.Expr{sub(b), sub(b), sub(b)}}
	}
	for i, ty := range input {
		if ty == k && form < 2 {
			return expr.Column{Index: i, T: ty}
		}
	}
	return expr.Const{D: valuetest.Datum(t, k, "constant"), T: k}
}

// functionsOf are the functions by their result.
var functionsOf = func() map[value.Type][]expr.Func {
	out := map[value.Type][]expr.Func{}
	for _, fn := range expr.Functions() {
		_, ret, _ := expr.Lookup(fn)
		out[ret] = append(out[ret], fn)
	}
	return out
}()

func genCall(t *rapid.T, input []value.Type, k value.Type, depth int) expr.Expr {
	fns := functionsOf[k]
	if len(fns) == 0 {
		return nil
	}
	fn := rapid.SampledFrom(fns).Draw(t, "function")
	kinds, _, _ := expr.Lookup(fn)
	c := &expr.Call{Fn: fn, T: k}
	for _, a := range kinds {
		c.Args = append(c.Args, gen(t, input, a, depth-1))
	}
	return c
}

// TestVectorEqualsNaive: both evaluators give every row the same value or the same error, and
// the encoding round-trips.
func TestVectorEqualsNaive(t *testing.T) {
	var input []value.Type
	for _, k := range valuetest.Kinds()[:value.Array-value.Bool] {
		input = append(input, value.Of(k), value.ArrayOf(value.Of(k)))
	}
	rapid.Check(t, func(t *rapid.T) {
		e := gen(t, input, rapid.SampledFrom(input).Draw(t, "type"), 4)
		enc := expr.AppendExpr(nil, e)
		back, rest, err := expr.DecodeExpr(enc)
		if err != nil || len(rest) > 0 || !bytes.Equal(expr.AppendExpr(nil, back), enc) {
			t.Fatalf("codec of %s: %v", expr.Print(e, nil), err)
		}
		var rows [][]value.Datum
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			rows = append(rows, valuetest.Row(t, input, "cell"))
		}
		checkEvaluators(t, input, rows, e)
	})
}

// checkEvaluators demands the same values and errors of both evaluators.
func checkEvaluators(
	t interface{ Fatalf(string, ...any) }, input []value.Type, rows [][]value.Datum,
	exprs ...expr.Expr,
) {
	env := expr.Env{Now: 1_700_000_000_000_000}
	b := batch.FromRows(input, rows, nil)
	for _, e := range exprs {
		p, err := expr.Compile(e)
		if err != nil {
			t.Fatalf("%s: %v", expr.Print(e, nil), err)
		}
		col, errs := p.Eval(b, env)
		if col.Len() != b.Len {
			t.Fatalf("%d results for %d rows", col.Len(), b.Len)
		}
		col.Check()
		byRow := map[int]*value.Error{}
		for _, re := range errs {
			byRow[re.Row] = re.Err
		}
		for i, r := range rows {
			want, wantErr := expr.EvalRow(e, r, env)
			if got := byRow[i]; (got == nil) != (wantErr == nil) ||
				got != nil && *got != *wantErr {
				t.Fatalf("%s row %d: error %v, naive %v", expr.Print(e, nil), i, got, wantErr)
			}
			w := value.FromDatums(e.Type(), want)
			if !col.Identical(i, w, 0) {
				t.Fatalf("%s row %d: %v, naive %v", expr.Print(e, nil), i, col.Datum(i), want)
			}
		}
	}
}
