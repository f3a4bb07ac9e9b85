package home

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"weir/app/tx"
)

// Genesis is what a node needs to know of genesis.json before CometBFT reads it.
type Genesis struct {
	Domain   tx.Domain
	Initial  int64 // the first height of the chain
	AppState json.RawMessage
}

// ReadGenesis reads a home's genesis.json.
func ReadGenesis(home string) (*Genesis, error) {
	b, err := os.ReadFile(filepath.Join(home, "config", "genesis.json"))
	if err != nil {
		return nil, fmt.Errorf("reading the genesis file: %w", err)
	}
	var doc struct {
		ChainID  string          `json:"chain_id"`
		Initial  string          `json:"initial_height"`
		AppState json.RawMessage `json:"app_state"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("reading the genesis file: %w", err)
	}
	g := &Genesis{
		Domain:   tx.Domain{ChainID: doc.ChainID, GenesisHash: sha256.Sum256(b)},
		AppState: doc.AppState,
	}
	if g.Initial, err = strconv.ParseInt(doc.Initial, 10, 64); err != nil || g.Initial < 1 {
		g.Initial = 1
	}
	return g, nil
}
