package tx

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite-codes", false, "write testdata/codes.txt anew")

// TestCodesAreStable compares the table with its golden file, which only ever grows.
func TestCodesAreStable(t *testing.T) {
	var b strings.Builder
	names := map[string]bool{}
	for i, c := range Codes() {
		if c.Code != uint32(i+1) || c.Code >= 32000 || names[c.Name] ||
			len(c.SQLState) != 5 && c.Code != CodeSQL {
			t.Errorf("entry %d is out of place: %+v", i, c)
		}
		names[c.Name] = true
		fmt.Fprintf(&b, "%d %s %s\n", c.Code, c.Name, c.SQLState)
	}
	const file = "testdata/codes.txt"
	if *rewrite {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table differs from %s:\n%s", file, b.String())
	}
}

// TestLimits takes the limits of a transaction to n and n+1.
func TestLimits(t *testing.T) {
	s := testSpec("writer", 1, "row", 2)
	raw := mustSign(t, testHeader(AppendOp(s), StatementOp("abc"), SuspendOp(3, "why")), s.Payload)
	got, err := Decode(raw, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	header := len(got.HeaderBytes())
	for _, c := range []struct {
		name string
		set  func(l *Limits, n int)
		n    int
		code uint32
	}{
		{"tx", func(l *Limits, n int) { l.TxBytes = n }, len(raw), CodeTooLarge},
		{"header", func(l *Limits, n int) { l.HeaderBytes = n }, header, CodeHeaderTooLarge},
		{"operations", func(l *Limits, n int) { l.Operations = n }, 3, CodeTooManyOperations},
		{"rows", func(l *Limits, n int) { l.BatchRows = uint32(n) }, 2, CodeBatchRows},
		{"raw", func(l *Limits, n int) { l.RawPayload = uint32(n) }, 3, CodePayloadTooLarge},
		{"name", func(l *Limits, n int) { l.NameBytes = n }, 6, CodeName},
		{"sql", func(l *Limits, n int) { l.SQLBytes = n }, 3, CodeStatementTooLong},
		{"reason", func(l *Limits, n int) { l.ReasonBytes = n }, 3, CodeMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			lim := DefaultLimits()
			c.set(&lim, c.n)
			if _, err := Decode(raw, lim); err != nil {
				t.Fatal(err)
			}
			c.set(&lim, c.n-1)
			_, err := Decode(raw, lim)
			wantCode(t, err, c.code)
		})
	}
	lim := DefaultLimits()
	lim.ValidUntilAhead = 50 // valid_until is 100
	for height, code := range map[uint64]uint32{
		49: CodeValidUntilTooFar, 50: 0, 100: 0, 101: CodeExpired,
	} {
		err := got.CheckHeight(height, lim)
		if code == 0 && err != nil {
			t.Fatal(height, err)
		} else if code != 0 {
			wantCode(t, err, code)
		}
	}
}
