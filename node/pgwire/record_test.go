package pgwire

import (
	"encoding/hex"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"weir/stream/value"
)

// TestRecordForms: both forms of a record, as record_out and record_send of PostgreSQL 15 write
// them, and what pgtype reads from the binary one.
func TestRecordForms(t *testing.T) {
	within, err := value.RecordOf([]value.Field{{Name: "f1", Type: value.Of(value.Int2)}})
	if err != nil {
		t.Fatal(err)
	}
	typ, err := value.RecordOf([]value.Field{
		{Name: "id", Type: value.Of(value.Int4)},
		{Name: "name", Type: value.Of(value.Text)},
		{Name: "r", Type: within},
		{Name: "tags", Type: value.ArrayOf(value.Of(value.Text))},
	})
	if err != nil {
		t.Fatal(err)
	}
	inner := value.NewRecord([]value.Datum{value.NewInt(value.Int2, 1)})
	d := value.NewRecord([]value.Datum{value.NewInt4(7), value.NewText("a b"), inner, {}})
	c := value.FromDatums(typ, d)
	if got := string(appendVec(nil, c, 0, formatText)); got != `(7,"a b","(1)",)` {
		t.Errorf("text: %s", got)
	}
	want := "00000004" + "00000017" + "00000004" + "00000007" + "00000019" + "00000003" + "612062" +
		"000008c9" + "0000000e" + "00000001" + "00000015" + "00000002" + "0001" +
		"000003f1" + "ffffffff"
	b := appendVec(nil, c, 0, formatBinary)
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("binary: %s, want %s", got, want)
	}
	if OID(typ) != pgtype.RecordOID {
		t.Errorf("OID %d", OID(typ))
	}
	got, bad := pgtype.RecordCodec{}.DecodeValue(pgtype.NewMap(), pgtype.RecordOID,
		pgtype.BinaryFormatCode, b)
	if bad != nil {
		t.Fatal(bad)
	}
	if want := []any{int32(7), "a b", []any{int16(1)}, nil}; !reflect.DeepEqual(got, want) {
		t.Errorf("pgtype reads %#v, want %#v", got, want)
	}
}
