package consensus

import (
	"fmt"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/types"
)

// Profile names a set of CometBFT settings.
type Profile string

// Local is for networks on one machine, Production for organisations apart.
const (
	Local      Profile = "local"
	Production Profile = "production"
)

// Limits that both profiles set.
const (
	MaxTxBytes         = 1 << 20
	MaxRPCBodyBytes    = 4_000_000
	MempoolTxs         = 5000
	MempoolBytes       = 64 << 20
	MaxBlockGap        = time.Second
	packetPayloadBytes = 32768 // not negotiated: every node must have the same
)

// profileConfig returns every setting of a profile, rooted at home.
func profileConfig(p Profile, home string, basePort int) (*cfg.Config, error) {
	c := cfg.DefaultConfig()
	c.SetRoot(home)
	c.DBBackend = "pebbledb"
	setCommon(c, basePort)
	switch p {
	case Local:
		setLocal(c)
	case Production:
		setProduction(c)
	default:
		return nil, fmt.Errorf("consensus: unknown profile %q, want local or production", p)
	}
	return c, nil
}

func setCommon(c *cfg.Config, basePort int) {
	c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", basePort)
	c.P2P.PexReactor = false
	c.P2P.MaxPacketMsgPayloadSize = packetPayloadBytes
	c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", basePort+1)
	c.RPC.MaxBodyBytes = MaxRPCBodyBytes
	c.Mempool.Type = cfg.MempoolTypeFlood
	c.Mempool.Size = MempoolTxs
	c.Mempool.MaxTxsBytes = MempoolBytes
	c.Mempool.MaxTxBytes = MaxTxBytes
	c.Mempool.Recheck = true
	c.Mempool.Broadcast = true
	c.TxIndex.Indexer = "null"
	c.Storage.DiscardABCIResponses = true
	c.Consensus.CreateEmptyBlocks = false
	c.Consensus.CreateEmptyBlocksInterval = MaxBlockGap
}

func setLocal(c *cfg.Config) {
	c.P2P.AddrBookStrict = false
	c.P2P.AllowDuplicateIP = true
	c.P2P.SendRate, c.P2P.RecvRate = 500_000_000, 500_000_000
	c.P2P.FlushThrottleTimeout = time.Millisecond
	c.Consensus.PeerGossipSleepDuration = 5 * time.Millisecond
	c.Consensus.TimeoutPropose = time.Second
	c.Consensus.TimeoutProposeDelta = 500 * time.Millisecond
	c.Consensus.TimeoutPrevote = 500 * time.Millisecond
	c.Consensus.TimeoutPrevoteDelta = 250 * time.Millisecond
	c.Consensus.TimeoutPrecommit = 500 * time.Millisecond
	c.Consensus.TimeoutPrecommitDelta = 250 * time.Millisecond
	c.Consensus.TimeoutCommit = 0
	c.Consensus.SkipTimeoutCommit = true
	// A killed node restarts at once here; the guard would stop it for having signed just now.
	c.Consensus.DoubleSignCheckHeight = 0
}

func setProduction(c *cfg.Config) {
	c.P2P.AddrBookStrict = true
	c.P2P.AllowDuplicateIP = false
	c.P2P.SendRate, c.P2P.RecvRate = 100_000_000, 100_000_000
	c.P2P.FlushThrottleTimeout = 5 * time.Millisecond
	c.Consensus.PeerGossipSleepDuration = 10 * time.Millisecond
	c.Consensus.TimeoutPropose = 2 * time.Second
	c.Consensus.TimeoutProposeDelta = 500 * time.Millisecond
	c.Consensus.TimeoutPrevote = time.Second
	c.Consensus.TimeoutPrevoteDelta = 500 * time.Millisecond
	c.Consensus.TimeoutPrecommit = time.Second
	c.Consensus.TimeoutPrecommitDelta = 500 * time.Millisecond
	c.Consensus.TimeoutCommit = 200 * time.Millisecond
	c.Consensus.SkipTimeoutCommit = false
	c.Consensus.DoubleSignCheckHeight = 10
}

// consensusParams are the genesis parameters. The application's own byte limit rules, so
// CometBFT's is off and PrepareProposal sees the whole bounded pool.
func consensusParams() *types.ConsensusParams {
	p := types.DefaultConsensusParams()
	p.Block.MaxBytes = -1
	p.Block.MaxGas = -1
	p.Evidence.MaxAgeNumBlocks = 100_000
	p.Evidence.MaxAgeDuration = 48 * time.Hour
	p.Evidence.MaxBytes = 1 << 20
	return p
}
