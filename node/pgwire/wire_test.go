package pgwire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/batch"
	"weir/stream/value"
)

// client speaks the protocol message by message.
type client struct {
	t  *testing.T
	nc net.Conn
	f  *pgproto3.Frontend
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	return &client{t, nc, pgproto3.NewFrontend(nc, nc)}
}

// login dials and goes through startup.
func login(t *testing.T, addr string) *client {
	t.Helper()
	c := dial(t, addr)
	c.send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"},
	})
	c.until("Z")
	return c
}

func (c *client) send(ms ...pgproto3.FrontendMessage) {
	c.t.Helper()
	for _, m := range ms {
		c.f.Send(m)
	}
	if err := c.f.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// short names a message by its type byte, errors with their code.
func short(m pgproto3.BackendMessage) string {
	switch m := m.(type) {
	case *pgproto3.ErrorResponse:
		return "E" + m.Code
	case *pgproto3.CommandComplete:
		return "C(" + string(m.CommandTag) + ")"
	case *pgproto3.ReadyForQuery:
		return "Z" + string(m.TxStatus)
	}
	b, err := m.Encode(nil)
	if err != nil {
		return err.Error()
	}
	return string(b[0])
}

// until reads up to a message whose name begins with end and returns all names.
func (c *client) until(end string) string {
	c.t.Helper()
	return c.read(func(_, last string) bool { return strings.HasPrefix(last, end) })
}

// expect reads as much as want has and compares.
func (c *client) expect(want string) {
	c.t.Helper()
	got := c.read(func(all, _ string) bool { return len(all) >= len(want) })
	if got != want {
		c.t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func (c *client) read(enough func(all, last string) bool) string {
	c.t.Helper()
	all := ""
	for {
		m, err := c.f.Receive()
		if err != nil {
			c.t.Fatalf("after %s: %v", all, err)
		}
		if e, ok := m.(*pgproto3.ErrorResponse); ok {
			c.t.Log(e.Message)
		}
		last := short(m)
		all = strings.TrimPrefix(all+" "+last, " ")
		if enough(all, last) {
			return all
		}
	}
}

func query(sql string) pgproto3.FrontendMessage { return &pgproto3.Query{String: sql} }

func ask(portal string, rows uint32) pgproto3.FrontendMessage {
	return &pgproto3.Execute{Portal: portal, MaxRows: rows}
}

func TestSimpleSequences(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := login(t, addr)
	for sql, want := range map[string]string{
		"":                      "I ZI",
		" ; ":                   "I ZI",
		"SINGLE 2":              "T D D C(SELECT 2) ZI",
		"NOTE; ROWS 1; FAIL x;": "N C(NOTE) T D C(SELECT 1) E22012 ZI",
		"ECHO int4":             "E42P02 ZI",
		"nonsense":              "E42601 ZI",
		"ROWS \xff":             "E22021 ZI",
	} {
		c.send(query(sql))
		c.expect(want)
	}
	c.send(query("BEGIN"))
	c.expect("C(BEGIN) ZT")
	c.send(&pgproto3.FunctionCall{})
	c.expect("E0A000 ZT")
	c.send(&pgproto3.CopyDone{}, query("COMMIT"))
	c.expect("C(COMMIT) ZI")
}

func TestPortals(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := login(t, addr)
	all := &pgproto3.Describe{ObjectType: 'P'}
	c.send(&pgproto3.Parse{Query: "ROWS 5"}, &pgproto3.Bind{}, all, ask("", 2), ask("", 2),
		ask("", 2), ask("", 2), &pgproto3.Sync{})
	c.expect("1 2 T D D s D D s D C(SELECT 5) E55000 ZI")

	c.send(query("BEGIN"))
	c.expect("C(BEGIN) ZT")
	c.send(&pgproto3.Parse{Name: "s", Query: "SINGLE 4"},
		&pgproto3.Bind{PreparedStatement: "s", DestinationPortal: "a"},
		&pgproto3.Bind{PreparedStatement: "s", DestinationPortal: "b"},
		ask("a", 1), ask("b", 2), &pgproto3.Sync{})
	c.expect("1 2 2 D s D D s ZT")
	c.send(ask("a", 0), ask("b", 1), &pgproto3.Close{ObjectType: 'P', Name: "b"}, ask("b", 1),
		ask("a", 1), &pgproto3.Sync{})
	c.expect("D D D C(SELECT 4) D s 3 E34000 ZT")
	c.send(&pgproto3.Bind{PreparedStatement: "s", DestinationPortal: "c"}, ask("c", 1),
		&pgproto3.Bind{PreparedStatement: "s", DestinationPortal: "c"}, &pgproto3.Sync{})
	c.expect("2 D s E42P03 ZT")
	c.send(query("COMMIT")) // ends the suspended portal
	c.expect("C(COMMIT) ZI")
	c.send(ask("c", 1), &pgproto3.Sync{})
	c.expect("E34000 ZI")
}

func TestExtendedErrors(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := login(t, addr)
	bind := func(b pgproto3.Bind) *pgproto3.Bind { b.PreparedStatement = "e"; return &b }
	parse := &pgproto3.Parse{Name: "e", Query: "ECHO int4 text"}
	c.send(parse, &pgproto3.Describe{ObjectType: 'S', Name: "e"}, &pgproto3.Sync{})
	c.expect("1 t T ZI")
	two := [][]byte{[]byte("1"), []byte("x")}
	for _, x := range []struct {
		m    pgproto3.FrontendMessage
		want string
	}{
		{parse, "E42P05"},
		{&pgproto3.Parse{Query: "ROWS 1; ROWS 2"}, "E42601"},
		{&pgproto3.Parse{Query: "ROWS \xff"}, "E22021"},
		{&pgproto3.Bind{PreparedStatement: "no"}, "E26000"},
		{&pgproto3.Describe{ObjectType: 'S', Name: "no"}, "E26000"},
		{&pgproto3.Describe{ObjectType: 'P', Name: "no"}, "E34000"},
		{bind(pgproto3.Bind{}), "E08P01"},
		{bind(pgproto3.Bind{Parameters: two, ParameterFormatCodes: []int16{2}}), "E22023"},
		{bind(pgproto3.Bind{Parameters: two, ParameterFormatCodes: []int16{0, 0, 0}}), "E08P01"},
		{bind(pgproto3.Bind{Parameters: two, ResultFormatCodes: []int16{0, 0, 0}}), "E08P01"},
		{bind(pgproto3.Bind{Parameters: two, ParameterFormatCodes: []int16{1, 0}}), "E22P03"},
		{bind(pgproto3.Bind{Parameters: [][]byte{[]byte("x"), nil}}), "E22P02"},
		{bind(pgproto3.Bind{Parameters: [][]byte{nil, {0}}}), "E22021"},
	} {
		// What follows the failed message is skipped, a simple query too.
		c.send(x.m, ask("", 0), query("ROWS 1"), &pgproto3.Sync{})
		c.expect(x.want + " ZI")
	}
	c.send(&pgproto3.Parse{}, &pgproto3.Bind{}, &pgproto3.Describe{ObjectType: 'P'}, ask("", 0),
		&pgproto3.Close{ObjectType: 'S', Name: "no"}, &pgproto3.Sync{})
	c.expect("1 2 n I 3 ZI")
}

func TestCopyOut(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := login(t, addr)
	c.send(query("COPY; ROWS 1"))
	c.expect("H d d c C(COPY 2) T D C(SELECT 1) ZI")
	c.send(&pgproto3.Parse{Query: "COPY"}, &pgproto3.Bind{},
		&pgproto3.Describe{ObjectType: 'P'}, ask("", 1), &pgproto3.Sync{})
	c.expect("1 2 n H d d c C(COPY 2) ZI")
	conn := connect(t, addr, pgx.QueryExecModeExec).PgConn()
	var got bytes.Buffer
	tag, err := conn.CopyTo(t.Context(), &got, "COPY")
	if err != nil || tag.String() != "COPY 2" {
		t.Fatal(tag, err)
	}
	if want := "1\ta\\tb\\\\c\\nd\\re\\b\\f\\vü\n2\t\\N\n"; got.String() != want {
		t.Fatalf("%q, want %q", got.String(), want)
	}
}

// TestFlushAnswersWithoutSync: Flush alone must bring what is there.
func TestFlushAnswersWithoutSync(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := login(t, addr)
	c.send(&pgproto3.Parse{Query: "ROWS 1"}, &pgproto3.Flush{})
	c.expect("1")
	c.send(&pgproto3.Bind{}, ask("", 0), &pgproto3.Flush{})
	c.expect("2 D C(SELECT 1)")
}

func TestEncryptionAndVersions(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{})
	c := dial(t, addr)
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.GSSEncRequest{}, &pgproto3.SSLRequest{},
	} {
		c.send(m)
		var b [1]byte
		if _, err := io.ReadFull(c.nc, b[:]); err != nil || b[0] != 'N' {
			t.Fatalf("%q, %v", b, err)
		}
	}
	c.send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion32,
		Parameters:      map[string]string{"user": "u", "_pq_.x": "1"},
	})
	if got := c.until("Z"); !strings.HasPrefix(got, "v R S") {
		t.Fatal(got)
	}
	none := dial(t, addr)
	none.send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"database": "d"},
	})
	none.expect("E28000")
}

