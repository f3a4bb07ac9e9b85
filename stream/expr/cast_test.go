package expr_test

import (
	"testing"

	"weir/stream/expr"
	"weir/stream/value"
)

// TestCastsExist: every cast that the rules allow has a function.
func TestCastsExist(t *testing.T) {
	for from := value.Bool; from < value.Array; from++ {
		for to := value.Bool; to < value.Array; to++ {
			_, err := expr.Cast(value.Of(from), value.Of(to), true)
			if e, ok := err.(*value.Error); ok && e.SQLState == value.StateUnsupported {
				t.Error(err)
			}
			_, err = expr.Cast(value.ArrayOf(value.Of(from)), value.ArrayOf(value.Of(to)), true)
			if e, ok := err.(*value.Error); ok && e.SQLState == value.StateUnsupported {
				t.Error(err)
			}
		}
	}
}

// TestErrorsAreNull: a row with an error is NULL although a function that takes NULLs went on.
func TestErrorsAreNull(t *testing.T) {
	i2, txt := value.Of(value.Int2), value.Of(value.Text)
	abs := &expr.Call{
		Fn: "abs(int2)", Args: []expr.Expr{expr.Column{Index: 0, T: i2}}, T: i2,
	}
	shown := &expr.Call{Fn: "cast(int2):text", Args: []expr.Expr{abs}, T: txt}
	checkEvaluators(t, []value.Type{i2}, [][]value.Datum{
		{value.NewInt(value.Int2, -32768)}, {value.NewInt(value.Int2, -5)}, {value.NullDatum},
	}, &expr.Call{Fn: "is_null(int2)", Args: []expr.Expr{abs}, T: value.Of(value.Bool)},
		&expr.Call{
			Fn: "greatest(text,text)", T: txt,
			Args: []expr.Expr{shown, expr.Const{D: value.NewText("x"), T: txt}},
		})
}
