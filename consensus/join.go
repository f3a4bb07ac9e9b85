package consensus

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	cfg "github.com/cometbft/cometbft/config"
)

// Join says how a new node of a network gets its state: by state sync, under a header that is
// trusted.
type Join struct {
	RPC    []string // CometBFT's RPC at nodes that are asked for headers: host:port or URLs
	Height int64    // of the trusted header
	Hash   []byte   // its hash
}

const (
	// joinTrustPeriod is how old the trusted header may be.
	joinTrustPeriod = 168 * time.Hour
	// joinDiscovery is how long peers may take to say what they offer; CometBFT's least.
	joinDiscovery = 5 * time.Second
	// joinHashSize is the length of a header's hash.
	joinHashSize = 32
)

// set writes the settings of state sync. CometBFT wants a second node to ask; where there is only
// one, it is asked twice.
func (j *Join) set(c *cfg.StateSyncConfig) error {
	if len(j.RPC) == 0 || j.Height < 1 || len(j.Hash) != joinHashSize {
		return errors.New("consensus: joining needs a node to ask, and the height and hash of a" +
			" trusted header")
	}
	c.Enable = true
	c.RPCServers = j.RPC
	if len(c.RPCServers) == 1 {
		c.RPCServers = append(c.RPCServers, c.RPCServers[0])
	}
	c.TrustHeight, c.TrustHash = j.Height, hex.EncodeToString(j.Hash)
	c.TrustPeriod, c.DiscoveryTime = joinTrustPeriod, joinDiscovery
	if err := c.ValidateBasic(); err != nil {
		return fmt.Errorf("consensus: joining: %w", err)
	}
	return nil
}
