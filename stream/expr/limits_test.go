package expr_test

import (
	"strings"
	"testing"

	"weir/stream/expr"
	"weir/stream/value"
)

// TestTextLimits: results of MaxTextResult bytes and patterns of MaxPattern bytes work, one byte
// more is 54000.
func TestTextLimits(t *testing.T) {
	full := strings.Repeat("a", expr.MaxTextResult)
	n := func(v string) term { return lit("int4", v) }
	text := func(v string) term { return lit("text", v) }
	call := func(op string, args ...term) term { return term{op: op, args: args} }
	for _, c := range []struct {
		name         string
		fits, beyond term
	}{
		{"||", call("||", text(full), text("")), call("||", text(full), text("a"))},
		{
			"|| bytea", call("||", lit("bytea", full), lit("bytea", "")),
			call("||", lit("bytea", full), lit("bytea", "a")),
		},
		{"concat", call("concat", text(full), text("")), call("concat", text(full), text("a"))},
		{
			"concat_ws", call("concat_ws", text(""), text(full)),
			call("concat_ws", text("a"), text(full), text("")),
		},
		{"repeat", call("repeat", text("ab"), n("32768")), call("repeat", text("ab"), n("32769"))},
		{"lpad", call("lpad", text("b"), n("65536")), call("lpad", text("b"), n("65537"))},
		{"rpad", call("rpad", text("é"), n("65535")), call("rpad", text("é"), n("65536"))},
		{
			"replace", call("replace", text(full[:32768]), text("a"), text("bb")),
			call("replace", text(full[:32769]), text("a"), text("bb")),
		},
		{
			"like", call("~~", text("a"), text(full[:expr.MaxPattern])),
			call("~~", text("a"), text(full[:expr.MaxPattern+1])),
		},
		{
			"like escape", call("like", text("a"), text(full[:expr.MaxPattern]), text("!")),
			call("like", text("a"), text(full[:expr.MaxPattern+1]), text("!")),
		},
	} {
		if a := c.fits.weir(t); a.state != "" {
			t.Errorf("%s at the limit: %s", c.name, a.state)
		}
		if a := c.beyond.weir(t); a.state != value.StateTooLarge {
			t.Errorf("%s beyond the limit: %.40s", c.name, a)
		}
	}
}

// TestDepthLimit: MaxDepth levels are well-formed, one more is not, and neither breaks decoding.
func TestDepthLimit(t *testing.T) {
	b := value.Of(value.Bool)
	var e expr.Expr = expr.Const{D: value.NewBool(true), T: b}
	for range expr.MaxDepth - 1 {
		e = &expr.Call{Fn: "not(bool)", Args: []expr.Expr{e}, T: b}
	}
	if _, _, err := expr.DecodeExpr(expr.AppendExpr(nil, e)); err != nil {
		t.Error(err)
	}
	e = &expr.Call{Fn: "not(bool)", Args: []expr.Expr{e}, T: b}
	if _, _, err := expr.DecodeExpr(expr.AppendExpr(nil, e)); err == nil {
		t.Error("one level beyond MaxDepth is taken")
	}
	if err := expr.Check(e, nil); err == nil {
		t.Error("one level beyond MaxDepth is well-formed")
	}
}
