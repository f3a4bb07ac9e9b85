package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/consensus"
	"weir/node/config"
	"weir/testnet"
)

// joinFlags are the flags of weir join.
type joinFlags struct {
	genesis, trust, name string
	peers, rpc           []string
	slot                 int
}

// joinResult is what weir join prints.
type joinResult struct {
	Home   string `json:"home"`
	Peer   string `json:"peer"` // how others reach it
	Height int64  `json:"trusted_height"`
}

func (sh *shell) joinCommand() *cobra.Command {
	var f joinFlags
	cmd := &cobra.Command{
		Use:   "join",
		Short: "Make the home of a node that joins a running network by state sync",
		Long: "Makes --home with the network's genesis file and keys of its own. When started, it\n" +
			"fetches a snapshot from its peers, verified under the header that --trust names,\n" +
			"and executes only the blocks since. Take the header from someone you trust.",
		Example: "  weir join --genesis genesis.json --peer 3f..a1@10.0.0.7:26656 " +
			"--rpc 10.0.0.7:26657 --rpc 10.0.0.8:26657 --trust 120000:9C..7F",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			res, err := f.makeHome(home)
			if err != nil {
				return err
			}
			return sh.print(res, func() {
				fmt.Fprintf(sh.out, "made %s\nrun it with: weir start --home %s\n", home, home)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.genesis, "genesis", "", "the network's genesis.json")
	flags.StringVar(&f.trust, "trust", "", "HEIGHT:HASH of a header that you trust")
	flags.StringSliceVar(&f.peers, "peer", nil, "id@host:port of a node; several")
	flags.StringSliceVar(&f.rpc, "rpc", nil, "host:port of a node's CometBFT RPC; two or more")
	flags.StringVar(&f.name, "name", "joined", "name of the node")
	flags.IntVar(&f.slot, "slot", 0,
		"number of the node on this machine: its ports are 10 times that higher")
	return cmd
}

// makeHome makes the home as the flags say.
func (f *joinFlags) makeHome(home string) (*joinResult, error) {
	if f.genesis == "" || len(f.peers) == 0 || len(f.rpc) == 0 {
		return nil, usagef("--genesis, --peer, --rpc and --trust say what network to join")
	}
	if f.slot < 0 || f.slot >= testnet.MaxNodes {
		return nil, usagef("--slot is %d, not 0 to %d", f.slot, testnet.MaxNodes-1)
	}
	if !trustedHeader.MatchString(f.trust) {
		return nil, usagef("--trust is HEIGHT:HASH of a header, not %q", f.trust)
	}
	number, text, _ := strings.Cut(f.trust, ":")
	height, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, usagef("--trust: %v", err)
	}
	hash, err := hex.DecodeString(text)
	if err != nil {
		return nil, usagef("--trust: %v", err)
	}
	genesis, err := os.ReadFile(f.genesis)
	if err != nil {
		return nil, err
	}
	join := &consensus.Join{RPC: f.rpc, Height: height, Hash: hash}
	return f.make(home, testnet.DefaultPorts().Node(f.slot), genesis, join)
}

// make makes the home.
func (f *joinFlags) make(
	home string, ports testnet.Ports, genesis []byte, join *consensus.Join,
) (*joinResult, error) {
	made, err := consensus.InitHome(consensus.InitOptions{
		Home: home, Port: ports.P2P, Genesis: genesis, Peers: f.peers, Join: join,
	})
	if err != nil {
		return nil, err
	}
	c := config.Default()
	c.Name = f.name
	c.Listen.PG, c.Listen.HTTP = loopback(ports.PG), loopback(ports.HTTP)
	if err := c.Write(home); err != nil {
		return nil, err
	}
	if _, err := client.HomeKeys(home).Create(testnet.GatewayKey); err != nil {
		return nil, err
	}
	return &joinResult{home, made.Peer, join.Height}, nil
}
