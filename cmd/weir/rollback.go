package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/node/home"
)

func (sh *shell) rollbackCommand() *cobra.Command {
	var to uint64
	var hard bool
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Move a stopped node back to an earlier checkpoint",
		Long: "Moves the ledger in --home back to its newest checkpoint at or below --to, or to the\n" +
			"one before the newest. The next start executes the stored blocks above it again: use\n" +
			"it when this node alone has another app hash than the network, after the cause (a\n" +
			"binary, a disk) was replaced. With --hard the blocks above --to are removed as well,\n" +
			"and fetched from peers again: use it when a stored block is damaged. Never use --hard\n" +
			"on more than a third of the power of a network at once, nor on a network of one.",
		Example: "  weir rollback --home /srv/weir\n  weir rollback --home /srv/weir --to 1200\n" +
			"  weir rollback --home /srv/weir --to 1200 --hard",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if hard && to == 0 {
				return usagef("--hard needs --to")
			}
			dir, err := sh.homeDir()
			if err != nil {
				return err
			}
			r, err := home.Rollback(dir, to, hard)
			if err != nil {
				return err
			}
			return sh.print(r, func() {
				fmt.Fprintf(sh.out, "the ledger is at checkpoint %d, was at %d\n", r.Checkpoint, r.From)
				if r.Removed > 0 {
					fmt.Fprintf(sh.out, "%d blocks were removed\n", r.Removed)
				}
				fmt.Fprintf(sh.out, "the next start executes %d stored blocks again, up to %d\n",
					r.Execute, r.Blocks)
			})
		},
	}
	cmd.Flags().Uint64Var(&to, "to", 0, "height to go back to (0: the checkpoint before the newest)")
	cmd.Flags().BoolVar(&hard, "hard", false, "remove the blocks above --to as well")
	return cmd
}
