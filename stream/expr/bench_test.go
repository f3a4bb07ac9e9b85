package expr_test

import (
	"testing"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
)

// BenchmarkEval evaluates hot forms over batches of 8,192 rows; the metric is per row.
func BenchmarkEval(b *testing.B) {
	const rows = 8192
	types := []value.Type{
		value.Of(value.Int8), value.Of(value.Numeric), value.Of(value.Timestamp), value.Of(value.Text),
	}
	data := make([][]value.Datum, rows)
	for i := range data {
		data[i] = []value.Datum{
			value.NewInt8(int64(i)),
			value.NewDecimal(value.Decimal{Coef: value.Int128FromInt64(int64(i)), Scale: 2}),
			value.NewTimestamp(1_700_000_000_000_000 + int64(i)*977_000), value.NewText("item/bid"),
		}
	}
	in := batch.FromRows(types, data, nil)
	col := func(i int) expr.Expr { return expr.Column{Index: i, T: types[i]} }
	text := func(s string) expr.Expr {
		return expr.Const{D: value.NewText(s), T: value.Of(value.Text)}
	}
	iv := expr.Const{
		D: value.NewInterval(value.IntervalValue{Micros: 10 * value.MicrosPerSecond}),
		T: value.Of(value.Interval),
	}
	origin := expr.Const{D: value.NewTimestamp(0), T: types[2]}
	call := func(fn expr.Func, args ...expr.Expr) expr.Expr {
		_, ret, _ := expr.Lookup(fn)
		return &expr.Call{Fn: fn, Args: args, T: ret}
	}
	for _, c := range []struct {
		name string
		e    expr.Expr
	}{
		{"int8+int8", call("add(int8,int8)", col(0), col(0))},
		{"int8<int8", call("lt(int8,int8)", col(0), col(0))},
		{"numeric*numeric", call("mul(numeric,numeric)", col(1), col(1))},
		{"timestamp+interval", call("add(timestamp,interval)", col(2), iv)},
		{"date_trunc_minute", call("date_trunc(text,timestamp)", text("minute"), col(2))},
		{"date_trunc_month", call("date_trunc(text,timestamp)", text("month"), col(2))},
		{"date_bin", call("date_bin(interval,timestamp,timestamp)", iv, col(2), origin)},
		{"extract_hour", call("extract(text,timestamp)", text("hour"), col(2))},
		{"like", call("like(text,text)", col(3), text("%bid"))},
		{"length", call("length(text)", col(3))},
		{"upper", call("upper(text)", col(3))},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := expr.Compile(c.e)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for range b.N {
				if _, errs := p.Eval(in, expr.Env{}); len(errs) > 0 {
					b.Fatal(errs[0].Err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
