package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weir/client"
)

func (sh *shell) proveCommand() *cobra.Command {
	var nodes []string
	var file string
	cmd := &cobra.Command{
		Use:   "prove QUERY",
		Short: "Fetch the evidence of a query's answer",
		Long: "Asks a node for a file that proves the answer of a query: complete, to the row, as of\n" +
			"one block. The file needs no trust in that node; weir verify checks it offline.",
		Example: "  weir prove \"SELECT * FROM routes WHERE origin = 'ATL'\" -o atl.weir",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usagef("-o says where the evidence goes")
			}
			c, err := client.New(nodes...)
			if err != nil {
				return usageError{err}
			}
			evidence, err := c.Prove(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := os.WriteFile(file, evidence, 0o644); err != nil {
				return fmt.Errorf("write the evidence: %w", err)
			}
			res := struct {
				File  string `json:"file"`
				Bytes int    `json:"bytes"`
			}{file, len(evidence)}
			return sh.print(res, func() {
				fmt.Fprintf(sh.out, "%s: %d bytes of evidence\n", file, len(evidence))
			})
		},
	}
	nodeFlag(cmd, &nodes)
	cmd.Flags().StringVarP(&file, "out", "o", "", "file that takes the evidence")
	return cmd
}
