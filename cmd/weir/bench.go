package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/internal/term"
	"weir/testnet"
	"weir/testnet/bench"
)

func (sh *shell) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "bench",
		Short:   "Measure the engine, the ledger, or a whole network",
		Example: "  weir bench engine\n  weir bench state --keys 1000000\n  weir bench network -n 4",
		Args:    cobra.NoArgs,
		RunE:    needSubcommand,
	}
	cmd.AddCommand(sh.benchEngineCommand(), sh.benchNexmarkCommand(), sh.benchStateCommand(),
		sh.benchNetworkCommand(), sh.benchJoinCommand())
	return cmd
}

func (sh *shell) benchEngineCommand() *cobra.Command {
	var events int
	cmd := &cobra.Command{
		Use:     "engine",
		Short:   "Measure the stream engine on one core, without consensus or disk",
		Example: "  weir bench engine --events 1000000 --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if events < 1 {
				return usagef("--events is at least 1")
			}
			figures, err := sh.parts.benchEngine(cmd.Context(), events)
			if err != nil {
				return err
			}
			return sh.printFigures(figures)
		},
	}
	cmd.Flags().IntVar(&events, "events", 1_000_000, "events per query")
	return cmd
}

// benchNetworkFlags are the flags of weir bench network.
type benchNetworkFlags struct {
	nodes    int
	duration time.Duration
	writers  int
	batch    int
}

func (sh *shell) benchNetworkCommand() *cobra.Command {
	var f benchNetworkFlags
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Measure commit latency and throughput of a network of -n validators",
		Long: "Starts a network of processes on this machine, measures it idle, at light load and at\n" +
			"full load, and removes it.",
		Example: "  weir bench network -n 4 --duration 10s\n  weir bench network --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return sh.benchNetwork(cmd.Context(), f) },
	}
	cmd.Flags().IntVarP(&f.nodes, "nodes", "n", 4, "validators, 1 to 32")
	cmd.Flags().DurationVar(&f.duration, "duration", 5*time.Second, "of each of the four phases")
	cmd.Flags().IntVar(&f.writers, "writers", 4, "concurrent writers at full load, 1 to 64")
	cmd.Flags().IntVar(&f.batch, "batch", 1000, "rows in a batch at full load, 1 to 8192")
	return cmd
}

func (sh *shell) benchNetwork(ctx context.Context, f benchNetworkFlags) (err error) {
	cfg := bench.Config{
		Role: testnet.OwnerRole, Phase: f.duration, Writers: f.writers, Batch: f.batch,
	}
	if err := cfg.Check(); err != nil {
		return usageError{err}
	}
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ports, err := testnet.FreePorts(f.nodes)
	if err != nil {
		return err
	}
	net, err := testnet.Create(testnet.Options{
		Dir: filepath.Join(dir, "network"), ChainID: "weir-bench", Nodes: f.nodes, Ports: ports,
		Homes: sh.parts.homes,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, net.Down()) }()
	for i := range net.Nodes {
		if err := net.Start(i, true); err != nil {
			return err
		}
	}
	wait, cancel := context.WithTimeout(ctx, upWait)
	defer cancel()
	for i := range net.Nodes {
		if _, err := net.WaitReady(wait, i); err != nil {
			return err
		}
	}
	cfg.Nodes = net.URLs()
	if cfg.Key, err = client.HomeKeys(net.Dir).Load(testnet.OwnerKey); err != nil {
		return err
	}
	figures, err := bench.Network(ctx, cfg)
	if err != nil {
		return err
	}
	return sh.printFigures(figures)
}

// printFigures writes measurements as a table or JSON.
func (sh *shell) printFigures(figures []bench.Figure) error {
	return sh.print(figures, func() {
		rows := make([][]string, len(figures))
		for i, f := range figures {
			rows[i] = []string{f.Name, fmt.Sprintf("%.1f", f.Value), f.Unit}
		}
		term.Table(sh.out, []string{"measure", "value", "unit"}, rows, []bool{false, true})
	})
}
