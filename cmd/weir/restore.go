package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/node/backup"
)

func (sh *shell) restoreCommand() *cobra.Command {
	var o backup.RestoreOptions
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Make a node's data from a backup",
		Long: "Makes the data of --home, which has the network's configuration and keys, from a\n" +
			"backup. Every part is verified. The node then goes on from the height of the backup,\n" +
			"and gets the blocks since from its peers.",
		Example: "  weir restore /backups/weir --home /srv/weir\n" +
			"  weir restore /backups/weir --home /srv/weir --height 4096 --replace",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			bar := sh.byteBar()
			o.From, o.Home, o.Progress = args[0], home, bar.done
			res, err := backup.Restore(cmd.Context(), o)
			bar.finish()
			if err != nil {
				return err
			}
			return sh.print(res, func() {
				if res.Resumed {
					fmt.Fprintf(sh.out, "%s: the restore that was cut short is done\n", home)
					return
				}
				fmt.Fprintf(sh.out, "%s stands at height %d: %d parts, %d bytes\n", home,
					res.Height, res.Parts, res.Bytes)
				if o.Replace {
					fmt.Fprintf(sh.out, "what was there is in data.before-restore\n")
				}
			})
		},
	}
	flags := cmd.Flags()
	flags.Uint64Var(&o.Height, "height", 0, "height of the backup (default: the newest)")
	flags.BoolVar(&o.Replace, "replace", false, "put the home's data aside, if it has any")
	return cmd
}
