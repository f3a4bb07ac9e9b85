package pgwire

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/stream/batch"
	"weir/stream/value"
)

// memory is a backend with a few commands that exercise the protocol:
//
//	ROWS n         n rows (i int8, t text), written as batches
//	SINGLE n       the same, row by row
//	ECHO kind...   one row of its parameters
//	ALL            one row with a value of every kind
//	FAIL text      an error at the position of text, with detail and hint
//	NOTE           a notice
//	WAIT           until cancelled
//	COPY           two rows as COPY data, with every character that needs an escape
//	DRIP           one row flushed, then until cancelled
//	BEGIN, COMMIT  transaction status
type memory struct {
	refuse  error
	stopped chan error // why WAIT and DRIP ended
}

func (m *memory) NewSession(_ context.Context, p StartupParams) (Session, error) {
	if m.refuse != nil {
		return nil, m.refuse
	}
	return &memorySession{backend: m, status: TxIdle}, nil
}

type memorySession struct {
	backend *memory
	status  byte
}

func (s *memorySession) Close()         {}
func (s *memorySession) TxStatus() byte { return s.status }

func (s *memorySession) Split(sql string) ([]Statement, error) {
	var out []Statement
	at := 0
	for part := range strings.SplitSeq(sql, ";") {
		if text := strings.TrimSpace(part); text != "" {
			out = append(out, Statement{text, at + strings.Index(part, text)})
		}
		at += len(part) + 1
	}
	return out, nil
}

func (s *memorySession) Prepare(
	_ context.Context, sql string, _ []uint32,
) (Prepared, error) {
	words := strings.Fields(sql)
	p := &memoryPrepared{session: s, words: words}
	number := Column{"i", value.Of(value.Int8)}
	switch strings.ToUpper(words[0]) {
	case "ROWS", "SINGLE":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, errorf("22023", "bad count")
		}
		p.n = n
		p.columns = []Column{number, {"t", value.Of(value.Text)}}
	case "ECHO":
		for _, w := range words[1:] {
			elem, array := strings.CutSuffix(w, "[]")
			k, ok := value.KindByName(elem)
			t := value.Of(k)
			if array {
				t = value.ArrayOf(t)
			}
			if !ok {
				return nil, errorf("42704", "type %q does not exist", w)
			}
			p.params = append(p.params, t)
			p.columns = append(p.columns, Column{w, t})
		}
	case "ALL":
		for _, d := range everyKind {
			p.columns = append(p.columns, Column{d.Kind.String(), typeOf(d)})
		}
	case "COPY", "DRIP":
		p.columns = []Column{number}
		if words[0] == "COPY" {
			p.columns = append(p.columns, Column{"t", value.Of(value.Text)})
		}
	case "FAIL", "NOTE", "WAIT", "BEGIN", "COMMIT":
	default:
		return nil, &Error{
			SQLState: "42601", Position: 1,
			Message: fmt.Sprintf("syntax error at or near %q", words[0]),
		}
	}
	return p, nil
}

// typeOf is the type of a value that is not NULL.
func typeOf(d value.Datum) value.Type {
	if d.Kind == value.Array {
		return value.ArrayOf(value.Of(value.ArrayElem(d)))
	}
	return value.Of(d.Kind)
}

var everyKind = []value.Datum{
	value.NewBool(true), value.NewInt(value.Int2, -2), value.NewInt4(4), value.NewInt8(-8),
	mustNumeric("1234567.8900"), value.NewFloat(value.Float4, 1.5),
	value.NewFloat(value.Float8, -0.1), value.NewText("grün"), value.NewBytea([]byte{0, 255}),
	value.NewDate(20000), value.NewInt(value.Time, 3_723_000_001),
	value.NewTimestamp(1_700_000_000_123_456), value.NewTimestampTZ(1_700_000_000_000_000),
	value.NewInterval(value.IntervalValue{Months: 14, Days: 3, Micros: 5_000_000}),
	value.NewBytes(value.UUID, []byte("0123456789abcdef")),
	{Kind: value.JSONB, S: `{"a": 1}`},
	value.NewArray(value.Of(value.Int4), []value.Datum{value.NewInt4(1), {}, value.NewInt4(-3)}),
}

