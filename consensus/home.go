package consensus

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/types"
)

// BasePort is CometBFT's peer port; RPC has the next one, and node i of a network on one
// machine has both + PortStep*i.
const (
	BasePort = 26656
	PortStep = 10

	maxNetworkNodes = 64
	genesisPower    = 10
)

// InitOptions say how a home is made. Profile defaults to Local, Port to BasePort. Peers are
// id@host:port. A nil Validators makes this home's key the only validator. With Genesis, the exact
// bytes of a network's genesis.json, the home is one more node of that network, and with Join it
// begins by state sync.
type InitOptions struct {
	Genesis    []byte
	Join       *Join
	Home       string
	Profile    Profile
	Port       int
	ChainID    string
	AppState   json.RawMessage
	Peers      []string
	Validators []types.GenesisValidator
}

// Home is a home that InitHome or InitNetwork made.
type Home struct {
	Dir    string
	NodeID string // with the host and port it is a peer address
	PubKey []byte // the validator's Ed25519 key
	Peer   string // id@127.0.0.1:port
	config *cfg.Config
	val    types.GenesisValidator
}

// InitHome makes the keys, config.toml and genesis.json of one validator. It refuses a home
// that already has a validator key: a key never starts over.
func InitHome(o InitOptions) (Home, error) {
	h, err := initKeys(o)
	if err != nil {
		return Home{}, err
	}
	if o.Join != nil {
		if err := o.Join.set(h.config.StateSync); err != nil {
			return Home{}, err
		}
	}
	if o.Genesis != nil {
		if _, err := types.GenesisDocFromJSON(o.Genesis); err != nil {
			return Home{}, fmt.Errorf("consensus: genesis: %w", err)
		}
		return h, h.write(o.Peers, o.Genesis)
	}
	vals := o.Validators
	if vals == nil {
		vals = []types.GenesisValidator{h.val}
	}
	genesis, err := genesisBytes(o.ChainID, o.AppState, vals)
	if err != nil {
		return Home{}, err
	}
	return h, h.write(o.Peers, genesis)
}

// InitNetwork makes n homes dir/node0.. with one byte-identical genesis.json, in which all are
// validators of equal power and persistent peers of each other. Node i listens on
// basePort + PortStep*i.
func InitNetwork(
	dir string, n, basePort int, appState json.RawMessage, chainID string,
) ([]Home, error) {
	if n < 1 || n > maxNetworkNodes {
		return nil, fmt.Errorf("consensus: %d nodes, want 1..%d", n, maxNetworkNodes)
	}
	homes := make([]Home, n)
	vals := make([]types.GenesisValidator, n)
	for i := range n {
		h, err := initKeys(InitOptions{
			Home: filepath.Join(dir, fmt.Sprintf("node%d", i)), Port: basePort + PortStep*i,
		})
		if err != nil {
			return nil, err
		}
		homes[i], vals[i] = h, h.val
	}
	genesis, err := genesisBytes(chainID, appState, vals)
	if err != nil {
		return nil, err
	}
	for i, h := range homes {
		var peers []string
		for j, other := range homes {
			if j != i {
				peers = append(peers, other.Peer)
			}
		}
		if err := h.write(peers, genesis); err != nil {
			return nil, err
		}
	}
	return homes, nil
}

// GenesisHash is SHA-256 of the exact bytes of a home's genesis.json.
func GenesisHash(home string) ([32]byte, error) {
	b, err := os.ReadFile(filepath.Join(home, "config", "genesis.json"))
	if err != nil {
		return [32]byte{}, fmt.Errorf("consensus: genesis: %w", err)
	}
	return sha256.Sum256(b), nil
}

func initKeys(o InitOptions) (Home, error) {
	if o.Profile == "" {
		o.Profile = Local
	}
	if o.Port == 0 {
		o.Port = BasePort
	}
	c, err := profileConfig(o.Profile, o.Home, o.Port)
	if err != nil {
		return Home{}, err
	}
	for _, d := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(o.Home, d), 0o700); err != nil {
			return Home{}, fmt.Errorf("consensus: init: %w", err)
		}
	}
	if _, err := os.Stat(c.PrivValidatorKeyFile()); err == nil {
		return Home{}, fmt.Errorf("consensus: %s already has a validator key", o.Home)
	}
	pv := privval.GenFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
	pv.Save()
	key, err := p2p.LoadOrGenNodeKey(c.NodeKeyFile())
	if err != nil {
		return Home{}, fmt.Errorf("consensus: node key: %w", err)
	}
	pub, err := pv.GetPubKey()
	if err != nil {
		return Home{}, fmt.Errorf("consensus: validator key: %w", err)
	}
	return Home{
		Dir: o.Home, NodeID: string(key.ID()), PubKey: pub.Bytes(),
		Peer:   fmt.Sprintf("%s@127.0.0.1:%d", key.ID(), o.Port),
		config: c,
		val: types.GenesisValidator{
			Address: pub.Address(), PubKey: pub, Power: genesisPower,
		},
	}, nil
}

func (h Home) write(peers []string, genesis []byte) error {
	h.config.P2P.PersistentPeers = strings.Join(peers, ",")
	cfg.WriteConfigFile(filepath.Join(h.Dir, "config", "config.toml"), h.config)
	if err := os.WriteFile(h.config.GenesisFile(), genesis, 0o644); err != nil {
		return fmt.Errorf("consensus: genesis: %w", err)
	}
	return nil
}

func genesisBytes(
	chainID string, appState json.RawMessage, vals []types.GenesisValidator,
) ([]byte, error) {
	g := &types.GenesisDoc{
		ChainID: chainID, GenesisTime: time.Now().UTC().Truncate(time.Microsecond),
		ConsensusParams: consensusParams(), Validators: vals, AppState: appState,
	}
	if err := g.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("consensus: genesis: %w", err)
	}
	return cmtjson.MarshalIndent(g, "", "  ")
}

// CheckHome reads a home's configuration, and looks whether its keys are there and nobody else's
// to read. It describes them.
func CheckHome(home string) (string, error) {
	c, err := loadConfig(home)
	if err != nil {
		return "", err
	}
	for _, f := range []string{c.PrivValidatorKeyFile(), c.PrivValidatorStateFile(), c.NodeKeyFile()} {
		info, err := os.Stat(f)
		if err != nil {
			return "", fmt.Errorf("consensus: %w", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return "", fmt.Errorf("consensus: %s can be read by others: %v", f, info.Mode())
		}
	}
	key, err := p2p.LoadNodeKey(c.NodeKeyFile())
	if err != nil {
		return "", fmt.Errorf("consensus: node key: %w", err)
	}
	return fmt.Sprintf("peer %s at %s", key.ID(), c.P2P.ListenAddress), nil
}
