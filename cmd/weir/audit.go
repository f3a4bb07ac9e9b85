package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/node/home"
)

func (sh *shell) auditCommand() *cobra.Command {
	var o home.AuditOptions
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Execute a node's blocks again and compare every app hash",
		Long: "Executes the blocks stored in --home again, from its newest checkpoint at or below\n" +
			"--from, beside the ledger, which stays as it is. Every app hash and every hash of\n" +
			"results is compared with the header that follows, every kept checkpoint with the state\n" +
			"executed. Exit status 0 means that all agree. The home of a restored backup will do.\n" +
			besideHelp,
		Example: "  weir audit --home /srv/weir\n  weir audit --home /srv/weir --from 1200 --to 5000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.From < 0 || o.To < 0 || o.To > 0 && o.To < o.From {
				return usagef("--from and --to are heights, in this order")
			}
			dir, err := sh.homeDir()
			if err != nil {
				return err
			}
			return sh.beside(cmd.Context(), dir, func(dir string) error {
				return sh.audit(cmd.Context(), dir, o)
			})
		},
	}
	cmd.Flags().Int64Var(&o.From, "from", 0, "height to begin at (0: the oldest kept checkpoint)")
	cmd.Flags().Int64Var(&o.To, "to", 0, "height to end at (0: the last block)")
	return cmd
}

func (sh *shell) audit(ctx context.Context, dir string, o home.AuditOptions) error {
	bar := &bar{out: sh.err, unit: "blocks"}
	o.Progress = bar.set
	r, err := home.Audit(ctx, dir, o)
	bar.finish()
	if err != nil {
		return err
	}
	if err := sh.print(r, func() { sh.printAudit(r) }); err != nil {
		return err
	}
	if r.Fault != nil {
		return silent{errors.New("the blocks do not agree with the headers")}
	}
	return nil
}

func (sh *shell) printAudit(r *home.AuditReport) {
	fmt.Fprintf(sh.out, "executed %d blocks after %d, with %d transactions of %d bytes, in %.1f s\n",
		r.Blocks, r.From, r.Txs, r.Bytes, r.Seconds)
	if r.Fault == nil {
		fmt.Fprintln(sh.out, "all agree")
		return
	}
	f := r.Fault
	fmt.Fprintf(sh.out, "height %d: %s is %s, want %s\n", f.Height, f.What, f.Got, f.Want)
	for _, d := range f.Differences {
		fmt.Fprintf(sh.out, "%s, key %s: %s\n", term.Printable(d.Unit), d.Key, d.Note)
		for _, side := range []struct {
			name string
			text *string
		}{{"executed", d.A}, {"in this home", d.B}} {
			text := "nothing"
			if side.text != nil {
				text = term.Printable(*side.text)
			}
			fmt.Fprintf(sh.out, "  %s: %s\n", side.name, text)
		}
	}
}
