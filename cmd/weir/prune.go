package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/node/config"
	"weir/node/home"
)

func (sh *shell) pruneCommand() *cobra.Command {
	var keep uint64
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old heights from a stopped node's home",
		Long: "Removes from --home what lies more than --keep heights below the newest checkpoint,\n" +
			"and compacts its stores. A running node prunes by itself, as ledger.history_blocks of\n" +
			"weir.toml says; this is for a home that is to shrink at once. Two checkpoints always\n" +
			"stay, and blocks that evidence of misbehaviour may still name.",
		Example: "  weir prune --home /srv/weir\n  weir prune --home /srv/weir --keep 1000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := sh.homeDir()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("keep") {
				c, err := config.Load(dir)
				if err != nil {
					return err
				}
				keep = c.Ledger.HistoryBlocks
			}
			r, err := home.Prune(dir, keep)
			if err != nil {
				return err
			}
			return sh.print(r, func() {
				fmt.Fprintf(sh.out, "kept: checkpoints from %d on, blocks from %d on\n", r.Checkpoint,
					r.Block)
				fmt.Fprintf(sh.out, "freed %d bytes, %d are left; %d blocks were removed\n",
					int64(r.Before)-int64(r.After), r.After, r.Blocks)
			})
		},
	}
	cmd.Flags().Uint64Var(&keep, "keep", 0, "heights to keep (default: history_blocks of weir.toml)")
	return cmd
}