func TestRefusedSession(t *testing.T) {
	addr, _ := serve(t, &memory{refuse: errorf("28000", "role does not exist")}, Limits{})
	c := dial(t, addr)
	c.send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"},
	})
	c.expect("E28000")
	if _, err := c.f.Receive(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
}

func TestLimits(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{
		Connections: 2, Statements: 3, Portals: 2, MessageBytes: 100,
	})
	a := login(t, addr)
	b := login(t, addr)
	c := dial(t, addr)
	c.send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"},
	})
	c.expect("E53300")

	for i := range 3 {
		a.send(&pgproto3.Parse{Name: fmt.Sprint(i), Query: "ROWS 1"}, &pgproto3.Sync{})
		a.expect("1 ZI")
	}
	a.send(&pgproto3.Parse{Name: "4", Query: "ROWS 1"}, &pgproto3.Sync{})
	a.expect("E53400 ZI")
	bind := func(p string) pgproto3.FrontendMessage {
		return &pgproto3.Bind{PreparedStatement: "0", DestinationPortal: p}
	}
	a.send(bind("a"), bind("b"), bind("c"), &pgproto3.Sync{})
	a.expect("2 2 E53400 ZI")

	fits := "ROWS 1" + strings.Repeat(" ", 100-len("ROWS 1")-1) // and the final zero byte
	b.send(query(fits))
	b.expect("T D C(SELECT 1) ZI")
	b.send(query(fits + " "))
	b.expect("E54000")
	b.nc.Close()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		// The place is free again.
		d := dial(t, addr)
		d.send(&pgproto3.StartupMessage{
			ProtocolVersion: pgproto3.ProtocolVersion30,
			Parameters:      map[string]string{"user": "u"},
		})
		m, err := d.f.Receive()
		if err == nil && short(m) == "R" {
			return
		}
		d.nc.Close()
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("no place after a client has left")
}

