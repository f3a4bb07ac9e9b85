package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
	"weir/internal/term"
	"weir/testnet"
)

// nodeStatus is one line of weir testnet status.
type nodeStatus struct {
	Node   int         `json:"node"`
	State  string      `json:"state"` // "running", "paused", "silent" or "down"
	PID    int         `json:"pid,omitempty"`
	HTTP   string      `json:"http"`
	Status *api.Status `json:"status,omitempty"`
}

func (sh *shell) testnetStatusCommand(f *testnetFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Say of each node whether it runs and how far it has come",
		Example: "  weir testnet status --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			net, err := f.open(sh)
			if err != nil {
				return err
			}
			all := make([]nodeStatus, len(net.Nodes))
			rows := make([][]string, len(net.Nodes))
			for i := range net.Nodes {
				s := askNode(cmd.Context(), net, i)
				all[i] = s
				rows[i] = []string{fmt.Sprint(i), s.State, fmt.Sprint(s.PID), "", "", s.HTTP}
				if s.Status != nil {
					hash := s.Status.AppHash.String()
					rows[i][3], rows[i][4] = fmt.Sprint(s.Status.Height), hash[:min(16, len(hash))]
				}
			}
			return sh.print(all, func() {
				term.Table(sh.out, []string{"node", "state", "pid", "height", "app hash", "http"},
					rows, []bool{true, false, true, true})
			})
		},
	}
}

// askNode finds out about one node, without waiting for one that does not answer.
func askNode(ctx context.Context, net *testnet.Network, i int) nodeStatus {
	node := net.Nodes[i]
	s := nodeStatus{Node: i, State: "down", HTTP: node.HTTP()}
	if !net.Running(i) {
		return s
	}
	s.PID, s.State = node.PID, "paused"
	if node.Paused {
		return s
	}
	s.State = "silent"
	c, err := client.New(node.HTTP())
	if err != nil {
		return s
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if s.Status, err = c.Status(ctx); err == nil {
		s.State = "running"
	}
	return s
}
