package expr_test

import (
	"fmt"
	"testing"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
)

// TestTextFunctionsDoNotAllocateARow evaluates functions that take texts apart and build them:
// allocations are a few a batch, whatever its rows.
func TestTextFunctionsDoNotAllocateARow(t *testing.T) {
	const rows, most = 2000, 60
	types := []value.Type{value.Of(value.Timestamp), value.Of(value.Text)}
	data := make([][]value.Datum, rows)
	for i := range data {
		data[i] = []value.Datum{
			value.NewTimestamp(1_700_000_000_000_000 + int64(i)*977_000),
			value.NewText(fmt.Sprintf("https://weir.example/DIR%d/item?a=1&channel_id=%d&b=2", i, i)),
		}
	}
	in := batch.FromRows(types, data, nil)
	ts, url := expr.Column{Index: 0, T: types[0]}, expr.Column{Index: 1, T: types[1]}
	text := func(s string) expr.Expr {
		return expr.Const{D: value.NewText(s), T: value.Of(value.Text)}
	}
	call := func(fn expr.Func, args ...expr.Expr) expr.Expr {
		_, ret, ok := expr.Lookup(fn)
		if !ok {
			t.Fatalf("no function %s", fn)
		}
		return &expr.Call{Fn: fn, Args: args, T: ret}
	}
	for _, c := range []struct {
		name string
		e    expr.Expr
		last string // of the last row
	}{
		{
			"to_char", call("to_char(timestamp,text)", ts, text("FMDay, DDth YYYY-MM-DD HH24:MI")),
			"Tuesday, 14th 2023-11-14 22:45",
		},
		{"lower", call("lower(text)", url), "https://weir.example/dir1999/item?a=1&channel_id=1999&b=2"},
		{"substring", call("substring(text,text)", url, text("[&?]channel_id=([^&]*)")), "1999"},
		{"match", call("textregexeq(text,text)", url, text("DIR[0-9]+/")), "t"},
		{"split_part", call("split_part(text,text,int4)", url, text("/"),
			expr.Const{D: value.NewInt4(4), T: value.Of(value.Int4)}), "DIR1999"},
	} {
		p, err := expr.Compile(c.e)
		if err != nil {
			t.Fatal(err)
		}
		v, errs := p.Eval(in, expr.Env{})
		if got := value.Format(v.Datum(rows - 1)); len(errs) > 0 || got != c.last {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.last, errs)
		}
		if n := testing.AllocsPerRun(5, func() { p.Eval(in, expr.Env{}) }); n > most {
			t.Errorf("%s: %.0f allocations for %d rows, at most %d", c.name, n, rows, most)
		}
	}
}
