package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/node/home"
)

func (sh *shell) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps a node from running well",
		Long: "Looks at the configuration, keys, genesis file and disk of --home, and whether its\n" +
			"stores fit together. It changes nothing, and may run beside the node. Exit status 0\n" +
			"means that nothing is wrong.",
		Example: "  weir doctor --home /srv/weir",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := sh.homeDir()
			if err != nil {
				return err
			}
			found := home.Examine(dir)
			wrong := 0
			for _, f := range found {
				if !f.OK {
					wrong++
				}
			}
			err = sh.print(found, func() {
				for _, f := range found {
					state := "ok"
					if !f.OK {
						state = "WRONG"
					}
					fmt.Fprintf(sh.out, "%-5s  %-20s  %s\n", state, f.Name, term.Printable(f.Detail))
				}
			})
			if err == nil && wrong > 0 {
				err = silent{errors.New("something is wrong")}
			}
			return err
		},
	}
}
