package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weir/testnet"
)

// upWait is how long a network may take to answer.
const upWait = time.Minute

func (sh *shell) testnetUpCommand(f *testnetFlags) *cobra.Command {
	var nodes, basePort int
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Make a network of -n validators, or start the one that is there",
		Long: "Starts a process for each validator and returns once all answer. They run until\n" +
			"weir testnet down. Node i has every port 10*i above those of node 0.",
		Example: "  weir testnet up -n 4\n  weir testnet up -n 7 --dir /tmp/seven --base-port 30000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			net, err := sh.openOrCreate(f, nodes, basePort)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), upWait)
			defer cancel()
			if err := startAll(ctx, net); err != nil {
				return errors.Join(err, net.Down())
			}
			return sh.print(net, func() { sh.printConnect(net) })
		},
	}
	cmd.Flags().IntVarP(&nodes, "nodes", "n", 4, "validators of a new network, 1 to 32")
	cmd.Flags().IntVar(&basePort, "base-port", 0,
		"first port of node 0 (default: the usual ports if they are free, else free ones)")
	return cmd
}

// openOrCreate finds the network of the directory or makes a new one.
func (sh *shell) openOrCreate(f *testnetFlags, nodes, basePort int) (*testnet.Network, error) {
	dir, err := f.directory(sh)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err == nil {
		return testnet.Open(dir)
	}
	ports := testnet.PortsAt(basePort)
	if basePort == 0 {
		if ports, err = testnet.FreePorts(nodes); err != nil {
			return nil, err
		}
	}
	return testnet.Create(testnet.Options{
		Dir: dir, ChainID: "weir-testnet", Nodes: nodes, Ports: ports, Homes: sh.parts.homes,
	})
}

// startAll starts the nodes that do not run and waits until all answer.
func startAll(ctx context.Context, net *testnet.Network) error {
	for i := range net.Nodes {
		if net.Running(i) {
			continue
		}
		if err := net.Start(i, false); err != nil {
			return err
		}
	}
	for i := range net.Nodes {
		if _, err := net.WaitReady(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// printConnect says how to use a network.
func (sh *shell) printConnect(net *testnet.Network) {
	n := net.Nodes[0]
	fmt.Fprintf(sh.out, "%s run in %s\n"+
		"  psql -h 127.0.0.1 -p %d -U weir weir\n"+
		"  weir sql --home %s --node %s -c \"SELECT 1\"\n",
		count(len(net.Nodes), "validator"), net.Dir, n.Ports.PG, net.Dir, n.HTTP())
}
