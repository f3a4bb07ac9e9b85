package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/app/auth"
	"weir/client"
	"weir/consensus"
	"weir/node"
	"weir/node/config"
)

// member is a node of a network in this process.
type member struct {
	network
	rpc string
}

// runMember runs a node of a home on the ports from port on; PG and HTTP come behind CometBFT's.
func runMember(t *testing.T, home string, port int, key ed25519.PrivateKey, name string) *member {
	t.Helper()
	m := &member{network: network{
		home: home, pg: loopback(port + 2), http: loopback(port + 3), key: key,
	}, rpc: loopback(port + 1)}
	m.run(name)
	t.Cleanup(func() {
		if err := m.stop(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// run starts the node.
func (m *member) run(name string) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- node.Run(ctx, node.Options{
			Home: m.home, Name: name, Gateway: m.key, PG: m.pg, HTTP: m.http,
			Ledger: config.Ledger{HistoryBlocks: 50, CacheMiB: 64, SnapshotBlocks: 1},
		})
	}()
	m.stop = func() error { cancel(); return <-ended }
}

// makeValidators makes and runs four validators that make a checkpoint every few blocks.
func makeValidators(t *testing.T) (nodes []*member, homes []consensus.Home, base int) {
	t.Helper()
	params := auth.DefaultParameters()
	params.CheckpointBlocks = 3
	g := auth.Genesis{Parameters: params, Roles: []auth.Role{{
		Name: "weir", Rights: []string{"CREATE", "GOVERN"}, Gateways: []string{auth.AnyWriter},
		Keys: []auth.RoleKey{},
	}}}
	var keys []ed25519.PrivateKey
	for i := range 4 {
		pub, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
		g.Gateways = append(g.Gateways, auth.Gateway{
			Node: fmt.Sprintf("node%d", i), Key: auth.Key(pub),
		})
	}
	appState, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	for base = 20_000; !manyFree(base, 5); base += 10 {
		if base > 30_000 {
			t.Fatal("no free ports")
		}
	}
	homes, err = consensus.InitNetwork(t.TempDir(), 4, base, appState, "join-test")
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range homes {
		nodes = append(nodes, runMember(t, h.Dir, base+10*i, keys[i], fmt.Sprintf("node%d", i)))
	}
	return nodes, homes, base
}

// header asks a node's CometBFT for the hash of a header.
func header(t *testing.T, rpc string, height int64) []byte {
	t.Helper()
	var r struct {
		Result struct {
			SignedHeader struct {
				Commit struct {
					BlockID struct {
						Hash string `json:"hash"`
					} `json:"block_id"`
				} `json:"commit"`
			} `json:"signed_header"`
		} `json:"result"`
	}
	get(t, fmt.Sprintf("http://%s/commit?height=%d", rpc, height), &r)
	hash, err := hex.DecodeString(r.Result.SignedHeader.Commit.BlockID.Hash)
	if err != nil || len(hash) != 32 {
		t.Fatalf("hash of header %d: %v", height, err)
	}
	return hash
}

func get(t *testing.T, url string, to any) {
	t.Helper()
	// A connection that was kept would lead to the server of a node that has been stopped since.
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(to); err != nil {
		t.Fatal(err)
	}
}

// waitHeight waits until a node has a height, and returns its app hash.
func waitHeight(t *testing.T, m *member, height int64) []byte {
	t.Helper()
	c, err := client.New("http://" + m.http)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var last error
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); {
		st, err := c.Status(t.Context())
		if err == nil && st.Height >= height {
			h, err := c.AppHash(t.Context(), height)
			if err != nil {
				t.Fatal(err)
			}
			return h.AppHash
		}
		last = fmt.Errorf("%+v, %w", st, err)
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("height %d does not come: %v", height, last)
	return nil
}

// TestJoinByStateSync lets a fifth node join a running network of four without a block that is
// below its snapshot; then it has the views and app hashes of the others.
func TestJoinByStateSync(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five nodes for some seconds")
	}
	nodes, homes, base := makeValidators(t)
	waitHeight(t, nodes[0], 1)
	c := nodes[0].connect(t)
	run(t, c, "CREATE STREAM", `CREATE STREAM readings (meter text, at timestamp, kwh int,
		WATERMARK FOR at AS at - INTERVAL '5 minutes')`)
	run(t, c, "CREATE MATERIALIZED VIEW", `CREATE MATERIALIZED VIEW usage AS
		SELECT meter, count(*) AS n, sum(kwh) AS total FROM readings GROUP BY meter`)
	run(t, c, "CREATE INDEX", "CREATE INDEX ON usage (total DESC, n)")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	insert := func(n int) {
		for i := range n {
			run(t, c, "INSERT 0 1", "INSERT INTO readings VALUES ($1, $2, $3)",
				fmt.Sprintf("m%d", i%3), at.Add(time.Duration(i)*time.Hour), int32(i))
		}
	}
	insert(14)
	fifth := joinFifth(t, nodes, homes, base+40)
	insert(3)
	st := statusOf(t, nodes[0])
	if want, got := waitHeight(t, nodes[0], st), waitHeight(t, fifth, st); !bytes.Equal(want, got) {
		t.Fatalf("height %d: app hash %x, the others have %x", st, got, want)
	}
	insert(5)
	st = statusOf(t, nodes[0])
	if want, got := waitHeight(t, nodes[3], st), waitHeight(t, fifth, st); !bytes.Equal(want, got) {
		t.Fatalf("height %d: app hash %x, the others have %x", st, got, want)
	}
	rows := func(m *member) string { return usageRows(t, &m.network) }
	if a, b := rows(nodes[1]), rows(fifth); a != b || a == "" {
		t.Errorf("the view is %q, at the others %q", b, a)
	}
	first := earliest(t, fifth)
	if first < 5 {
		t.Errorf("its first block is %d: it has replayed", first)
	}
	// It falls behind, and starts over with its ledger alone.
	stopNode(t, &fifth.network)
	for _, name := range []string{"blockstore.db", "state.db", "evidence.db", "cs.wal"} {
		if err := os.RemoveAll(filepath.Join(fifth.home, "data", name)); err != nil {
			t.Fatal(err)
		}
	}
	insert(9)
	fifth.run("node4")
	insert(2)
	st = statusOf(t, nodes[0])
	if want, got := waitHeight(t, nodes[2], st), waitHeight(t, fifth, st); !bytes.Equal(want, got) {
		t.Fatalf("height %d: app hash %x, the others have %x", st, got, want)
	}
	if a, b := rows(nodes[1]), rows(fifth); a != b {
		t.Errorf("the view is %q, at the others %q", b, a)
	}
	insert(1) // should the snapshot have been of the last block
	if second := earliest(t, fifth); second <= first {
		t.Errorf("its first block is %d, was %d: it has replayed", second, first)
	}
}

// earliest is the first block that a node has. The application stands at the snapshot a moment
// before CometBFT does and has any.
func earliest(t *testing.T, m *member) (height int64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); height == 0 && time.Now().Before(end); {
		height = earliestNow(t, m)
	}
	return height
}

