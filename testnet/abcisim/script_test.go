package abcisim

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"weir/app"
	"weir/app/auth"
	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/sql"
	"weir/stream/value"
)

// script runs SQL against two nodes. The second one crashes before every command, and so
// executes much of the history again; both must agree after each block, and every live view must
// be what the oracle makes of its inputs.
type script struct {
	*sim
	t     *testing.T
	done  *app.Committed          // the last block of the first node
	seqs  map[uint32]*scriptedSeq // lanes of the writer
	rows  int                     // inserted by the command rows
	as    int                     // schema version of batches; 0: the newest
	fleet bool                    // the role that sends: else weir
}

type scriptedSeq struct {
	last uint64
	hash [32]byte
}

// TestScripts runs the scenarios of testdata/sql. The commands:
//
//	network [parameter=n ...]: starts over with these parameters
//	exec [atomic] [version=n] [fleet]: statements, each a body and a block of its own, or all one;
//	  rows of streams are sent under a schema version; as a role that may create, not govern
//	query: a SELECT over the first node
//	paths: where a SELECT reads
//	indexes: every index
//	explain: EXPLAIN on the first node
//	status: the state of every view
//	erasures: what was erased
//	blocks n=3 [wait=60]: empty blocks, after so many seconds
//	rows n=10: inserts so many rows of one integer into a column
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/sql", func(t *testing.T, path string) {
		var x *script
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if x == nil || d.Cmd == "network" {
				x = newScript(t, d)
			}
			x.t = t
			return x.command(d)
		})
	})
}

// scriptWindow is how many heights the nodes of a script can go back to.
const scriptWindow = 200

