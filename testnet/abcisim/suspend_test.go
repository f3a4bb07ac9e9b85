package abcisim

import (
	"math/rand/v2"
	"testing"
	"time"

	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// suspender is one node with a stream, a view over it, and a view over that view; every block
// that changes something is a checkpoint.
type suspender struct {
	*sim
	t *testing.T
	n *node
}

func newSuspender(t *testing.T) *suspender {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 13))
	s := &sim{opts: Options{Nodes: 1}, rng: rng, now: start}
	var err error
	if s.world, err = newWorld(rng); err != nil {
		t.Fatal(err)
	}
	x := &suspender{s, t, newNode()}
	s.nodes = []*node{x.n}
	if err := s.open(x.n); err != nil {
		t.Fatal(err)
	}
	for _, sql := range schema {
		x.body(sql)
	}
	return x
}

// body runs one block with one body of statements, which must apply.
func (x *suspender) body(sqls ...string) {
	x.t.Helper()
	var ops []*weirv1.Operation
	for _, s := range sqls {
		ops = append(ops, tx.StatementOp(s))
	}
	x.world.nonce++
	raw, err := tx.Sign(x.world.owner, x.world.domain, &weirv1.Header{
		Role: "weir", ValidUntil: uint64(len(x.history) + 100), Nonce: x.world.nonce,
		Operations: ops,
	}, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	x.now = x.now.Add(time.Second)
	if err := x.execute([][]byte{raw}); err != nil {
		x.t.Fatal(err)
	}
	if code := x.history[len(x.history)-1].codes[0]; code != 0 {
		x.t.Fatalf("%q is refused with code %d", sqls, code)
	}
}

func (x *suspender) want(name string, want catalog.State) {
	x.t.Helper()
	snap := x.n.app.Snapshot()
	st, ok := snap.Status(snap.Catalog.Lookup(name).ID)
	if !ok || st.State != want {
		x.t.Errorf("%s has state %d (%s), want %d", name, st.State, st.Reason, want)
	}
}

// restart executes nothing again if the last block was a checkpoint.
func (x *suspender) restart() {
	x.t.Helper()
	for range 8 { // until a checkpoint has the suspension
		x.body("INSERT INTO meters VALUES ('x', 'y', 1)")
		x.body("DELETE FROM meters WHERE meter = 'x'")
	}
	if err := x.crash(x.n); err != nil {
		x.t.Fatal("restart: ", err)
	}
}

// TestRestartWithSuspendedInput: a node restarts from a checkpoint in which a view and the view
// that reads it are suspended, and both can be resumed.
func TestRestartWithSuspendedInput(t *testing.T) {
	x := newSuspender(t)
	x.body("ALTER MATERIALIZED VIEW totals SUSPEND")
	x.want("totals", catalog.Suspended)
	x.want("busy", catalog.Suspended)
	x.restart()
	x.want("totals", catalog.Suspended)
	x.want("busy", catalog.Suspended)
	x.body("ALTER MATERIALIZED VIEW totals RESUME", "ALTER MATERIALIZED VIEW busy RESUME")
	x.want("totals", catalog.Live)
	x.want("busy", catalog.Live)
	if err := x.checkViews(); err != nil {
		t.Error(err)
	}
}

// TestViewOverInputSuspendedInItsBody: one body suspends a view and creates another over it. The
// new view is suspended with it, the chain goes on, and both can be resumed after a restart.
func TestViewOverInputSuspendedInItsBody(t *testing.T) {
	x := newSuspender(t)
	x.body("ALTER MATERIALIZED VIEW totals SUSPEND",
		"CREATE MATERIALIZED VIEW late_comer AS SELECT meter, n FROM totals")
	x.want("late_comer", catalog.Suspended)
	x.restart()
	x.want("late_comer", catalog.Suspended)
	x.body("ALTER MATERIALIZED VIEW totals RESUME", "ALTER MATERIALIZED VIEW late_comer RESUME")
	x.want("late_comer", catalog.Live)
	if err := x.checkViews(); err != nil {
		t.Error(err)
	}
}

// TestBudgetSuspendsTheViewAlone: a view whose step makes more rows than the engine's limit is
// suspended with its dependents, says so in its status, and everything else goes on.
func TestBudgetSuspendsTheViewAlone(t *testing.T) {
	x := newSuspender(t)
	x.body(`CREATE MATERIALIZED VIEW pairs AS SELECT a.weir_offset AS x, b.weir_offset AS y
		FROM readings a JOIN readings b ON a.meter = b.meter`)
	x.body("CREATE MATERIALIZED VIEW of_pairs AS SELECT x, count(*) AS n FROM pairs GROUP BY x")
	const rows = 2000 // each meets each: more than two million pairs, though CHECK refuses some
	p := x.world.writers[0]
	cols := x.world.rows(p, rows)
	same := value.NewVec(value.Of(value.Text), rows)
	for range rows {
		same.AppendBytes([]byte("m0"))
	}
	cols[0] = same
	payload := row.EncodePayload(cols, rows)
	raw := x.world.sign(p.key, "fleet", uint64(len(x.history)+1), tx.AppendOp(tx.Spec{
		Relation: streamID, SchemaVersion: 1, Writer: p.name, FirstSeq: 1, Rows: rows,
		Payload: payload,
	}), payload)
	x.now = x.now.Add(12 * time.Hour) // so that the rows' times are not ahead
	if err := x.execute([][]byte{raw}); err != nil {
		t.Fatal(err)
	}
	if code := x.history[len(x.history)-1].codes[0]; code != 0 {
		t.Fatalf("the batch is refused with code %d", code)
	}
	x.want("pairs", catalog.Suspended)
	x.want("of_pairs", catalog.Suspended)
	x.want("totals", catalog.Live)
	x.restart()
	x.want("pairs", catalog.Suspended)
	if err := x.checkViews(); err != nil {
		t.Error(err)
	}
}
