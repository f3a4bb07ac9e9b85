package expr_test

import (
	"bytes"
	"testing"

	"weir/stream/expr"
	"weir/stream/value"
)

// FuzzDecodeExpr: no bytes break the decoder, and what it takes is the canonical encoding of a
// well-formed expression that both evaluators can run.
func FuzzDecodeExpr(f *testing.F) {
	for _, s := range []string{
		"+(int4 '1', int8 '2')", "and(bool 't', is_null(int4 '1'))", "null text",
		"case(bool 't', text 'a', text 'b')", "coalesce(null int4, int4 '2')", "now()",
		"like(text 'a', text '%', text '!')", "cast(text '1', numeric(5,2))", "concat('a', int4 '1')",
	} {
		tm, err := parseTerm(s)
		if err != nil {
			f.Fatal(err)
		}
		e, verr := tm.bind()
		if verr != nil {
			f.Fatal(verr)
		}
		f.Add(expr.AppendExpr(nil, e))
	}
	f.Add(expr.AppendExpr(nil, expr.Column{Index: 3, T: value.Of(value.Text)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, rest, err := expr.DecodeExpr(b)
		if err != nil {
			return
		}
		if enc := expr.AppendExpr(nil, e); !bytes.Equal(enc, b[:len(b)-len(rest)]) {
			t.Fatalf("%x decodes to %s, encoded as %x", b, expr.Print(e, nil), enc)
		}
		if _, err := expr.Compile(e); err != nil {
			t.Fatalf("%s does not compile: %v", expr.Print(e, nil), err)
		}
		hasColumn := false
		expr.Walk(e, func(e expr.Expr) bool {
			_, isColumn := e.(expr.Column)
			hasColumn = hasColumn || isColumn
			return true
		})
		if !hasColumn {
			checkEvaluators(t, nil, [][]value.Datum{{}}, e)
		}
	})
}