func mustNumeric(s string) value.Datum {
	d, err := value.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return value.NewDecimal(d)
}

type memoryPrepared struct {
	session *memorySession
	words   []string
	params  []value.Type
	columns []Column
	n       int
}

func (p *memoryPrepared) CopiesOut() bool      { return p.words[0] == "COPY" }
func (p *memoryPrepared) Params() []value.Type { return p.params }
func (p *memoryPrepared) Columns() []Column    { return p.columns }

func (p *memoryPrepared) Execute(
	ctx context.Context, args []value.Datum, out RowWriter,
) (string, error) {
	verb := strings.ToUpper(p.words[0])
	switch verb {
	case "ROWS":
		return p.tag(p.batches(out))
	case "SINGLE":
		for i := range p.n {
			if err := out.Row(numbered(i)); err != nil {
				return "", err
			}
		}
		return p.tag(nil)
	case "ECHO":
		return "SELECT 1", out.Row(args)
	case "ALL":
		return "SELECT 1", out.Row(everyKind)
	case "COPY":
		rows := [][]value.Datum{
			{value.NewInt8(1), value.NewText("a\tb\\c\nd\re\b\f\vü")},
			{value.NewInt8(2), value.NullDatum},
		}
		types := []value.Type{p.columns[0].Type, p.columns[1].Type}
		if err := out.Row(rows[0]); err != nil {
			return "", err
		}
		return "COPY 2", out.Batch(batch.FromRows(types, rows[1:], nil))
	case "FAIL":
		return "", &Error{
			SQLState: "22012", Message: "division by zero", Detail: "some detail",
			Hint: "some hint", Position: len([]rune(p.words[0])) + 2,
		}
	case "NOTE":
		return verb, out.Notice(&Error{SQLState: "00000", Message: "take note"})
	case "BEGIN":
		p.session.status = TxBlock
	case "COMMIT":
		p.session.status = TxIdle
	case "DRIP":
		if err := out.Row([]value.Datum{value.NewInt8(1)}); err != nil {
			return "", err
		}
		if err := out.(Flusher).Flush(); err != nil {
			return "", err
		}
		fallthrough
	case "WAIT":
		<-ctx.Done()
		p.session.backend.stopped <- ctx.Err()
		return "", fmt.Errorf("wait: %w", ctx.Err())
	}
	return verb, nil
}

func (p *memoryPrepared) tag(err error) (string, error) {
	return "SELECT " + strconv.Itoa(p.n), err
}

func numbered(i int) []value.Datum {
	if i%7 == 3 {
		return []value.Datum{value.NewInt8(int64(i)), value.NullDatum}
	}
	return []value.Datum{value.NewInt8(int64(i)), value.NewText("row " + strconv.Itoa(i))}
}

func (p *memoryPrepared) batches(out RowWriter) error {
	types := []value.Type{p.columns[0].Type, p.columns[1].Type}
	for lo := 0; lo < p.n; lo += 1000 {
		var rows [][]value.Datum
		for i := lo; i < min(lo+1000, p.n); i++ {
			rows = append(rows, numbered(i))
		}
		if err := out.Batch(batch.FromRows(types, rows, nil)); err != nil {
			return err
		}
	}
	return nil
}

// serve starts a server and returns its address.
func serve(t *testing.T, m *memory, l Limits) (addr string, s *Server) {
	t.Helper()
	if m.stopped == nil {
		m.stopped = make(chan error, 16)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = New(Config{Backend: m, Version: "test", Limits: l})
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if n := s.Sessions(); n != 0 {
			t.Errorf("%d sessions after shutdown", n)
		}
	})
	return ln.Addr().String(), s
}
