package pgwire

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"weir/stream/value"
)

func dsn(addr string) string { return "postgres://weir@" + addr + "/weir?sslmode=prefer" }

func connect(t *testing.T, addr string, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(dsn(addr))
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = mode
	c, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func TestStartupParameters(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := connect(t, addr, pgx.QueryExecModeSimpleProtocol).PgConn()
	for name, want := range map[string]string{
		"server_version": "15.0 (Weir test)", "client_encoding": "UTF8", "TimeZone": "UTC",
		"integer_datetimes": "on", "standard_conforming_strings": "on", "DateStyle": "ISO, MDY",
	} {
		if got := c.ParameterStatus(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestRowsInEveryMode(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
	} {
		c := connect(t, addr, mode)
		for _, sql := range []string{"ROWS 10000", "SINGLE 10000", "ROWS 0"} {
			checkRows(t, c, sql)
		}
	}
}

func checkRows(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		var i int64
		var text *string
		if err := rows.Scan(&i, &text); err != nil {
			t.Fatal(err)
		}
		want := numbered(n)
		if i != want[0].I || (text == nil) != want[1].IsNull() || text != nil && *text != want[1].S {
			t.Fatalf("%s: row %d is %d, %v", sql, n, i, text)
		}
	}
	if rows.Err() != nil || rows.CommandTag().RowsAffected() != int64(n) {
		t.Fatalf("%s: %d rows, tag %q, %v", sql, n, rows.CommandTag(), rows.Err())
	}
	if !strings.HasSuffix(" "+sql, " "+rows.CommandTag().String()[len("SELECT "):]) {
		t.Fatalf("%s: tag %q", sql, rows.CommandTag())
	}
}

// TestParametersBothFormats sends values of every kind as text and as binary parameters and asks
// for both formats back. pgtype judges the bytes.
func TestParametersBothFormats(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := connect(t, addr, pgx.QueryExecModeExec).PgConn()
	for _, d := range append(everyKind[:len(everyKind):len(everyKind)], edgeValues()...) {
		name, oid := d.Kind.String(), OID(typeOf(d))
		if d.Kind == value.Array {
			name = value.ArrayElem(d).String() + "[]"
		}
		binary, text := appendBinary([]byte{}, d), []byte(value.Format(d))
		checkCodec(t, d, oid, binary, text)
		for _, in := range []int16{formatText, formatBinary} {
			param := binary
			if in == formatText {
				param = text
			}
			for out, want := range [][]byte{text, binary} {
				r := c.ExecParams(t.Context(), "ECHO "+name, [][]byte{param}, []uint32{oid},
					[]int16{in}, []int16{int16(out)}).Read()
				if r.Err != nil {
					t.Errorf("%s %q, formats %d and %d: %v", name, text, in, out, r.Err)
				} else if got := r.Rows[0][0]; string(got) != string(want) {
					t.Errorf("%s %q, formats %d and %d: %q, want %q", name, text, in, out, got, want)
				}
			}
		}
	}
	r := c.ExecParams(t.Context(), "ECHO text int8", [][]byte{nil, nil}, nil, nil, []int16{1}).Read()
	if r.Err != nil || r.Rows[0][0] != nil || r.Rows[0][1] != nil {
		t.Errorf("NULLs: %v, %v", r.Rows, r.Err)
	}
}

// checkCodec compares what pgtype reads from both forms.
func checkCodec(t *testing.T, d value.Datum, oid uint32, binary, text []byte) {
	t.Helper()
	m := pgtype.NewMap()
	typ, ok := m.TypeForOID(oid)
	if !ok {
		t.Fatalf("no type %d", oid)
	}
	if d.Kind == value.Interval { // as a string it keeps the form of its bytes
		var x, y pgtype.Interval
		err := errors.Join(m.Scan(oid, pgtype.BinaryFormatCode, binary, &x),
			m.Scan(oid, pgtype.TextFormatCode, text, &y))
		if err != nil || x != y {
			t.Errorf("interval: %v and %v, %v", x, y, err)
		}
		return
	}
	if d.Kind == value.Array {
		x, err1 := typ.Codec.DecodeValue(m, oid, pgtype.BinaryFormatCode, binary)
		y, err2 := typ.Codec.DecodeValue(m, oid, pgtype.TextFormatCode, text)
		numeric := value.ArrayElem(d) == value.Numeric // digits and exponent differ in form
		if err := errors.Join(err1, err2); err != nil || fmt.Sprint(x) != fmt.Sprint(y) && !numeric {
			t.Errorf("%s: %v and %v, %v", text, x, y, err)
		}
		back, err := parseTyped(typeOf(d), binary, "array")
		if err != nil || back != d {
			t.Errorf("%s: back as %v, %v", text, back, err)
		}
		return
	}
	a, err := typ.Codec.DecodeDatabaseSQLValue(m, oid, pgtype.BinaryFormatCode, binary)
	if err != nil {
		t.Errorf("%v %q: binary: %v", d.Kind, text, err)
		return
	}
	b, err := typ.Codec.DecodeDatabaseSQLValue(m, oid, pgtype.TextFormatCode, text)
	if err != nil {
		t.Errorf("%v %q: text: %v", d.Kind, text, err)
		return
	}
	switch x := a.(type) {
	case time.Time:
		if y, ok := b.(time.Time); !ok || !x.Equal(y) {
			t.Errorf("%v: %v and %v", d.Kind, a, b)
		}
	case []byte:
		if y, ok := b.([]byte); !ok || string(x) != string(y) {
			t.Errorf("%v: %v and %v", d.Kind, a, b)
		}
	case float64:
		if y, ok := b.(float64); !ok || x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
			t.Errorf("%v: %v and %v", d.Kind, a, b)
		}
	default:
		if a != b && d.Kind != value.Numeric {
			t.Errorf("%v: %v and %v", d.Kind, a, b)
		}
	}
	if d.Kind == value.Numeric {
		back, err := parseNumeric(binary)
		if err != nil || back != d.D {
			t.Errorf("numeric %s: back as %v, %v", text, value.NewDecimal(back), err)
		}
	}
}

func edgeValues() (out []value.Datum) {
	for _, d := range everyKind {
		if d.Kind != value.Array {
			t := value.Of(d.Kind)
			out = append(out, value.NewArray(t, nil), value.NewArray(t, []value.Datum{d, {}, d}))
		}
	}
	for _, s := range []string{
		"0", "-1", "10000", "9999", "0.0001", "0.00001", "-0.5", "1.0000", "100000000", "12.30",
		"99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001",
		"-1234567890123456789.0123456789012345678", "0.000", "10000.0001",
	} {
		out = append(out, mustNumeric(s))
	}
	for _, k := range []value.Kind{value.Int2, value.Int4, value.Int8} {
		lo, hi := k.IntRange()
		out = append(out, value.NewInt(k, lo), value.NewInt(k, hi))
	}
	return append(out, value.NewBool(false), value.NewText(""), value.NewBytea(nil),
		value.NewTimestamp(-1), value.NewDate(-1), value.NewTimestampTZ(-62_135_596_800_000_000),
		value.NewFloat(value.Float8, math.Inf(1)), value.NewFloat(value.Float8, math.NaN()),
		value.NewFloat(value.Float8, 1e300), value.NewFloat(value.Float4, 3.4e38))
}

func TestPgxTypes(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeExec, pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec,
	} {
		c := connect(t, addr, mode)
		at := time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC)
		var n pgtype.Numeric
		if err := n.Scan("-12.3400"); err != nil {
			t.Fatal(err)
		}
		var i int64
		var b bool
		var s string
		var raw []byte
		var gotAt time.Time
		var gotN pgtype.Numeric
		err := c.QueryRow(t.Context(), "ECHO int8 bool text bytea timestamptz numeric",
			int64(7), true, "héllo", []byte{1, 2}, at, n).Scan(&i, &b, &s, &raw, &gotAt, &gotN)
		if err != nil {
			t.Fatalf("%v: %v", mode, err)
		}
		num, err := gotN.MarshalJSON()
		if i != 7 || !b || s != "héllo" || string(raw) != "\x01\x02" || !gotAt.Equal(at) ||
			err != nil || string(num) != "-12.3400" {
			t.Fatalf("%v: %v %v %q %x %v %s", mode, i, b, s, raw, gotAt, num)
		}
	}
}

