package main

import (
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"weir/testnet"
)

// testnetFlags are the flags that the commands of weir testnet share.
type testnetFlags struct{ dir string }

func (sh *shell) testnetCommand() *cobra.Command {
	f := new(testnetFlags)
	cmd := &cobra.Command{
		Use:   "testnet",
		Short: "Run a local network of several processes, with faults",
		Example: "  weir testnet up -n 4\n  weir testnet kill 2\n  weir testnet status\n" +
			"  weir testnet restart 2\n  weir testnet down",
		Args: cobra.NoArgs,
		RunE: needSubcommand,
	}
	cmd.PersistentFlags().StringVar(&f.dir, "dir", "",
		"directory of the network (default: testnet in the home)")
	cmd.AddCommand(
		sh.testnetUpCommand(f), sh.testnetStatusCommand(f), sh.testnetDownCommand(f),
		sh.testnetFault(f, "kill", "End a node at once, as a crash would",
			func(n *testnet.Network, i int) error { return n.Kill(i) }),
		sh.testnetFault(f, "pause", "Stop a node's process from running",
			func(n *testnet.Network, i int) error { return n.Pause(i) }),
		sh.testnetFault(f, "resume", "Let a paused node run on",
			func(n *testnet.Network, i int) error { return n.Resume(i) }),
		sh.testnetFault(f, "restart", "Start a node again, after stopping it if it runs",
			func(n *testnet.Network, i int) error { return n.Restart(i, false) }),
	)
	return cmd
}

// directory resolves --dir.
func (f *testnetFlags) directory(sh *shell) (string, error) {
	if f.dir != "" {
		return filepath.Abs(f.dir)
	}
	home, err := sh.homeDir()
	return filepath.Join(home, "testnet"), err
}

// open finds the network.
func (f *testnetFlags) open(sh *shell) (*testnet.Network, error) {
	dir, err := f.directory(sh)
	if err != nil {
		return nil, err
	}
	return testnet.Open(dir)
}

// testnetFault makes a command that does something to one node.
func (sh *shell) testnetFault(
	f *testnetFlags, name, short string, do func(*testnet.Network, int) error,
) *cobra.Command {
	return &cobra.Command{
		Use:     name + " NODE",
		Short:   short,
		Example: "  weir testnet " + name + " 2",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			i, err := strconv.Atoi(args[0])
			if err != nil {
				return usagef("%q is not the number of a node", args[0])
			}
			net, err := f.open(sh)
			if err != nil {
				return err
			}
			if _, err := net.Node(i); err != nil {
				return err
			}
			return do(net, i)
		},
	}
}
