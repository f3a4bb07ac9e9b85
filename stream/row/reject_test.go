package row_test

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"weir/stream/row"
	"weir/stream/value"
)

// rejection is a payload with at most one fault, and the reason that is given; "" for none.
type rejection struct {
	t     value.Type
	bytes string
	why   string
}

func rejectedIntegers() []rejection {
	return []rejection{
		{value.Of(value.Int2), "01 01 01 | 01 00 | 02 01 00", ""},
		{value.Of(value.Int2), "03 01 01 | 01 00 | 02 01 00", "another format"},
		{value.Of(value.Int2), "02 01 01 | 01 00 | 02 01 00", "another format"},
		{value.Of(value.Int2), "01 8100 01 | 01 00 | 02 01 00", "shortest form"},
		{value.Of(value.Int2), "01 01 02 | 01 00 | 02 01 00", "number of columns"},
		{value.Of(value.Int2), "01 01 00", "number of columns"},
		{value.Of(value.Int2), "01 01 01 | 02 00 | 02 01 00", "codec"},
		{value.Of(value.Int2), "01 01 01 | 01 02 | 02 01 00", "NULL bits are malformed"},
		{value.Of(value.Int2), "01 01 01 | 01 01 00 | 02 01 00", "none is set"},
		{value.Of(value.Int2), "01 01 01 | 01 01 03", "beyond the last row"},
		{value.Of(value.Int2), "01 00 01 | 01 01", "NULL bits are malformed"},
		{value.Of(value.Int2), "01 01 01 | 01 00 | 02 01 00 00", "bytes follow"},
		{value.Of(value.Int2), "01 01 01 | 01 00 | 02 03 00 00 00", "width"},
		{value.Of(value.Int2), "01 01 01 | 01 00 | 02 02 00 00", "wider"},
		{value.Of(value.Int2), "01 01 01 | 01 00 | 02 01 01", "least integer"},
		{value.Of(value.Int2), "01 02 01 | 01 00 | 02 01 00", "end early"},
		{value.Of(value.Int2), "01 01 01 | 01 00 | 808004 01 00", "out of range"},
		{value.Of(value.Int2), "01 02 01 | 01 00 | feff03 01 00 01", "out of range"},
		{value.Of(value.Int2), "01 02 01 | 01 00 | feff03 01 00 00", ""},
		{value.Of(value.Int4), "01 01 01 | 01 00 | 8080808010 01 00", "out of range"},
		{value.Of(value.Int8), "01 02 01 | 01 00 | 02 08 0000000000000000 ffffffffffffffff",
			"out of range"},
		{value.Of(value.Date), "01 01 01 | 01 00 | 97f6a902 01 00", ""},
		{value.Of(value.Date), "01 01 01 | 01 00 | 99f6a902 01 00", "out of range"},
		{value.Of(value.Time), "01 01 01 | 01 00 | 01 01 00", "out of range"},
		{value.Of(value.Timestamp), "01 01 01 | 01 00 | feffffffffffffffff01 01 00",
			"out of range"},
		{value.Of(value.Bool), "01 02 01 | 02 00 | 03", ""},
		{value.Of(value.Bool), "01 02 01 | 02 00 | 07", "beyond the last boolean"},
	}
}

