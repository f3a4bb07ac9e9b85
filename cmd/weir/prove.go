package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weir/client"
)

func (sh *shell) proveCommand() *cobra.Command {
	var nodes []string
	var file, stream string
	var from int64
	cmd := &cobra.Command{
		Use:   "prove [QUERY]",
		Short: "Fetch the evidence of a query's answer, or of a stream's consistency",
		Long: "Asks a node for a file that proves the answer of a query: complete, to the row, as of\n" +
			"one block. With --consistency, for one that proves that the log of a stream still is what\n" +
			"it was at an earlier height, with more behind it. The file needs no trust in that node;\n" +
			"weir verify checks it offline.",
		Example: "  weir prove \"SELECT * FROM routes WHERE origin = 'ATL'\" -o atl.weir\n" +
			"  weir prove --consistency flights --from 1200 -o flights.weir",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usagef("-o says where the evidence goes")
			}
			if (stream == "") == (len(args) == 0) || (stream == "") != (from == 0) {
				return usagef("give a query, or --consistency STREAM and --from HEIGHT")
			}
			c, err := client.New(nodes...)
			if err != nil {
				return usageError{err}
			}
			var evidence []byte
			if stream != "" {
				evidence, err = c.Consistency(cmd.Context(), stream, from)
			} else {
				evidence, err = c.Prove(cmd.Context(), args[0])
			}
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
	cmd.Flags().StringVar(&stream, "consistency", "", "stream whose log is proven to have only grown")
	cmd.Flags().Int64Var(&from, "from", 0, "height since when")
	cmd.Flags().StringVarP(&file, "out", "o", "", "file that takes the evidence")
	return cmd
}
