package node_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"weir/app/auth"
	"weir/client"
	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/consensus"
	"weir/node"
	"weir/node/config"
)

// network is one real validator in this process: consensus, disk, PostgreSQL wire, HTTP API.
type network struct {
	home, pg, http string
	key            ed25519.PrivateKey
	stop           func() error
	history        uint64 // heights that stay readable
	copies         int    // frozen copies at a time
	peer           string // its address for other nodes
}

// freePorts finds four free ports in a row, below those that the system hands out to connections.
func freePorts(t *testing.T) int {
	t.Helper()
	for base := 12_000 + 10*(os.Getpid()%500); base < 20_000; base += 10 {
		ok := true
		for i := range 4 {
			if !free(base + i) {
				ok = false
				break
			}
		}
		if ok {
			return base
		}
	}
	t.Fatal("no four free ports")
	return 0
}

func free(port int) bool {
	l, err := net.Listen("tcp", loopback(port))
	if err == nil {
		l.Close()
	}
	return err == nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

type parameters = auth.Parameters

// newNetwork makes a network and runs it in this process.
func newNetwork(t *testing.T) *network {
	t.Helper()
	n := makeNetwork(t, func(*parameters) {})
	n.start(t)
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// makeNetwork makes the home of a network of one.
func makeNetwork(t *testing.T, change func(*parameters)) *network {
	t.Helper()
	params := auth.DefaultParameters()
	change(&params)
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	appState, err := json.Marshal(auth.Genesis{
		Parameters: params,
		Gateways:   []auth.Gateway{{Node: "node0", Key: auth.Key(pub)}},
		Roles: []auth.Role{{
			Name: "weir", Rights: []string{"CREATE", "GOVERN"}, Gateways: []string{auth.AnyWriter},
			Keys: []auth.RoleKey{},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := &network{home: t.TempDir(), key: key}
	port := freePorts(t) // and the one above it for CometBFT
	h, err := consensus.InitHome(consensus.InitOptions{
		Home: n.home, Port: port, ChainID: "node-test", AppState: appState,
	})
	if err != nil {
		t.Fatal(err)
	}
	n.pg, n.http, n.peer = loopback(port+2), loopback(port+3), h.Peer
	return n
}

// start runs the node until stop and waits for its first answer.
func (n *network) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- node.Run(ctx, node.Options{
			Home: n.home, Name: "node0", Gateway: n.key, PG: n.pg, HTTP: n.http,
			Ledger: config.Ledger{HistoryBlocks: n.history, FrozenCopies: n.copies},
		})
	}()
	n.stop = func() error { cancel(); return <-ended }
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := pgx.Connect(context.Background(), n.url())
		if err == nil {
			_ = conn.Close(context.Background())
			return
		}
		select {
		case err := <-ended:
			t.Fatal("the node has ended: ", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the node does not answer: ", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (n *network) url() string { return fmt.Sprintf("postgres://weir@%s/weir", n.pg) }

func (n *network) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), n.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, c *pgx.Conn, tag, sql string, args ...any) {
	t.Helper()
	got, err := c.Exec(t.Context(), sql, args...)
	if err != nil || got.String() != tag {
		t.Fatalf("%s: %v, %v", sql, got, err)
	}
}

// wantState fails unless a statement is refused with an SQLSTATE.
func wantState(t *testing.T, c *pgx.Conn, state, sql string, args ...any) {
	t.Helper()
	_, err := c.Exec(t.Context(), sql, args...)
	if e, ok := err.(*pgconn.PgError); !ok || e.Code != state {
		t.Errorf("%s: %v, want SQLSTATE %s", sql, err, state)
	}
}

// TestNode walks through what a user of the PostgreSQL wire does, on a real node: DDL, rows with
// binary parameters, blocks, errors, reading one's own writes, a restart, and a proof.
func TestNode(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	n := newNetwork(t)
	c := n.connect(t)
	run(t, c, "CREATE STREAM", `CREATE STREAM readings (meter text, at timestamp, kwh numeric(12,3),
		WATERMARK FOR at AS at - INTERVAL '5 minutes')`)
	run(t, c, "CREATE MATERIALIZED VIEW", `CREATE MATERIALIZED VIEW usage AS
		SELECT meter, count(*) AS n, sum(kwh) AS total FROM readings GROUP BY meter`)
	run(t, c, "CREATE TABLE", `CREATE TABLE kinds (id int PRIMARY KEY, b bool, s smallint,
		l bigint, t text, d date, at timestamp, p numeric(10,2))`)

	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	run(t, c, "INSERT 0 1", "INSERT INTO readings VALUES ($1, $2, $3)", "m1", at, 1.5)
	run(t, c, "INSERT 0 1", "INSERT INTO readings VALUES ($1, $2, $3)", "m1", at, 2.25)
	run(t, c, "INSERT 0 1", "INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		int32(7), true, int16(-3), int64(1)<<40, "it's", at, at, "12.50")
	testValues(t, c, at)
	testBlocks(t, c)
	testRefusals(t, c)
	testReturning(t, c)
	testProof(t, n)
	testAlter(t, n, c)
	testHistory(t, n, c)
	testIndexes(t, n, c)
	testExplain(t, c)
	testRetention(t, n, c)
	testErase(t, c)
	testConsistency(t, n, c)

	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	n.start(t)
	c = n.connect(t)
	testValues(t, c, at)
}

// testRetention: a query over a stream that has forgotten rows says so, and a view keeps its own.
func testRetention(t *testing.T, n *network, c *pgx.Conn) {
	t.Helper()
	run(t, c, "CREATE STREAM", "CREATE STREAM short (n int) WITH (retention = '1 ms')")
	run(t, c, "CREATE MATERIALIZED VIEW",
		"CREATE MATERIALIZED VIEW long AS SELECT count(*) AS c FROM short")
	run(t, c, "INSERT 0 1", "INSERT INTO short VALUES (1)")
	time.Sleep(50 * time.Millisecond)
	run(t, c, "INSERT 0 1", "INSERT INTO short VALUES (2)")
	var told string
	cfg, err := pgx.ParseConfig(n.url())
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { told = n.Message }
	other, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(t.Context())
	var left int
	err = other.QueryRow(t.Context(), "SELECT count(*) FROM short").Scan(&left)
	if err != nil || left > 1 || !strings.Contains(told, "has forgotten its rows below offset") {
		t.Errorf("%d rows are left, told %q, %v", left, told, err)
	}
	var all int
	err = c.QueryRow(t.Context(), "SELECT c FROM long").Scan(&all)
	if err != nil || all != 2 {
		t.Errorf("the view has %d, %v", all, err)
	}
}

// testConsistency: the log of a stream, of which rows were erased and forgotten, only grows.
func testConsistency(t *testing.T, n *network, c *pgx.Conn) {
	t.Helper()
	genesis, err := os.ReadFile(filepath.Join(n.home, "config", "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := verify.ParseTrust("", genesis)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := client.New("http://" + n.http)
	if err != nil {
		t.Fatal(err)
	}
	st, err := cl.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"people", "short"} {
		run(t, c, "INSERT 0 1", "INSERT INTO "+stream+" SELECT NULL")
		file, err := cl.Consistency(t.Context(), stream, st.Height)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := verify.VerifyConsistency(file, root, verify.Options{})
		if err != nil || rep.Stream.Name != stream || rep.OldState.Size >= rep.NewState.Size ||
			rep.CompleteFrom == 0 || rep.Old.Height != st.Height {
			t.Errorf("%s: %+v, %v", stream, rep, err)
		}
	}
	if _, err := cl.Consistency(t.Context(), "usage", st.Height); err == nil {
		t.Error("a view has a log")
	}
}

// testErase: erased rows are absent at once, and SHOW ERASURES says what the node still has.
func testErase(t *testing.T, c *pgx.Conn) {
	t.Helper()
	run(t, c, "CREATE STREAM", "CREATE STREAM people (name text)")
	run(t, c, "INSERT 0 2", "INSERT INTO people VALUES ('ann'), ('bob')")
	run(t, c, "INSERT 0 1", "INSERT INTO people VALUES ('eve')")
	wantState(t, c, "22023", "ERASE FROM people WHERE weir_offset = 0")
	run(t, c, "ERASE", "ERASE FROM people WHERE weir_offset BETWEEN 0 AND 1")
	var left string
	err := c.QueryRow(t.Context(), "SELECT string_agg(name, ',') FROM people").Scan(&left)
	if err != nil || left != "eve" {
		t.Errorf("left are %q, %v", left, err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		var stream string
		var first, last, height int64
		var at, until time.Time
		var done *int64
		var inLedger, inBlocks bool
		err := c.QueryRow(t.Context(), "SHOW ERASURES").Scan(&stream, &first, &last, &height, &at,
			&until, &done, &inLedger, &inBlocks)
		if err != nil || stream != "people" || first != 0 || last != 1 || !inBlocks {
			t.Fatalf("%s %d %d, blocks %v: %v", stream, first, last, inBlocks, err)
		}
		if done != nil && *done > height && !inLedger {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the payloads are still in the ledger")
		}
		time.Sleep(20 * time.Millisecond)
		run(t, c, "INSERT 0 1", "INSERT INTO people VALUES ('eve')")
	}
}

// testValues reads what was written, in the types of Go.
func testValues(t *testing.T, c *pgx.Conn, at time.Time) {
	t.Helper()
	var rows int64
	var total string
	err := c.QueryRow(t.Context(), "SELECT n, total::text FROM usage WHERE meter = $1", "m1").
		Scan(&rows, &total)
	if err != nil || rows != 2 || total != "3.750" {
		t.Errorf("usage: %d, %s, %v", rows, total, err)
	}
	var b bool
	var s int16
	var l int64
	var text, price string
	var d, when time.Time
	err = c.QueryRow(t.Context(), "SELECT b, s, l, t, d, at, p::text FROM kinds WHERE id = 7").
		Scan(&b, &s, &l, &text, &d, &when, &price)
	if err != nil || !b || s != -3 || l != 1<<40 || text != "it's" || !d.Equal(at) ||
		!when.Equal(at) || price != "12.50" {
		t.Errorf("kinds: %v %d %d %q %v %v %s, %v", b, s, l, text, d, when, price, err)
	}
}

// testBlocks: a block is sent whole at COMMIT, forgotten at ROLLBACK, and refused if it fails.
func testBlocks(t *testing.T, c *pgx.Conn) {
	t.Helper()
	run(t, c, "BEGIN", "BEGIN")
	run(t, c, "INSERT 0 1", "INSERT INTO kinds (id, t) VALUES (1, 'one')")
	run(t, c, "INSERT 0 2", "INSERT INTO kinds (id, t) VALUES (2, 'two'), (3, 'three')")
	run(t, c, "COMMIT", "COMMIT")
	run(t, c, "BEGIN", "BEGIN")
	run(t, c, "INSERT 0 1", "INSERT INTO kinds (id, t) VALUES (4, 'four')")
	run(t, c, "ROLLBACK", "ROLLBACK")
	run(t, c, "BEGIN", "BEGIN")
	run(t, c, "INSERT 0 1", "INSERT INTO kinds (id, t) VALUES (5, 'five')")
	run(t, c, "INSERT 0 1", "INSERT INTO kinds (id, t) VALUES (1, 'again')")
	wantState(t, c, "23505", "COMMIT") // the whole block is refused
	run(t, c, "UPDATE 1", "UPDATE kinds SET t = $2 WHERE id = $1", int32(2), "zwei")
	run(t, c, "DELETE 1", "DELETE FROM kinds WHERE id = 3")
	run(t, c, "DELETE 0", "DELETE FROM kinds WHERE id = 99")
	var n int64
	err := c.QueryRow(t.Context(), "SELECT count(*) FROM kinds").Scan(&n)
	if err != nil || n != 3 {
		t.Errorf("%d rows after the blocks, %v, want 3", n, err)
	}
	run(t, c, "BEGIN", "BEGIN")
	run(t, c, "CREATE TABLE", "CREATE TABLE one (id int PRIMARY KEY)")
	run(t, c, "CREATE TABLE", "CREATE TABLE two (id int PRIMARY KEY)")
	run(t, c, "COMMIT", "COMMIT")
	run(t, c, "INSERT 0 1", "INSERT INTO two VALUES (1)")
}

// testRefusals: every refusal has PostgreSQL's SQLSTATE and leaves the session usable.
func testRefusals(t *testing.T, c *pgx.Conn) {
	t.Helper()
	for sql, state := range map[string]string{
		"SELEC 1":                                 "42601",
		"SELECT nobody FROM usage":                "42703",
		"SELECT * FROM nothing":                   "42P01",
		"SELECT 1/0":                              "22012",
		"INSERT INTO kinds (id) VALUES (1)":       "23505",
		"INSERT INTO kinds (id) VALUES (NULL)":    "23502",
		"INSERT INTO kinds (id) VALUES ('x')":     "22P02",
		"CREATE TABLE kinds (id int PRIMARY KEY)": "42P07",
		"DROP STREAM readings":                    "2BP01",
	} {
		wantState(t, c, state, sql)
	}
}

// testProof makes an evidence file over HTTP and checks it with nothing but the genesis file; no
// flipped byte of it gives another answer.
func testProof(t *testing.T, n *network) {
	t.Helper()
	file, root := n.prove(t, "SELECT meter, n, total FROM usage WHERE meter = 'm1'")
	rep, err := verify.Verify(file, root, verify.Options{})
	if err != nil || len(rep.Answer.Rows) != 1 || rep.Answer.Rows[0][1].I != 2 {
		t.Fatalf("the proof: %+v, %v", rep, err)
	}
	if len(file) > 10<<10 {
		t.Errorf("the evidence of one row has %d bytes", len(file))
	}
	for i := range file {
		file[i] ^= 0x10
		got, err := verify.Verify(file, root, verify.Options{})
		if err == nil && fmt.Sprint(got.Answer.Rows) != fmt.Sprint(rep.Answer.Rows) {
			t.Errorf("byte %d flipped: accepted with the answer %v", i, got.Answer.Rows)
		}
		file[i] ^= 0x10
	}
}

// prove fetches the evidence of a query, and what an offline verifier trusts.
func (n *network) prove(t *testing.T, query string) ([]byte, comet.Root) {
	t.Helper()
	genesis, err := os.ReadFile(filepath.Join(n.home, "config", "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := verify.ParseTrust("", genesis)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := client.New("http://" + n.http)
	if err != nil {
		t.Fatal(err)
	}
	file, err := cl.Prove(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return file, root
}

// testAlter: rows that were there before a column came read as its default, for the session that
// waits and for who verifies; a statement prepared before is refused when its columns change.
func testAlter(t *testing.T, n *network, c *pgx.Conn) {
	t.Helper()
	if _, err := c.Prepare(t.Context(), "all", "SELECT * FROM counted"); err != nil {
		t.Fatal(err)
	}
	run(t, c, "ALTER TABLE", "ALTER TABLE counted ADD COLUMN note text DEFAULT 'old'")
	run(t, c, "INSERT 0 1", "INSERT INTO counted VALUES ('new', 7, 'mine')")
	wantState(t, c, "0A000", "all")
	file, root := n.prove(t, "SELECT k, note FROM counted")
	rep, err := verify.Verify(file, root, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rep.Answer.Rows {
		got[r[0].S] = r[1].S
	}
	if len(got) != 3 || got["a"] != "old" || got["b"] != "old" || got["new"] != "mine" {
		t.Errorf("the proven rows are %v", got)
	}
}

// testExplain draws plans and circuits, of a query and of a view as it runs.
func testExplain(t *testing.T, c *pgx.Conn) {
	t.Helper()
	const count = "SELECT count(*) FROM usage"
	for query, want := range map[string][]string{
		"SELECT meter FROM usage":               {"Logical plan", "Rewritten plan", "Scan usage"},
		"(CIRCUIT) " + count:                    {"0 source usage", "<- 0"},
		"(CIRCUIT, FORMAT DOT) " + count:        {"digraph", "n0 -> n1"},
		"(FORMAT JSON) SELECT meter FROM usage": {`"label": "Scan usage [meter]"`},
		"ANALYZE " + count:                      {"source usage", "(rows: 1, time: ", "rows: 1"},
		"MATERIALIZED VIEW usage":               {"source readings", "1 entries", "state: live"},
		"(FORMAT JSON) MATERIALIZED VIEW usage": {`"state_entries": 1`},
	} {
		rows, err := c.Query(t.Context(), "EXPLAIN "+query)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		text := strings.Join(lines, "\n")
		for _, w := range want {
			if err != nil || !strings.Contains(text, w) {
				t.Errorf("%s: %v, no %q in\n%s", query, err, w, text)
			}
		}
	}
	wantState(t, c, "42809", "EXPLAIN MATERIALIZED VIEW readings")
}

// testReturning: the client sees the rows that the block made, in text and in binary, and the
// fields of a refusal.
func testReturning(t *testing.T, c *pgx.Conn) {
	t.Helper()
	run(t, c, "CREATE TABLE", "CREATE TABLE counted (k text PRIMARY KEY, n int DEFAULT 1)")
	const upsert = `INSERT INTO counted (k) VALUES ($1), ($2)
		ON CONFLICT (k) DO UPDATE SET n = counted.n + excluded.n RETURNING k, n`
	for round := int32(1); round <= 2; round++ {
		rows, err := c.Query(t.Context(), upsert, "b", "a")
		if err != nil {
			t.Fatal(err)
		}
		type counted struct {
			K string
			N int32
		}
		got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[counted])
		if err != nil || len(got) != 2 || got[0] != (counted{"b", round}) ||
			got[1] != (counted{"a", round}) || rows.CommandTag().String() != "INSERT 0 2" {
			t.Errorf("round %d: %v, %v, %v", round, got, rows.CommandTag(), err)
		}
	}
	var k string
	err := c.QueryRow(t.Context(), "UPDATE counted SET n = n * 2 WHERE n > 1 AND k < 'b' RETURNING k").
		Scan(&k)
	if err != nil || k != "a" {
		t.Errorf("UPDATE ... RETURNING: %q, %v", k, err)
	}
	err = c.QueryRow(t.Context(), "DELETE FROM counted WHERE k = 'zz' RETURNING k").Scan(&k)
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("DELETE of nothing ... RETURNING: %q, %v", k, err)
	}
	_, err = c.Exec(t.Context(), "INSERT INTO counted VALUES ('a', 1)")
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "23505" ||
		e.Detail != "Key (k)=(a) already exists." {
		t.Errorf("a duplicate key: %v", err)
	}
}
