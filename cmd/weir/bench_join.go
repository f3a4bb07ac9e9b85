package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
	"weir/consensus"
	"weir/internal/term"
	"weir/node/config"
	"weir/testnet"
	"weir/testnet/bench"
)

// maxBenchMiB bounds what weir bench join loads.
const maxBenchMiB = 1 << 20

func (sh *shell) benchJoinCommand() *cobra.Command {
	var mib uint64
	cmd := &cobra.Command{
		Use:   "join",
		Short: "Measure state sync and restart with much state",
		Long: "Starts a validator as a process on this machine, loads --mib of payload into a stream\n" +
			"with two views, and stops, kills and starts it again. Then a second process joins by\n" +
			"state sync. Figures are from the start of a process until it answers at the tip, with\n" +
			"an app hash that the other has too. All is removed at the end.",
		Example: "  weir bench join --mib 512\n  weir bench join --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if mib < 1 || mib > maxBenchMiB {
				return usagef("--mib is %d, not 1 to %d", mib, maxBenchMiB)
			}
			figures, err := sh.benchJoin(cmd.Context(), mib)
			if err != nil {
				return err
			}
			return sh.printFigures(figures)
		},
	}
	cmd.Flags().Uint64Var(&mib, "mib", 1024, "payload in MiB")
	return cmd
}

// benchJoin runs the measurement.
func (sh *shell) benchJoin(ctx context.Context, mib uint64) (figures []bench.Figure, err error) {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ports, err := testnet.FreePorts(2)
	if err != nil {
		return nil, err
	}
	net, err := testnet.Create(testnet.Options{
		Dir: filepath.Join(dir, "network"), ChainID: "weir-bench", Nodes: 1, Ports: ports,
		Homes: sh.parts.homes,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, net.Down()) }()
	if err := snapshotOften(net.Nodes[0].Home); err != nil {
		return nil, err
	}
	first := &timedNode{net: net, index: 0}
	if _, err := first.start(ctx); err != nil {
		return nil, err
	}
	rows, err := sh.fill(ctx, net, mib)
	if err != nil {
		return nil, err
	}
	figures = append(figures, bench.Figure{Name: "rows", Value: float64(rows), Unit: "rows"})
	st, err := first.restart(ctx, net.Stop)
	if err != nil {
		return nil, err
	}
	figures = append(figures, first.took("restart after a stop"))
	if st, err = first.restart(ctx, net.Kill); err != nil {
		return nil, err
	}
	figures = append(figures, first.took("restart after a kill"))
	for _, p := range st.Disk {
		figures = append(figures, bench.Figure{
			Name: "on disk: " + p.Part, Value: float64(p.Bytes) / (1 << 20), Unit: "MiB",
		})
	}
	second, err := joinBeside(ctx, net, ports.Node(1), filepath.Join(dir, "joined"))
	if err != nil {
		return nil, err
	}
	if st, err = second.start(ctx); err != nil {
		return nil, err
	}
	figures = append(figures, second.took("state sync, to the tip"))
	return figures, sameHash(ctx, net, st)
}

// fill loads the network's only node with a progress bar.
func (sh *shell) fill(ctx context.Context, net *testnet.Network, mib uint64) (uint64, error) {
	key, err := client.HomeKeys(net.Dir).Load(testnet.OwnerKey)
	if err != nil {
		return 0, err
	}
	bar := term.NewProgress(sh.err, "bytes", mib<<20)
	defer bar.Finish()
	return bench.Fill(ctx, bench.FillConfig{
		Nodes: net.URLs(), Key: key, Role: testnet.OwnerRole, Bytes: mib << 20, Progress: bar.Add,
	})
}

// snapshotOften makes a node offer each of its checkpoints.
func snapshotOften(home string) error {
	c, err := config.Load(home)
	if err != nil {
		return err
	}
	c.Ledger.SnapshotBlocks = 1
	return c.Write(home)
}

// timedNode is a node whose starts are timed.
type timedNode struct {
	net   *testnet.Network
	index int
	last  time.Duration
}

func (n *timedNode) start(ctx context.Context) (*api.Status, error) {
	begun := time.Now()
	if err := n.net.Start(n.index, true); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	st, err := n.net.WaitFor(wait, n.index, func(st *api.Status) bool {
		return !st.CatchingUp && (n.index == 0 || st.Height > 0)
	})
	n.last = time.Since(begun)
	return st, err
}

func (n *timedNode) restart(ctx context.Context, end func(i int) error) (*api.Status, error) {
	if err := end(n.index); err != nil {
		return nil, err
	}
	return n.start(ctx)
}

func (n *timedNode) took(name string) bench.Figure {
	return bench.Figure{Name: name, Value: n.last.Seconds(), Unit: "s"}
}

// joinBeside makes the home of a second node that trusts what the first says now.
func joinBeside(
	ctx context.Context, net *testnet.Network, ports testnet.Ports, home string,
) (*timedNode, error) {
	st, err := net.WaitReady(ctx, 0)
	if err != nil {
		return nil, err
	}
	if st.CheckpointHeight < 1 {
		return nil, errors.New("the node has no checkpoint yet")
	}
	rpc := loopback(net.Nodes[0].Ports.RPC)
	id, hash, err := trusted(ctx, rpc, st.CheckpointHeight)
	if err != nil {
		return nil, err
	}
	genesis, err := os.ReadFile(net.Genesis())
	if err != nil {
		return nil, err
	}
	f := joinFlags{name: "joined", peers: []string{id + "@" + loopback(net.Nodes[0].Ports.P2P)}}
	join := &consensus.Join{RPC: []string{rpc}, Height: st.CheckpointHeight, Hash: hash}
	if _, err := f.make(home, ports, genesis, join); err != nil {
		return nil, err
	}
	net.Nodes = append(net.Nodes, &testnet.Node{Index: 1, Home: home, Ports: ports})
	return &timedNode{net: net, index: 1}, nil
}

// trusted asks a node's CometBFT for its id and the hash of a header.
func trusted(ctx context.Context, rpc string, height int64) (id string, hash []byte, err error) {
	var status struct {
		Result struct {
			Node struct{ ID string } `json:"node_info"`
		}
	}
	if err := getJSON(ctx, "http://"+rpc+"/status", &status); err != nil {
		return "", nil, err
	}
	var commit struct {
		Result struct {
			Header struct {
				Commit struct {
					ID struct{ Hash string } `json:"block_id"`
				}
			} `json:"signed_header"`
		}
	}
	url := fmt.Sprintf("http://%s/commit?height=%d", rpc, height)
	if err := getJSON(ctx, url, &commit); err != nil {
		return "", nil, err
	}
	if hash, err = hex.DecodeString(commit.Result.Header.Commit.ID.Hash); err != nil {
		return "", nil, fmt.Errorf("the hash of a header: %w", err)
	}
	return status.Result.Node.ID, hash, nil
}

func getJSON(ctx context.Context, url string, to any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the node: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(to); err != nil {
		return fmt.Errorf("ask the node: %w", err)
	}
	return nil
}

// sameHash checks that the first node has the state of the one that joined.
func sameHash(ctx context.Context, net *testnet.Network, joined *api.Status) error {
	c, err := client.New(net.Nodes[0].HTTP())
	if err != nil {
		return err
	}
	defer c.Close()
	want, err := c.AppHash(ctx, joined.Height)
	if err != nil {
		return err
	}
	if string(want.AppHash) != string(joined.AppHash) {
		return fmt.Errorf("at height %d the joined node has %x, the other %x", joined.Height,
			joined.AppHash, want.AppHash)
	}
	return nil
}
