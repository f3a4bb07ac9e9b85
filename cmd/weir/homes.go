package main

import (
	"fmt"

	"weir/consensus"
	"weir/node/config"
	"weir/testnet"
)

// makeHomes makes every home of a network: weir.toml, CometBFT's configuration, validator and
// node keys, and the common genesis.json.
func makeHomes(n *testnet.Network, appState []byte) error {
	for i, one := range n.Nodes {
		c := config.Default()
		c.Name = testnet.NodeName(i)
		if one.Home == n.Dir { // a node in this terminal, where its log would bury everything
			c.LogLevel = "warn"
		}
		c.Listen.PG, c.Listen.HTTP = loopback(one.Ports.PG), loopback(one.Ports.HTTP)
		if err := c.Write(one.Home); err != nil {
			return err
		}
	}
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
