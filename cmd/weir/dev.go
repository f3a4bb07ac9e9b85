package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"weir/testnet"
)

// devFlags are the flags of weir dev.
type devFlags struct {
	fresh    bool
	pg, http string
}

func (sh *shell) devCommand() *cobra.Command {
	var f devFlags
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run a network of one validator for development",
		Long: "Runs a one-validator network in this terminal until Ctrl-C. Its data stay in the home\n" +
			"for the next time. User weir, database weir, without a password, on loopback.",
		Example: "  weir dev\n  weir dev --home /tmp/try --fresh --pg 127.0.0.1:5433",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return sh.dev(cmd, f) },
	}
	d := testnet.DefaultPorts()
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "throw away what the home's network holds")
	cmd.Flags().StringVar(&f.pg, "pg", loopback(d.PG), "address of the PostgreSQL wire")
	cmd.Flags().StringVar(&f.http, "http", loopback(d.HTTP), "address of the HTTP API")
	return cmd
}

func (sh *shell) dev(cmd *cobra.Command, f devFlags) error {
	ports := testnet.DefaultPorts()
	var err error
	if ports.PG, err = portOf(f.pg); err != nil {
		return err
	}
	if ports.HTTP, err = portOf(f.http); err != nil {
		return err
	}
	base, err := sh.homeDir()
	if err != nil {
		return err
	}
	home := filepath.Join(base, "dev")
	if f.fresh {
		if err := discardNetwork(home); err != nil {
			return err
		}
	}
	if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) {
		if _, err := testnet.Single(home, "weir-dev", ports, sh.parts.homes); err != nil {
			return err
		}
	} else if old, err := testnet.Open(home); err != nil {
		return err
	} else if p := old.Nodes[0].Ports; p.PG != ports.PG || p.HTTP != ports.HTTP {
		return fmt.Errorf("the network in %s answers on ports %d and %d; give --pg and --http "+
			"for them, or --fresh for a new network", home, p.PG, p.HTTP)
	}
	fmt.Fprintf(sh.err, "connect:  psql -h 127.0.0.1 -p %d -U weir weir\n"+
		"or:       weir sql --home %s --node http://127.0.0.1:%d -c \"SELECT 1\"\n"+
		"stop:     Ctrl-C; the data stay in %s\n", ports.PG, home, ports.HTTP, home)
	return sh.parts.run(cmd.Context(), home)
}

// discardNetwork removes a directory, but only one that holds a network.
func discardNetwork(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	net, err := testnet.Open(dir)
	if err != nil {
		return err
	}
	return net.Remove()
}

// loopback is the address of a port on this machine.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// portOf reads the port of a loopback address: a network without passwords listens nowhere else.
func portOf(addr string) (int, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host != "127.0.0.1" && host != "localhost" {
		return 0, usagef("%q is not an address on loopback, such as 127.0.0.1:9347", addr)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return 0, usagef("%q has no port from 1 to 65535", addr)
	}
	return n, nil
}
