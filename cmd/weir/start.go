package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

func (sh *shell) startCommand() *cobra.Command {
	var stopAtEOF bool
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Run the node of a home until it is told to stop",
		Long: "Runs the node whose configuration, keys and data lie in --home. It stops in order at\n" +
			"SIGINT or SIGTERM; it also survives being killed.",
		Example: "  weir start --home /srv/weir",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			ctx, stop := context.WithCancel(cmd.Context())
			defer stop()
			if stopAtEOF {
				go func() {
					_, _ = io.Copy(io.Discard, sh.in) // whatever ends it, the starter is gone
					stop()
				}()
			}
			return sh.parts.run(ctx, home)
		},
	}
	cmd.Flags().BoolVar(&stopAtEOF, "stop-at-eof", false, "stop when standard input ends")
	_ = cmd.Flags().MarkHidden("stop-at-eof") // for programs that start nodes; the flag exists
	return cmd
}
