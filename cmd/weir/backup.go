package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/node/backup"
	"weir/node/config"
)

func (sh *shell) backupCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Write the last checkpoint of a node to a folder",
		Long: "Writes the last checkpoint of the node of --home, and the blocks since, to a folder.\n" +
			"The folder keeps earlier backups; only what changed since is written.\n" + besideHelp,
		Example: "  weir backup --home /srv/weir --to /backups/weir",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usagef("--to names the folder of the backup")
			}
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			return sh.beside(cmd.Context(), home, func(home string) error {
				return sh.backup(cmd.Context(), home, to)
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "folder of the backup; it is made")
	return cmd
}

func (sh *shell) backup(ctx context.Context, home, to string) error {
	c, err := config.Load(home)
	if err != nil {
		return err
	}
	bar := sh.byteBar()
	res, err := backup.Take(ctx, backup.Options{
		Home: home, To: to, Window: c.Ledger.HistoryBlocks, Progress: bar.done,
	})
	bar.finish()
	if err != nil {
		return err
	}
	return sh.print(res, func() {
		fmt.Fprintf(sh.out, "height %d: %d of %d parts written, %d of %d bytes\n",
			res.Height, res.PartsWritten, res.Parts, res.BytesWritten, res.Bytes)
	})
}

// byteBar is a bar whose length is known when the first bytes are done.
type byteBar struct {
	sh   *shell
	bar  *term.Progress
	have uint64
}

func (sh *shell) byteBar() *byteBar { return &byteBar{sh: sh} }

func (b *byteBar) done(total, done uint64) {
	if b.bar == nil {
		b.bar = term.NewProgress(b.sh.err, "bytes", total)
	}
	b.bar.Add(done - b.have)
	b.have = done
}

func (b *byteBar) finish() {
	if b.bar != nil {
		b.bar.Finish()
	}
}
