package main

import "github.com/spf13/cobra"

func (sh *shell) testnetDownCommand(f *testnetFlags) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:     "down",
		Short:   "Stop every node of the network",
		Example: "  weir testnet down --remove",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			net, err := f.open(sh)
			if err != nil {
				return err
			}
			if err := net.Down(); err != nil {
				return err
			}
			if remove {
				return net.Remove()
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "delete the network's directory too")
	return cmd
}
