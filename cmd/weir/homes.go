package main

import (
	"fmt"

	"weir/consensus"
	"weir/testnet"
)

// makeHomes makes CometBFT's part of every home of a network: its configuration, validator and
// node keys, and the common genesis.json.
func makeHomes(n *testnet.Network, appState []byte) error {
	port := n.Nodes[0].Ports.P2P
	if n.Nodes[0].Home == n.Dir {
		_, err := consensus.InitHome(consensus.InitOptions{
			Home: n.Dir, Port: port, ChainID: n.ChainID, AppState: appState,
		})
		if err != nil {
			return fmt.Errorf("make the home: %w", err)
		}
		return nil
	}
	if _, err := consensus.InitNetwork(n.Dir, len(n.Nodes), port, appState, n.ChainID); err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	return nil
}
