package testnet

import (
	"fmt"
	"net"
)

// PortStep is the distance between two nodes' ports.
const PortStep = 10

// MaxNodes bounds a network, so that two nodes' ports cannot meet.
const MaxNodes = 32

// Ports are the loopback ports of one node.
type Ports struct {
	PG      int `json:"pg"`
	HTTP    int `json:"http"`
	Metrics int `json:"metrics"`
	P2P     int `json:"p2p"`
	RPC     int `json:"rpc"`
}

// DefaultPorts are node 0's ports where nothing else is asked for.
func DefaultPorts() Ports {
	return Ports{PG: 9347, HTTP: 9348, Metrics: 9349, P2P: 26656, RPC: 26657}
}

// PortsAt puts node 0's ports at base and above it.
func PortsAt(base int) Ports {
	return Ports{PG: base, HTTP: base + 1, Metrics: base + 2, P2P: base + 3, RPC: base + 4}
}

// Node returns the ports of node i: each 10*i above those of node 0.
func (p Ports) Node(i int) Ports {
	d := PortStep * i
	return Ports{
		PG: p.PG + d, HTTP: p.HTTP + d, Metrics: p.Metrics + d, P2P: p.P2P + d, RPC: p.RPC + d,
	}
}

// all lists the ports.
func (p Ports) all() []int { return []int{p.PG, p.HTTP, p.Metrics, p.P2P, p.RPC} }

// The range in which free ports are sought: below those that Linux hands out to connections.
const (
	searchFrom = 21_000
	searchTo   = 32_000
)

// FreePorts returns ports for a network of n nodes that nobody listens on now: the default ones,
// or the first free ones of a range.
func FreePorts(n int) (Ports, error) {
	if p := DefaultPorts(); free(p, n) {
		return p, nil
	}
	return FreePortsFrom(searchFrom, n)
}

// FreePortsFrom returns the first free ports for n nodes from a base on.
func FreePortsFrom(from, n int) (Ports, error) {
	for base := from; base+PortStep*n < searchTo; base += PortStep * MaxNodes {
		if p := PortsAt(base); free(p, n) {
			return p, nil
		}
	}
	return Ports{}, fmt.Errorf("no %d free ports in a row between %d and %d", PortStep*n,
		from, searchTo)
}

// free reports whether all ports of n nodes can be listened on.
func free(p Ports, n int) bool {
	for i := range n {
		for _, port := range p.Node(i).all() {
			ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				return false
			}
			ln.Close()
		}
	}
	return true
}

// checkPorts refuses ports that do not exist.
func checkPorts(p Ports, n int) error {
	for _, port := range append(p.all(), p.Node(n-1).all()...) {
		if port < 1 || port > 65535 {
			return fmt.Errorf("port %d does not exist", port)
		}
	}
	return nil
}
