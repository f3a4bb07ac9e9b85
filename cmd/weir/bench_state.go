package main

import (
	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/testnet/statebench"
)

func (sh *shell) benchStateCommand() *cobra.Command {
	cfg := statebench.Config{}
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Measure the ledger: changes, checkpoints, proofs, restart",
		Long: "Loads a relation of --keys entries into a ledger on disk and changes it in blocks of\n" +
			"sorted net changes, half of them to keys that are there, with a checkpoint every so many\n" +
			"blocks and operator state beside it. Then it makes and verifies proofs, and opens the\n" +
			"store again. The store is temporary.",
		Example: "  weir bench state\n" +
			"  weir bench state --keys 10000000 --blocks 200\n" +
			"  weir bench state --operator-entries 10000000 --dir /mnt/fast --output json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.Check(); err != nil {
				return usageError{err}
			}
			bar := term.NewProgress(sh.err, "changes", uint64(cfg.Keys+cfg.Blocks*cfg.Batch))
			cfg.Progress = func(changes int) { bar.Add(uint64(changes)) }
			figures, err := statebench.State(cmd.Context(), cfg)
			bar.Finish()
			if err != nil {
				return err
			}
			return sh.printFigures(figures)
		},
	}
	cmd.Flags().StringVar(&cfg.Dir, "dir", "", "folder of the temporary store (default: the system's)")
	cmd.Flags().IntVar(&cfg.Keys, "keys", 1_000_000, "entries of the relation")
	cmd.Flags().IntVar(&cfg.Batch, "batch", 10_000, "changes of a block")
	cmd.Flags().IntVar(&cfg.Blocks, "blocks", 100, "blocks that are measured")
	cmd.Flags().IntVar(&cfg.Checkpoint, "checkpoint", 50, "blocks between two checkpoints")
	cmd.Flags().IntVar(&cfg.CacheMiB, "cache", 1024, "memory for stored pages in MiB")
	cmd.Flags().IntVar(&cfg.OperatorEntries, "operator-entries", 1_000_000,
		"entries of operator state; 0: none")
	return cmd
}