func earliestNow(t *testing.T, m *member) (height int64) {
	t.Helper()
	var s struct {
		Result struct {
			Sync struct {
				Earliest string `json:"earliest_block_height"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	get(t, "http://"+m.rpc+"/status", &s)
	if _, err := fmt.Sscan(s.Result.Sync.Earliest, &height); err != nil {
		t.Fatal(err)
	}
	return height
}

// joinFifth makes and runs a fifth node, which trusts the header of height 2.
func joinFifth(t *testing.T, nodes []*member, homes []consensus.Home, port int) *member {
	t.Helper()
	genesis, err := os.ReadFile(filepath.Join(homes[0].Dir, "config", "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	var peers []string
	for _, h := range homes {
		peers = append(peers, h.Peer)
	}
	joined, err := consensus.InitHome(consensus.InitOptions{
		Home: t.TempDir(), Port: port, Genesis: genesis, Peers: peers,
		Join: &consensus.Join{
			RPC: []string{nodes[0].rpc, nodes[1].rpc}, Height: 2, Hash: header(t, nodes[2].rpc, 2),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return runMember(t, joined.Dir, port, key, "node4")
}

func statusOf(t *testing.T, m *member) int64 {
	t.Helper()
	c, err := client.New("http://" + m.http)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Height
}

// manyFree tells whether the ports of that many nodes are free.
func manyFree(base, nodes int) bool {
	for i := range nodes {
		for j := range 4 {
			if !free(base + 10*i + j) {
				return false
			}
		}
	}
	return true
}
