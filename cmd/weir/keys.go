package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
)

// keyInfo is what may be told of a key.
type keyInfo struct {
	Name   string  `json:"name"`
	Public api.Hex `json:"public"`
}

func (sh *shell) keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "keys",
		Short:   "Make and list the keys that sign for you",
		Example: "  weir keys add alice\n  weir keys list",
		Args:    cobra.NoArgs,
		RunE:    needSubcommand,
	}
	cmd.AddCommand(sh.keysAddCommand(), sh.keysListCommand())
	return cmd
}

func (sh *shell) keysAddCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "add NAME",
		Short: "Make a new Ed25519 key and print its public half",
		Long: "Makes a new Ed25519 key in the home's keys/NAME.json, readable by you alone, and\n" +
			"prints its public half, which a network has to admit to a role. There is no copy:\n" +
			"keep the file.",
		Example: "  weir keys add alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			k, err := client.HomeKeys(home).Create(args[0])
			if err != nil {
				return err
			}
			return sh.print(keyInfo{k.Name, k.Public()}, func() {
				fmt.Fprintf(sh.out, "%s %s\n", k.Name, k.Public())
			})
		},
	}
}

func (sh *shell) keysListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the keys of the home with their public halves",
		Example: "  weir keys list --output json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			home, err := sh.homeDir()
			if err != nil {
				return err
			}
			ks := client.HomeKeys(home)
			names, err := ks.List()
			if err != nil {
				return err
			}
			list := []keyInfo{}
			for _, name := range names {
				k, err := ks.Load(name)
				if err != nil {
					return err
				}
				list = append(list, keyInfo{k.Name, k.Public()})
			}
			return sh.print(list, func() {
				for _, k := range list {
					fmt.Fprintf(sh.out, "%s %s\n", k.Name, k.Public)
				}
			})
		},
	}
}

// needSubcommand is the action of a command that only groups others.
func needSubcommand(cmd *cobra.Command, _ []string) error {
	return usagef("%s needs one of its commands", cmd.CommandPath())
}
