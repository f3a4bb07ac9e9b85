package node_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"weir/client"
	"weir/client/verify"
	"weir/consensus"
	"weir/node/home"
)

// shortEvidence makes evidence of the network expire soon. It is called before the first start.
func (n *network) shortEvidence(t *testing.T, blocks int64, age time.Duration) {
	t.Helper()
	path := filepath.Join(n.home, "config", "genesis.json")
	doc, err := types.GenesisDocFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc.ConsensusParams.Evidence.MaxAgeNumBlocks = blocks
	doc.ConsensusParams.Evidence.MaxAgeDuration = age
	if err := doc.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

// TestPruning runs a real node with a small window over many blocks. Its disk levels off, the
// blocks above the oldest checkpoint stay, a proof that goes back to genesis still verifies, and
// the home is sound, can be audited, and shrinks by weir prune.
func TestPruning(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 10 })
	n.shortEvidence(t, 20, 100*time.Millisecond)
	n.history = 30
	n.start(t)
	c := n.connect(t)
	run(t, c, "CREATE TABLE", "CREATE TABLE names (id bigint PRIMARY KEY, name text)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW counted AS "+
		"SELECT count(*) AS n FROM names")
	for i := range 200 {
		run(t, c, "INSERT 0 1", "INSERT INTO names VALUES ($1, $2)", int64(i), fmt.Sprint("n", i))
	}
	checkProof(t, n, "SELECT n FROM counted", 200)
	checkUsage(t, n)
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	s, err := consensus.OpenStores(n.home)
	if err != nil {
		t.Fatal(err)
	}
	base, height := s.Base(), s.Height()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := home.Check(t.Context(), n.home, 1, nil)
	if err != nil || r.Problems > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if base < 100 || uint64(base) > r.Oldest || height-base > 100 {
		t.Errorf("blocks %d to %d are stored, checkpoints from %d on", base, height, r.Oldest)
	}
	if r.Newest-r.Oldest < 30 || r.Newest-r.Oldest > 30+2*(64+20) {
		t.Errorf("checkpoints %d to %d are kept", r.Oldest, r.Newest)
	}
	a, err := home.Audit(t.Context(), n.home, home.AuditOptions{})
	if err != nil || a.Fault != nil {
		t.Errorf("audit: %+v, %v", a, err)
	}
	p, err := home.Prune(n.home, 0)
	if err != nil || p.Checkpoint <= r.Oldest || p.After >= p.Before {
		t.Errorf("prune: %+v, %v", p, err)
	}
	if r, err = home.Check(t.Context(), n.home, 1, nil); err != nil || r.Problems > 0 ||
		r.Checkpoints != 2 {
		t.Errorf("after prune: %+v, %v", r, err)
	}
	n.start(t)
	checkProof(t, n, "SELECT n FROM counted", 200)
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
}

// checkProof proves the one number that a query answers, with nothing trusted but genesis.
func checkProof(t *testing.T, n *network, query string, want int64) {
	t.Helper()
	file, root := n.prove(t, query)
	rep, err := verify.Verify(file, root, verify.Options{})
	if err != nil || len(rep.Answer.Rows) != 1 || rep.Answer.Rows[0][0].I != want {
		t.Fatalf("the proof: %+v, %v", rep, err)
	}
}

// checkUsage reads what a running node says of its disk.
func checkUsage(t *testing.T, n *network) {
	t.Helper()
	cl, err := client.New("http://" + n.http)
	if err != nil {
		t.Fatal(err)
	}
	st, err := cl.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := uint64(0)
	for _, d := range st.Disk {
		total += d.Bytes
		if d.Part == "blocks" && d.Bytes == 0 {
			t.Error("blocks take no room")
		}
	}
	if total < 10_000 || st.OldestHeight < 100 || st.OldestBlock < 100 ||
		st.OldestBlock > st.OldestHeight || st.Cache.Pages == 0 {
		t.Errorf("%+v", st)
	}
}