func TestTimeLimits(t *testing.T) {
	addr, _ := serve(t, &memory{}, Limits{
		Startup: 50 * time.Millisecond, Message: 50 * time.Millisecond,
		Idle: 150 * time.Millisecond,
	})
	closed := func(c *client, want string) {
		t.Helper()
		start := time.Now()
		if want != "" {
			c.expect(want)
		} else if _, err := c.nc.Read(make([]byte, 1)); err == nil {
			t.Fatal("got an answer")
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Fatalf("closed after %v", d)
		}
	}
	slow := dial(t, addr)
	slow.nc.Write([]byte{0, 0})
	closed(slow, "")
	half := login(t, addr)
	half.nc.Write([]byte{'Q', 0, 0})
	closed(half, "E"+stateProtocol)
	closed(login(t, addr), "E"+stateIdle)
}

// TestSlowClient: a client that asks for much and reads nothing is cut off.
func TestSlowClient(t *testing.T) {
	addr, s := serve(t, &memory{}, Limits{Write: 100 * time.Millisecond})
	c := login(t, addr)
	c.send(query("ROWS 3000000"))
	for end := time.Now().Add(10 * time.Second); s.Sessions() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("still connected")
		}
	}
}

func TestDisconnectCancels(t *testing.T) {
	m := &memory{stopped: make(chan error, 1)}
	addr, _ := serve(t, m, Limits{})
	c := login(t, addr)
	c.send(query("DRIP"))
	c.expect("T D")
	c.nc.Close()
	select {
	case err := <-m.stopped:
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still running")
	}
}

