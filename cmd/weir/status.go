package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
)

func (sh *shell) statusCommand() *cobra.Command {
	var nodes []string
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Ask a node who it is and how far it has come",
		Example: "  weir status\n  weir status --node http://127.0.0.1:9358 --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := client.New(nodes...)
			if err != nil {
				return usageError{err}
			}
			st, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			return sh.print(st, func() { sh.printStatus(st) })
		},
	}
	nodeFlag(cmd, &nodes)
	return cmd
}

// printStatus writes a status for people.
func (sh *shell) printStatus(st *api.Status) {
	state := "in step"
	if st.CatchingUp {
		state = "catching up"
	}
	for _, l := range []struct {
		name  string
		value any
	}{
		{"chain", st.ChainID},
		{"genesis hash", st.GenesisHash},
		{"node", fmt.Sprintf("%s, version %s", st.Moniker, st.Version)},
		{"validator", st.Validator},
		{"height", fmt.Sprintf("%d, %s", st.Height, state)},
		{"block time", st.BlockTime.UTC().Format(time.RFC3339Nano)},
		{"app hash", st.AppHash},
		{"checkpoint", st.CheckpointHeight},
		{"oldest", fmt.Sprintf("height %d, block %d", st.OldestHeight, st.OldestBlock)},
		{"peers", st.Peers},
		{"pool", fmt.Sprintf("%d transactions, %d bytes", st.PoolTxs, st.PoolBytes)},
		{"page cache", fmt.Sprintf("%d pages, %s of %s, %d read from disk", st.Cache.Pages,
			size(uint64(st.Cache.Bytes)), size(uint64(st.Cache.Budget)), st.Cache.Loads)},
	} {
		fmt.Fprintf(sh.out, "%-13s %v\n", l.name, l.value)
	}
	total := uint64(0)
	for _, d := range st.Disk {
		total += d.Bytes
	}
	fmt.Fprintf(sh.out, "%-13s %s\n", "disk", size(total))
	for _, d := range st.Disk {
		fmt.Fprintf(sh.out, "  %-19s %s\n", d.Part, size(d.Bytes))
	}
}

// size writes a number of bytes for people.
func size(n uint64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for x >= 1024 && i < len(units)-1 {
		x /= 1024
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}