func TestErrorsKeepTheirFields(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec,
	} {
		c := connect(t, addr, mode)
		_, err := c.Exec(t.Context(), "  FAIL grün")
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "22012" || e.Detail != "some detail" ||
			e.Hint != "some hint" || e.Position != 8 || e.Severity != "ERROR" {
			t.Fatalf("mode %v: %+v", mode, err)
		}
		checkRows(t, c, "ROWS 3") // the connection goes on
	}
	c := connect(t, addr, pgx.QueryExecModeSimpleProtocol)
	_, err := c.Exec(t.Context(), "NOTE ü; FAIL x; ROWS 1")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Position != 14 {
		t.Fatalf("second statement: %+v", err)
	}
}

func TestNotice(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	config, err := pgx.ParseConfig(dsn(addr))
	if err != nil {
		t.Fatal(err)
	}
	var got *pgconn.Notice
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { got = n }
	c, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), "NOTE"); err != nil {
		t.Fatal(err)
	}
	if got == nil || got.Message != "take note" || got.Severity != "NOTICE" {
		t.Fatalf("%+v", got)
	}
}

func TestBatchSkipsUntilSync(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := connect(t, addr, pgx.QueryExecModeExec)
	b := &pgx.Batch{}
	for _, sql := range []string{"ROWS 2", "FAIL x", "ROWS 2"} {
		b.Queue(sql)
	}
	r := c.SendBatch(t.Context(), b)
	if tag, err := r.Exec(); err != nil || tag.RowsAffected() != 2 {
		t.Fatalf("first: %v, %v", tag, err)
	}
	if _, err := r.Exec(); err == nil {
		t.Fatal("second must fail")
	}
	if _, err := r.Exec(); err == nil {
		t.Fatal("third must not run")
	}
	r.Close()
	checkRows(t, c, "ROWS 3")
}

func TestCancel(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec,
	} {
		m := &memory{stopped: make(chan error, 1)}
		addr, _ := serve(t, m, Limits{})
		c := connect(t, addr, mode)
		go func() {
			time.Sleep(30 * time.Millisecond)
			c.PgConn().CancelRequest(context.Background())
		}()
		_, err := c.Exec(t.Context(), "WAIT")
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != stateCancelled || e.Message != cancelledMessage {
			t.Fatalf("%v", err)
		}
		checkRows(t, c, "ROWS 1")
		if err := c.PgConn().CancelRequest(t.Context()); err != nil { // nothing runs: no effect
			t.Fatal(err)
		}
		checkRows(t, c, "ROWS 1")
	}
}