func TestWrongCancelSecret(t *testing.T) {
	m := &memory{stopped: make(chan error, 1)}
	addr, s := serve(t, m, Limits{})
	c := login(t, addr)
	c.send(query("DRIP"))
	c.expect("T D")
	s.mu.Lock()
	var pid uint32
	for pid = range s.sessions {
		break
	}
	secret := s.sessions[pid].secret
	s.mu.Unlock()
	ask := func(secret []byte) {
		d := dial(t, addr)
		d.send(&pgproto3.CancelRequest{ProcessID: pid, SecretKey: secret})
		if n, err := d.nc.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Fatal("a cancel request has no answer")
		}
	}
	wrong := secret
	wrong[3] ^= 1
	ask(wrong[:])
	select {
	case <-m.stopped:
		t.Fatal("cancelled by a wrong secret")
	case <-time.After(20 * time.Millisecond):
	}
	ask(secret[:])
	c.expect("E57014 ZI")
}

func TestShutdown(t *testing.T) {
	m := &memory{stopped: make(chan error, 1)}
	addr, s := serve(t, m, Limits{})
	idle, busy := login(t, addr), login(t, addr)
	busy.send(query("DRIP"))
	busy.expect("T D")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	idle.expect("E57P01")
	busy.expect("E57014 ZI E57P01")
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Fatal("still listening")
	}
}

func FuzzMessages(f *testing.F) {
	encode := func(ms ...pgproto3.FrontendMessage) (b []byte) {
		for _, m := range ms {
			b, _ = m.Encode(b)
		}
		return b
	}
	f.Add(encode(query("ROWS 3"), &pgproto3.Terminate{}))
	f.Add(encode(&pgproto3.Parse{Query: "ECHO int4 numeric"}, &pgproto3.Bind{
		ParameterFormatCodes: []int16{0, 1}, Parameters: [][]byte{{'1'}, make([]byte, 8)},
	}, ask("", 1), &pgproto3.Sync{}))
	f.Add([]byte("B\x00\x00\x00\x05\x00"))
	s := New(Config{Backend: &memory{stopped: make(chan error, 16)}})
	start := encode(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"},
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Contains(bytes.ToUpper(b), []byte("WAIT")) ||
			bytes.Contains(bytes.ToUpper(b), []byte("DRIP")) || bytes.ContainsAny(b, "456789") {
			t.Skip("waits or large results")
		}
		here, there := net.Pipe()
		go io.Copy(io.Discard, here)
		done := make(chan struct{})
		go func() {
			newConn(s, there).run()
			close(done)
		}()
		here.SetWriteDeadline(time.Now().Add(10 * time.Second))
		here.Write(append(start[:len(start):len(start)], b...))
		here.Close()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("connection does not end")
		}
	})
}

func FuzzParseNumeric(f *testing.F) {
	for _, d := range edgeValues() {
		f.Add(appendBinary(nil, d))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parseNumeric(b)
		if err != nil {
			return
		}
		again, err := parseNumeric(appendNumeric(nil, d))
		if err != nil || again != d {
			t.Fatalf("%x: %v, then %v, %v", b, d, again, err)
		}
	})
}

// BenchmarkRows writes batches of 1000 rows of an int8 and a text.
func BenchmarkRows(b *testing.B) {
	const n = 1000
	columns := []Column{{"i", value.Of(value.Int8)}, {"t", value.Of(value.Text)}}
	w := &resultWriter{
		ctx: context.Background(), out: &output{conn: discard{}, timeout: time.Minute},
		columns: columns, formats: make([]int16, 2),
	}
	var rows [][]value.Datum
	for i := range n {
		rows = append(rows, numbered(i))
	}
	all := batch.FromRows([]value.Type{columns[0].Type, columns[1].Type}, rows, nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Batch(all); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
}

// discard is a client that takes everything.
type discard struct{ net.Conn }

func (discard) Write(p []byte) (int, error)      { return len(p), nil }
func (discard) SetWriteDeadline(time.Time) error { return nil }
