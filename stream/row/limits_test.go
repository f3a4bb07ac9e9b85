package row_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

func textColumn(s string) []*value.Vec {
	return []*value.Vec{value.FromDatums(value.Of(value.Text), value.NewText(s))}
}

func intColumn(k value.Kind, vs ...int64) *value.Vec {
	c := value.NewVec(value.Of(k), len(vs))
	for _, v := range vs {
		c.AppendInt(v)
	}
	return c
}

func TestSizeLimits(t *testing.T) {
	// A row of one text: NULL bits, three bytes of length, the text.
	for n, want := range map[int]*value.Error{
		row.MaxRowBytes - 4: nil, row.MaxRowBytes - 3: row.ErrRowTooLarge,
	} {
		cols := textColumn(strings.Repeat("a", n))
		size := row.Size(cols, 0)
		if got := row.CheckRowSize(size); got != want || size != len(row.AppendRow(nil, cols, 0)) {
			t.Errorf("row of %d bytes: %v, want %v", size, got, want)
		}
	}
	// A key of one text: tag of the key, tag of the value, the text, two bytes of end.
	for n, want := range map[int]*value.Error{
		row.MaxKeyBytes - 4: nil, row.MaxKeyBytes - 3: row.ErrKeyTooLong,
	} {
		key := row.AppendKey(nil, textColumn(strings.Repeat("a", n)), 0)
		if got := row.CheckKeySize(len(key)); got != want {
			t.Errorf("key of %d bytes: %v, want %v", len(key), got, want)
		}
	}
}

func TestPayloadRowLimit(t *testing.T) {
	cols := []*value.Vec{intColumn(value.Int4, 1, 2, 3, 4)}
	b := row.EncodePayload(cols, 4)
	types := []value.Type{value.Of(value.Int4)}
	if _, n, err := row.DecodePayload(types, b, 4); n != 4 || err != nil {
		t.Errorf("4 of 4 rows: %d, %v", n, err)
	}
	_, _, err := row.DecodePayload(types, b, 3)
	var e *value.Error
	if !errors.As(err, &e) || e.SQLState != value.StateTooLarge {
		t.Errorf("4 of 3 rows: %v", err)
	}
	ops := []row.Op{row.OpInsert, row.OpUpsert, row.OpDelete, row.OpInsert}
	c := row.EncodeChanges(ops, cols, 4)
	if _, _, n, err := row.DecodeChanges(types, c, 4); n != 4 || err != nil {
		t.Errorf("4 of 4 changes: %d, %v", n, err)
	}
	if _, _, _, err = row.DecodeChanges(types, c, 3); !errors.As(err, &e) {
		t.Errorf("4 of 3 changes: %v", err)
	}
}

func TestPayloadColumnLimit(t *testing.T) {
	types := make([]value.Type, row.MaxColumns+1)
	cols := make([]*value.Vec, len(types))
	for i := range types {
		types[i] = value.Of(value.Bool)
		cols[i] = intColumn(value.Bool, 1)
	}
	b := row.EncodePayload(cols[:row.MaxColumns], 1)
	if _, _, err := row.DecodePayload(types[:row.MaxColumns], b, 1); err != nil {
		t.Errorf("%d columns: %v", row.MaxColumns, err)
	}
	// One more column of the same bytes: format, rows, count, then 3 bytes a column.
	body := append(bytes.Clone(b[4:]), b[4:7]...)
	more := append(binary.AppendUvarint([]byte{1, 1}, row.MaxColumns+1), body...)
	if _, _, err := row.DecodePayload(types, more, 1); !errors.Is(err, row.ErrMalformed) {
		t.Errorf("%d columns: %v", row.MaxColumns+1, err)
	}
	defer func() {
		if recover() == nil {
			t.Errorf("encoded %d columns", row.MaxColumns+1)
		}
	}()
	row.EncodePayload(cols, 1)
}

// TestPayloadDamage: no prefix of a payload decodes, and no payload with one byte changed
// decodes to values of another encoding.
func TestPayloadDamage(t *testing.T) {
	for _, kinds := range [][]byte{seedTypes(), moreTypes(), lastTypes()} {
		types := fuzzTypes(kinds)
		cols := valuetest.Columns(types, seedRows(types))
		b := row.EncodePayload(cols, cols[0].Len())
		for n := range b {
			if _, _, err := row.DecodePayload(types, b[:n], 100); err == nil {
				t.Fatalf("%d of %d bytes decode", n, len(b))
			}
		}
		for i := range b {
			for delta := 1; delta < 256; delta++ {
				c := bytes.Clone(b)
				c[i] += byte(delta)
				got, n, err := row.DecodePayload(types, c, 100)
				if err == nil && !bytes.Equal(row.EncodePayload(got, n), c) {
					t.Fatalf("byte %d + %d of %x decodes and is not canonical", i, delta, b)
				}
			}
		}
	}
}
