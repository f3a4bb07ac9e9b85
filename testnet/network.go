package testnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// stateFile is the network's memory of itself.
const stateFile = "testnet.json"

// Node is one process of a network.
type Node struct {
	Index  int    `json:"index"`
	Home   string `json:"home"`
	Ports  Ports  `json:"ports"`
	PID    int    `json:"pid"` // 0 if it was never started or was stopped
	Paused bool   `json:"paused"`
}

// HTTP is the base URL of the node's API.
func (n *Node) HTTP() string { return fmt.Sprintf("http://127.0.0.1:%d", n.Ports.HTTP) }

// Log is the file that takes the node's output.
func (n *Node) Log() string { return filepath.Join(n.Home, "node.log") }

// Network is a network in a directory. Its methods are for one goroutine; commands that change
// the same network at the same time see each other's work through the state file.
type Network struct {
	Dir     string  `json:"-"`
	ChainID string  `json:"chain_id"`
	Nodes   []*Node `json:"nodes"`

	children map[int]*child // by index: processes that this process started
}

// Options say what network to create.
type Options struct {
	Dir        string // must be empty or not exist
	ChainID    string
	Nodes      int
	Ports      Ports  // of node 0
	Executable string // copied into the network; "" means this program
	Members    []Member
	Homes      HomesFunc
}

// HomesFunc makes the configuration, the validator and node keys and the common genesis.json of
// all nodes of a network, at their ports. The directories exist and hold the keys that
// appState, the application's part of genesis, names.
type HomesFunc func(n *Network, appState []byte) error

// Create lays out a new network, without starting it.
func Create(o Options) (*Network, error) {
	if o.Nodes < 1 || o.Nodes > MaxNodes {
		return nil, fmt.Errorf("a network of %d nodes is not one of 1 to %d", o.Nodes, MaxNodes)
	}
	if err := checkPorts(o.Ports, o.Nodes); err != nil {
		return nil, err
	}
	n, err := layOut(o, NodeName)
	if err != nil {
		return nil, err
	}
	if err := n.copyExecutable(o.Executable); err != nil {
		return nil, err
	}
	return n, n.found(o)
}

// Single lays out a network of one node whose home is the directory itself.
func Single(dir, chainID string, ports Ports, homes HomesFunc) (*Network, error) {
	o := Options{Dir: dir, ChainID: chainID, Nodes: 1, Ports: ports, Homes: homes}
	if err := checkPorts(ports, 1); err != nil {
		return nil, err
	}
	n, err := layOut(o, func(int) string { return "." })
	if err != nil {
		return nil, err
	}
	return n, n.found(o)
}

// layOut makes the directories of a network.
func layOut(o Options, homeOf func(i int) string) (*Network, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", o.Dir, err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty", dir)
	}
	n := &Network{Dir: dir, ChainID: o.ChainID, children: map[int]*child{}}
	for i := range o.Nodes {
		node := &Node{Index: i, Home: filepath.Join(dir, homeOf(i)), Ports: o.Ports.Node(i)}
		if err := os.MkdirAll(node.Home, 0o700); err != nil {
			return nil, fmt.Errorf("make a home: %w", err)
		}
		n.Nodes = append(n.Nodes, node)
	}
	return n, nil
}

// found makes genesis and the nodes' homes. If that fails, nothing is left of the network.
func (n *Network) found(o Options) error {
	homes := make([]string, len(n.Nodes))
	for i, node := range n.Nodes {
		homes[i] = node.Home
	}
	appState, err := MakeGenesis(n.Dir, homes, o.Members)
	if err == nil {
		err = o.Homes(n, appState)
	}
	if err == nil {
		err = n.save()
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(n.Dir)) // it was empty before
	}
	return nil
}

// Genesis is the path of the network's genesis file.
func (n *Network) Genesis() string {
	return filepath.Join(n.Nodes[0].Home, "config", "genesis.json")
}

// Open finds the network in a directory.
func Open(dir string) (*Network, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", dir, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no network in %s; weir testnet up makes one", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the network: %w", err)
	}
	n := &Network{children: map[int]*child{}}
	if err := json.Unmarshal(text, n); err != nil || len(n.Nodes) == 0 {
		return nil, fmt.Errorf("%s in %s is damaged", stateFile, dir)
	}
	n.Dir = dir
	return n, nil
}

// URLs returns the base URLs of all nodes, in order.
func (n *Network) URLs() []string {
	urls := make([]string, len(n.Nodes))
	for i, node := range n.Nodes {
		urls[i] = node.HTTP()
	}
	return urls
}

// Node returns node i, or an error that a person can read.
func (n *Network) Node(i int) (*Node, error) {
	if i < 0 || i >= len(n.Nodes) {
		return nil, fmt.Errorf("there is no node %d: the network has nodes 0 to %d", i,
			len(n.Nodes)-1)
	}
	return n.Nodes[i], nil
}

// executable is the network's own copy of the program.
func (n *Network) executable() string { return filepath.Join(n.Dir, "bin", "weir") }

// copyExecutable places a copy of the program in the network.
func (n *Network) copyExecutable(from string) (err error) {
	if from == "" {
		if from, err = os.Executable(); err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	defer in.Close()
	to := n.executable()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o700)
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	return nil
}

// save writes the state file, whole or not at all.
func (n *Network) save() error {
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the network's state: %w", err)
	}
	path := filepath.Join(n.Dir, stateFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("save the network's state: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("save the network's state: %w", err)
	}
	return nil
}
