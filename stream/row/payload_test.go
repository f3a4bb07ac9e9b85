package row_test

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// drawColumns draws up to 20 rows of up to 6 columns.
func drawColumns(t *rapid.T) (types []value.Type, cols []*value.Vec, n int) {
	types = valuetest.Types(t, 6)
	n = rapid.IntRange(0, 20).Draw(t, "rows")
	rows := make([][]value.Datum, n)
	for i := range rows {
		rows[i] = valuetest.Row(t, types, "row")
	}
	return types, valuetest.Columns(types, rows), n
}

// sameColumns fails unless both have the same values in the same representation.
func sameColumns(t failer, got, want []*value.Vec) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d columns, want %d", len(got), len(want))
	}
	for j := range want {
		got[j].Check()
		if got[j].Type != want[j].Type || got[j].Len() != want[j].Len() {
			t.Fatalf("column %d: %v of %d, want %v of %d", j,
				got[j].Type, got[j].Len(), want[j].Type, want[j].Len())
		}
		for i := range want[j].Len() {
			g, w := fmt.Sprint(got[j].Datum(i)), fmt.Sprint(want[j].Datum(i))
			if g != w {
				t.Fatalf("column %d, row %d: %s, want %s", j, i, g, w)
			}
		}
	}
}

// TestPayloadRoundTrip: columns come back as they were, and parts of columns encode as copies.
func TestPayloadRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types, cols, n := drawColumns(t)
		b := row.EncodePayload(cols, n)
		got, rows, err := row.DecodePayload(types, b, n)
		if err != nil || rows != n {
			t.Fatalf("%x: %d rows, %v", b, rows, err)
		}
		sameColumns(t, got, cols)
		if again := row.EncodePayload(got, n); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
		lo := rapid.IntRange(0, n).Draw(t, "lo")
		hi := rapid.IntRange(lo, n).Draw(t, "hi")
		part, whole := make([]*value.Vec, len(cols)), make([]*value.Vec, len(cols))
		for j, c := range cols {
			part[j] = c.Slice(lo, hi)
			whole[j] = value.NewVec(c.Type, 0)
			whole[j].AppendVec(part[j])
		}
		p, w := row.EncodePayload(part, hi-lo), row.EncodePayload(whole, hi-lo)
		if !bytes.Equal(p, w) {
			t.Fatalf("slice %x, copy %x", p, w)
		}
	})
}

// TestChangesRoundTrip: the same with ops.
func TestChangesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types, cols, n := drawColumns(t)
		ops := make([]row.Op, n)
		for i := range ops {
			ops[i] = row.Op(rapid.IntRange(1, 3).Draw(t, "op"))
		}
		b := row.EncodeChanges(ops, cols, n)
		gotOps, got, rows, err := row.DecodeChanges(types, b, n)
		if err != nil || rows != n || fmt.Sprint(gotOps) != fmt.Sprint(ops) {
			t.Fatalf("%x: %d rows, ops %v, %v", b, rows, gotOps, err)
		}
		sameColumns(t, got, cols)
		if again := row.EncodeChanges(gotOps, got, n); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

// failer is what tests, fuzz targets and properties share.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}
