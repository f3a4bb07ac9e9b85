package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/node/home"
)

func (sh *shell) fsckCommand() *cobra.Command {
	problems := 20
	cmd := &cobra.Command{
		Use:   "fsck",
		Short: "Check every byte of a node's ledger",
		Long: "Reads all pages, log records and hashes, changes and checkpoint records of the ledger\n" +
			"in --home and checks ids, hashes, roots, app hashes, rules of shape, and what is listed\n" +
			"for deletion. It writes nothing. Exit status 0 means that all is as it was written.\n" +
			besideHelp,
		Example: "  weir fsck --home /srv/weir\n  weir fsck --home /srv/weir --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := sh.homeDir()
			if err != nil {
				return err
			}
			if problems < 1 {
				return usagef("--problems is at least 1")
			}
			return sh.beside(cmd.Context(), dir, func(dir string) error {
				return sh.fsck(cmd.Context(), dir, problems)
			})
		},
	}
	cmd.Flags().IntVar(&problems, "problems", problems, "how many problems to print")
	return cmd
}

func (sh *shell) fsck(ctx context.Context, dir string, problems int) error {
	bar := &bar{out: sh.err, unit: "entries"}
	r, err := home.Check(ctx, dir, problems, bar.set)
	bar.finish()
	if err != nil {
		return err
	}
	if err := sh.print(r, func() { printCheck(sh.out, r) }); err != nil {
		return err
	}
	if r.Problems > 0 {
		return silent{errors.New("the ledger is damaged")}
	}
	return nil
}

// printCheck writes a report for people.
func printCheck(out io.Writer, r *home.CheckReport) {
	for _, l := range []struct {
		name  string
		value any
	}{
		{"checkpoints", fmt.Sprintf("%d, of heights %d to %d", r.Checkpoints, r.Oldest, r.Newest)},
		{"pages", fmt.Sprintf("%d, with %d entries", r.Pages, r.Entries)},
		{"state pages", r.StatePages},
		{"logs", fmt.Sprintf("%d leaves, %d payloads, %d erased, %d blocks of hashes", r.Leaves,
			r.Payloads, r.Erased, r.HashBlocks)},
		{"changes", fmt.Sprintf("%d records of %d blocks", r.Changes, r.Blocks)},
		{"to be deleted", fmt.Sprintf("%d listed, %d leftovers", r.Listed, r.Leftovers)},
		{"bytes", r.Bytes},
		{"problems", r.Problems},
	} {
		fmt.Fprintf(out, "%-14s %v\n", l.name, l.value)
	}
	for _, p := range r.First {
		where := []string{}
		if p.Height > 0 {
			where = append(where, fmt.Sprintf("height %d", p.Height))
		}
		if p.Unit != "" {
			where = append(where, p.Unit)
		}
		if p.Key != "" {
			where = append(where, "key "+p.Key)
		}
		fmt.Fprintf(out, "  %s: %s\n", strings.Join(where, ", "), term.Printable(p.Error))
	}
	for _, u := range r.Unjudged {
		fmt.Fprintf(out, "not judged, because of the problems: %s\n", u)
	}
}

// bar is a progress bar whose length is known once the work has begun.
type bar struct {
	out  io.Writer
	unit string
	p    *term.Progress
	done uint64
}

func (b *bar) set(done, total uint64) {
	if b.p == nil {
		b.p = term.NewProgress(b.out, b.unit, total)
	}
	if done > b.done {
		b.p.Add(done - b.done)
		b.done = done
	}
}

func (b *bar) finish() {
	if b.p != nil {
		b.p.Finish()
	}
}