func rejectedOthers() []rejection {
	num := value.Type{Kind: value.Numeric, Precision: 4, Scale: 2}
	return []rejection{
		{num, "01 01 01 | 03 00 | 00 02 00 02 01 00", ""},
		{num, "01 01 01 | 03 00 | 00 01 00 02 01 00", "scale than its type"},
		{num, "01 02 01 | 03 00 | 01 02 01 00 02 01 00 00", "scale than its type"},
		{num, "01 01 01 | 03 00 | 00 02 00 a09c01 01 00", "out of range"},
		{num, "01 01 01 | 03 00 | 00 02 02 02 01 00", "unknown form"},
		{value.Of(value.Numeric), "01 01 01 | 03 00 | 00 27 00 02 01 00", "above 38"},
		{value.Of(value.Numeric), "01 02 01 | 03 00 | 01 03 03 00 02 01 00 00", "all are the same"},
		{value.Of(value.Numeric), "01 01 01 | 03 00 | 02 03 00 02 01 00", "unknown form"},
		{value.Of(value.Numeric), "01 01 01 | 03 00 | 00 00 01" + strings.Repeat("00", 16),
			"wider"},
		{value.Of(value.Numeric), "01 01 01 | 03 00 | 00 00 01" + strings.Repeat("7f", 16),
			"out of range"},
		{value.Of(value.Float8), "01 01 01 | 04 00 | 0000000000000080", ""},
		{value.Of(value.Float8), "01 01 01 | 04 00 | 010000000000f87f", "NaN"},
		{value.Of(value.Float4), "01 01 01 | 04 00 | 0000c07f", ""},
		{value.Of(value.Float4), "01 01 01 | 04 00 | 0000c0ff", "NaN"},
		{value.Of(value.Text), "01 02 01 | 05 00 | 02 01 00 00 c3a9", "UTF-8"},
		{value.Of(value.Text), "01 01 01 | 05 00 | 04 01 00 c3a9", ""},
		{value.Of(value.Text), "01 01 01 | 05 00 | 04 01 00 c328", "UTF-8"},
		{value.Of(value.Text), "01 01 01 | 05 00 | 02 01 00 00", "NUL"},
		{value.Of(value.Text), "01 01 01 | 05 00 | 01 01 00", "out of range"},
		{value.Of(value.Text), "01 01 01 | 05 00 | 04 01 00 61", "out of range"},
		{value.Of(value.Text), "01 02 01 | 05 00 | 02 01 00 00 61", "end early"},
		{value.Of(value.Bytea), "01 01 01 | 05 00 | 02 01 00 ff", ""},
		{value.Of(value.JSONB), "01 01 01 | 05 00 | 06 01 00 5b205d", "canonical"},
		{value.Of(value.JSONB), "01 01 01 | 05 00 | 04 01 00 5b5d", ""},
		{value.Of(value.UUID), "01 808080808080808010 01 | 06 00", "more rows"},
		{value.Of(value.UUID), "01 ffffffffffffffff7f 01 | 06 00", "more rows"},
		{value.Of(value.Bool), "01 21 01 | 02 00 | 00", "more rows"},
		{value.Of(value.UUID), "01 10 01 | 06 00", "end early"},
		{value.Of(value.UUID), "01 01 01 | 06 00 | " + strings.Repeat("00", 15), "end early"},
		{value.Of(value.Interval), "01 01 01 | 07 00 | 02 01 00 02 01 00 02 01 00", ""},
		{value.Of(value.Interval), "01 01 01 | 07 00 | 8080808010 01 00 02 01 00 02 01 00",
			"out of range"},
	}
}

// TestPayloadRejects: payloads with one fault each, and the reason that is given. Bytes are
// hexadecimal: format, rows, columns | codec, NULLs | values.
func TestPayloadRejects(t *testing.T) {
	for _, c := range append(rejectedIntegers(), rejectedOthers()...) {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "").Replace(c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = row.DecodePayload([]value.Type{c.t}, b, math.MaxInt)
		var e *row.PayloadError
		switch {
		case c.why == "" && err != nil:
			t.Errorf("%v %s: %v", c.t, c.bytes, err)
		case c.why == "":
		case !errors.As(err, &e) || !errors.Is(err, row.ErrMalformed):
			t.Errorf("%v %s: %v", c.t, c.bytes, err)
		case !strings.Contains(e.Error(), c.why) || e.SQLState() != value.StateBadBinary:
			t.Errorf("%v %s: %v, want %q", c.t, c.bytes, err, c.why)
		}
	}
}

func TestChangesRejects(t *testing.T) {
	types := []value.Type{value.Of(value.Bool)}
	for _, c := range []struct{ bytes, why string }{
		{"02 03 08 39 | 01 02 00 07", ""},
		{"02 03 07 39 | 01 02 00 07", "unknown codec"},
		{"02 03 08 38 | 01 02 00 07", "not one of"},
		{"02 03 08 79 | 01 02 00 07", "not one of"},
		{"01 03 08 39 | 01 02 00 07", "another format"},
		{"02 03", "more rows"},
		{"02 03 08", "end early"},
	} {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "").Replace(c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = row.DecodeChanges(types, b, 100)
		if (c.why == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", c.bytes, err, c.why)
		}
	}
}