func newScript(t *testing.T, d *datadriven.TestData) *script {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 17))
	x := &script{sim: &sim{rng: rng, now: start}, t: t, seqs: map[uint32]*scriptedSeq{}}
	var err error
	if x.world, err = newWorld(rng); err != nil {
		t.Fatal(err)
	}
	var g auth.Genesis
	if err := json.Unmarshal(x.world.appState, &g); err != nil {
		t.Fatal(err)
	}
	g.Roles[0].Rights = []string{"CREATE"}
	g.Roles[1].Keys[0].Key = auth.Key(x.world.owner.Public().(ed25519.PublicKey))
	if d.Cmd == "network" {
		for _, a := range d.CmdArgs {
			if err := setParameter(&g.Parameters, a.Key, a.Vals[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if x.world.appState, err = json.Marshal(g); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		n := newNode()
		n.window = scriptWindow
		if i == 0 {
			n.committed = func(c *app.Committed) { x.done = c }
		}
		if err := x.open(n); err != nil {
			t.Fatal(err)
		}
		x.nodes = append(x.nodes, n)
	}
	return x
}

func setParameter(p *auth.Parameters, name, val string) error {
	return json.Unmarshal([]byte(fmt.Sprintf("{%q: %s}", name, val)), p)
}

func (x *script) command(d *datadriven.TestData) string {
	if err := x.crash(x.nodes[1]); err != nil {
		x.t.Fatal(err)
	}
	switch d.Cmd {
	case "network":
		return ""
	case "exec":
		x.as, x.fleet = 0, d.HasArg("fleet")
		d.MaybeScanArgs(x.t, "version", &x.as)
		return x.exec(d.Input, d.HasArg("atomic"))
	case "query":
		return x.query(d.Input)
	case "paths":
		return x.paths(d.Input)
	case "indexes":
		return describeIndexes(x.nodes[0].app.Snapshot())
	case "explain":
		return x.explain(d.Input)
	case "rows":
		n := 0
		d.ScanArgs(x.t, "n", &n)
		x.rows += n
		return x.exec("INSERT INTO "+d.Input+" VALUES "+manyRows(x.rows-n, n), false)
	case "blocks":
		n := 1
		wait := 0
		d.MaybeScanArgs(x.t, "n", &n)
		d.MaybeScanArgs(x.t, "wait", &wait)
		x.now = x.now.Add(time.Duration(wait) * time.Second)
		for range n {
			x.block(nil)
		}
		return ""
	case "status":
		return x.status()
	case "erasures":
		var out strings.Builder
		for _, e := range x.nodes[0].app.Snapshot().Erasures() {
			fmt.Fprintf(&out, "%d offsets %d to %d, %d batches, height %d, within %ds, done %d\n",
				e.Stream, e.First, e.Last, e.Batches, e.Height,
				(e.DeadlineMicros-e.AtMicros)/1_000_000, e.Done)
		}
		return out.String()
	}
	return "unknown command " + d.Cmd
}

// exec sends statements.
func (x *script) exec(text string, atomic bool) string {
	raws, err := sql.Parse(text)
	if err != nil {
		return describe(err)
	}
	var out strings.Builder
	var ops []*weirv1.Operation
	for _, r := range raws {
		op, payload, err := x.operation(r)
		if err != nil {
			out.WriteString(describe(err))
			continue
		}
		if atomic {
			ops = append(ops, op)
			continue
		}
		said := x.notices(r)
		out.WriteString(x.send([]*weirv1.Operation{op}, payload) + said)
	}
	if atomic {
		out.WriteString(x.send(ops, nil))
	}
	return out.String()
}

// operation turns a statement into what a gateway makes of it: rows of a stream become a batch.
func (x *script) operation(r sql.Raw) (*weirv1.Operation, []byte, error) {
	snap := x.nodes[0].app.Snapshot()
	cat := catalog.New()
	if snap != nil {
		cat = snap.Catalog
	}
	st, err := sql.Bind(r, cat, sql.Options{Role: "weir"})
	in, ok := st.(*sql.Insert)
	if err != nil || !ok || in.Kind != catalog.Stream {
		return tx.StatementOp(r.Text), nil, nil // what is wrong with it the block will say
	}
	def := cat.ByID(in.Target)
	rows := make([][]value.Datum, len(in.Rows))
	for i, list := range in.Rows {
		for _, e := range list {
			v, fault := expr.EvalRow(e, nil, expr.Env{Now: snap.TimeMicros})
			if fault != nil {
				return nil, nil, fault
			}
			rows[i] = append(rows[i], v)
		}
	}
	if in.Rows == nil {
		res, err := snap.Query(in.Source)
		if err != nil {
			return nil, nil, err
		}
		rows = res.Rows
	}
	return x.batchOf(def, rows)
}

func (x *script) batchOf(def *catalog.Relation, rows [][]value.Datum) (
	*weirv1.Operation, []byte, error,
) {
	var types []value.Type
	version := def.Version
	if x.as > 0 {
		version = uint32(x.as)
	}
	for _, c := range def.Columns {
		if c.Since <= version {
			types = append(types, c.Type)
		}
	}
	for i := range rows {
		rows[i] = rows[i][:len(types)]
	}
	payload := row.EncodePayload(batch.FromRows(types, rows, nil).Cols, len(rows))
	s := x.seqs[def.ID]
	if s == nil {
		s = &scriptedSeq{}
		x.seqs[def.ID] = s
	}
	op := tx.AppendOp(tx.Spec{
		Relation: def.ID, SchemaVersion: version, Writer: "script", FirstSeq: s.last + 1,
		Rows: uint32(len(rows)), Previous: s.hash, Payload: payload,
	})
	s.last += uint64(len(rows))
	s.hash = [32]byte(op.GetAppend().GetRows().GetPayloadHash())
	return op, payload, nil
}

// sign makes the transaction of one body.
func (x *script) sign(ops []*weirv1.Operation, payload []byte) []byte {
	x.world.nonce++
	payloads := [][]byte{}
	if payload != nil {
		payloads = append(payloads, payload)
	}
	key, role := x.world.owner, "weir"
	if x.fleet {
		key, role = x.world.writers[0].key, "fleet"
	}
	raw, err := tx.Sign(key, x.world.domain, &weirv1.Header{
		Role: role, ValidUntil: uint64(len(x.history) + 100), Nonce: x.world.nonce,
		Operations: ops,
	}, payloads)
	if err != nil {
		x.t.Fatal(err)
	}
	return raw
}

// send runs one body in one block.
func (x *script) send(ops []*weirv1.Operation, payload []byte) string {
	x.block([][]byte{x.sign(ops, payload)})
	res := x.done.Txs[0]
	if res.Rejected != nil {
		return describe(res.Rejected)
	}
	var out strings.Builder
	for _, op := range res.Ops {
		fmt.Fprintf(&out, "ok %d\n", op.Rows)
		for _, r := range op.Returned {
			out.WriteString(line(r))
		}
		for _, n := range op.Notices {
			fmt.Fprintf(&out, "NOTICE %s: %s\n", n.SQLState, n.Message)
		}
	}
	return out.String()
}

// block runs one block on both nodes and checks every live view.
func (x *script) block(txs [][]byte) {
	x.t.Helper()
	x.now = x.now.Add(time.Second)
	if err := x.execute(txs); err != nil {
		x.t.Fatal(err)
	}
	if err := x.checkViews(); err != nil {
		x.t.Fatal(err)
	}
	if err := checkIndexes(x.nodes[0].app.Snapshot()); err != nil {
		x.t.Fatal(err)
	}
}

// manyRows is the rest of an INSERT of n rows of one integer, from a number on.
func manyRows(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("(%d)", from+i)
	}
	return strings.Join(list, ",")
}

// paths says where a query reads.
func (x *script) paths(text string) string {
	snap := x.nodes[0].app.Snapshot()
	raws, err := sql.Parse(text)
	if err != nil {
		return describe(err)
	}
	st, err := sql.Bind(raws[0], snap.Catalog, sql.Options{Role: "weir"})
	if err != nil {
		return describe(err)
	}
	return describePaths(snap, st.(*sql.Select).Plan)
}

func (x *script) query(text string) string {
	snap := x.nodes[0].app.Snapshot()
	raws, err := sql.Parse(text)
	if err != nil {
		return describe(err)
	}
	st, err := sql.Bind(raws[0], snap.Catalog, sql.Options{Role: "weir"})
	if err != nil {
		return describe(err)
	}
	sel := st.(*sql.Select)
	if err := snap.Readable(sel.Plan); err != nil {
		return describe(err)
	}
	res, err := snap.Query(sel.Plan)
	if err != nil {
		return describe(err)
	}
	var out strings.Builder
	notices, err := snap.Notices(sel.Plan)
	if err != nil {
		return describe(err)
	}
	for _, n := range notices {
		fmt.Fprintf(&out, "NOTICE %s: %s\nHINT: %s\n", n.SQLState, n.Message, n.Hint)
	}
	for _, r := range res.Rows {
		vals := make([]value.Datum, len(res.Visible))
		for i, v := range res.Visible {
			vals[i] = r[v]
		}
		out.WriteString(line(vals))
	}
	return out.String()
}

func (x *script) status() string {
	var out strings.Builder
	snap := x.nodes[0].app.Snapshot()
	names := map[catalog.State]string{
		catalog.Live: "live", catalog.Backfilling: "backfilling", catalog.Suspended: "suspended",
	}
	for _, r := range snap.Catalog.All() {
		st, _ := snap.Status(r.ID)
		if r.Kind == catalog.View || r.Kind == catalog.Stream && len(st.CompleteFrom) > 0 {
			fmt.Fprintf(&out, "%d %s %s %s", r.ID, r.Name, names[st.State], st.Reason)
			if len(st.CompleteFrom) > 0 {
				fmt.Fprintf(&out, " complete from %d", st.CompleteFrom)
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

func line(vals []value.Datum) string {
	parts := make([]string, len(vals))
	for i, d := range vals {
		parts[i] = "NULL"
		if !d.IsNull() {
			parts[i] = string(value.AppendText(nil, d))
		}
	}
	return "  " + strings.Join(parts, " | ") + "\n"
}

// describe writes a refusal as a client sees it.
func describe(err error) string {
	state, msg, detail, hint := "?????", err.Error(), "", ""
	switch e := err.(type) {
	case *sql.Error:
		state, msg, detail, hint = e.SQLState, e.Message, e.Detail, e.Hint
	case *tx.Reject:
		state, msg, detail, hint = e.SQLState, e.Message, e.Detail, e.Hint
	case *value.Error:
		state, msg = e.SQLState, e.Msg
	}
	out := fmt.Sprintf("ERROR %s: %s\n", state, msg)
	if detail != "" {
		out += "DETAIL: " + detail + "\n"
	}
	if hint != "" {
		out += "HINT: " + hint + "\n"
	}
	return out
}
