package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/testnet"
)

// initResult is what weir init prints.
type initResult struct {
	Home    string `json:"home"`
	ChainID string `json:"chain_id"`
	Genesis string `json:"genesis"`
}

func (sh *shell) initCommand() *cobra.Command {
	var chainID string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the home of a new network's first validator",
		Long: "Makes --home with its configuration, a validator key, a genesis file that names this\n" +
			"validator alone, and the key \"weir\", which holds the role weir with the right CREATE.",
		Example: "  weir init --home /srv/weir --chain-id readings-1",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			net, err := testnet.Single(home, chainID, testnet.DefaultPorts(), sh.parts.homes)
			if err != nil {
				return err
			}
			res := initResult{home, chainID, net.Genesis()}
			return sh.print(res, func() {
				fmt.Fprintf(sh.out, "made %s for chain %s\nrun it with: weir start --home %s\n",
					home, chainID, home)
			})
		},
	}
	cmd.Flags().StringVar(&chainID, "chain-id", "weir-local", "name of the new network")
	return cmd
}
