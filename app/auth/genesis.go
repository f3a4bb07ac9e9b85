package auth

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"weir/app/tx"
)

// ProtocolVersion is the only protocol version that this code runs.
const ProtocolVersion = 0

// Limits on the lists of the genesis state, each tested at n and n+1.
const (
	MaxRoles       = 1024
	MaxKeysPerRole = 1024
	MaxWriters     = 256 // per key, and per grant
	MaxGateways    = 256
)

// GatewayPrefix starts the writer names of gateways.
const GatewayPrefix = "gw/"

// AnyWriter in a key's writers allows every writer name but a gateway's; in a role's gateways it
// means every node.
const AnyWriter = "*"

// Genesis is the application state of a network's first block: app_state of genesis.json.
type Genesis struct {
	ProtocolVersion uint32     `json:"protocol_version"`
	Parameters      Parameters `json:"parameters"`
	Gateways        []Gateway  `json:"gateways"`
	Roles           []Role     `json:"roles"`
}

// Gateway is the key with which a node signs for sessions that hold none.
type Gateway struct {
	Node string `json:"node"` // at most the limit of writer names less GatewayPrefix
	Key  Key    `json:"key"`
}

// Role is an organisation or a part of one.
type Role struct {
	Name     string    `json:"name"`
	Rights   []string  `json:"rights"`   // CREATE, GOVERN
	Gateways []string  `json:"gateways"` // nodes that may act for it, or "*"
	Keys     []RoleKey `json:"keys"`
}

// RoleKey is a key of a role and the writers that it may append as.
type RoleKey struct {
	Key     Key      `json:"key"`
	Writers []string `json:"writers"` // or "*"; empty for a key that only runs statements
}

// Key is an Ed25519 public key, in JSON as 64 lower-case hexadecimal digits.
type Key [tx.KeySize]byte

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Key) UnmarshalText(b []byte) error {
	if len(b) != 2*tx.KeySize || bytes.ContainsAny(b, "ABCDEF") {
		return fmt.Errorf("a key has %d lower-case hexadecimal digits", 2*tx.KeySize)
	}
	_, err := hex.Decode(k[:], b)
	return err
}

// Parse decodes and checks app_state strictly: unknown members, repeated members, trailing data,
// bad keys and names, and lists over their limits are a *tx.Reject.
func Parse(appState []byte) (*Genesis, error) {
	if err := checkMembers(appState); err != nil {
		return nil, bad("%v", err)
	}
	g := &Genesis{Parameters: DefaultParameters()}
	d := json.NewDecoder(bytes.NewReader(appState))
	d.DisallowUnknownFields()
	if err := d.Decode(g); err != nil {
		return nil, bad("%v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad("data follows the application state")
	}
	if err := g.Check(); err != nil {
		return nil, err
	}
	return g, nil
}

// Check returns a *tx.Reject unless the genesis state is valid.
func (g *Genesis) Check() error {
	if g.ProtocolVersion != ProtocolVersion {
		return tx.Rejectf(tx.CodeUnknownProtocol, "protocol version %d is not known, %d is",
			g.ProtocolVersion, ProtocolVersion)
	}
	if err := g.Parameters.Check(); err != nil {
		return err
	}
	lim := g.Parameters.TxLimits()
	nodes, keys := map[string]bool{}, map[Key]bool{}
	if len(g.Gateways) > MaxGateways {
		return bad("there are %d gateways, more than %d", len(g.Gateways), MaxGateways)
	}
	for _, gw := range g.Gateways {
		if err := tx.CheckName("gateway writer", GatewayPrefix+gw.Node, lim); err != nil {
			return err
		}
		if err := tx.CheckKey(gw.Key[:]); err != nil {
			return err
		}
		if gw.Node == "" || gw.Node == AnyWriter || nodes[gw.Node] || keys[gw.Key] {
			return bad("the node name or key of gateway %q is empty or taken", gw.Node)
		}
		nodes[gw.Node], keys[gw.Key] = true, true
	}
	if len(g.Roles) > MaxRoles {
		return bad("there are %d roles, more than %d", len(g.Roles), MaxRoles)
	}
	names := map[string]bool{}
	for i := range g.Roles {
		r := &g.Roles[i]
		if names[r.Name] {
			return bad("role %q is named twice", r.Name)
		}
		names[r.Name] = true
		if err := r.check(nodes, keys, lim); err != nil {
			return err
		}
	}
	return nil
}

func (r *Role) check(nodes map[string]bool, gateways map[Key]bool, lim tx.Limits) error {
	if err := tx.CheckName("role", r.Name, lim); err != nil {
		return err
	}
	if _, err := parseRights(r.Rights); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, n := range r.Gateways {
		if seen[n] || n != AnyWriter && !nodes[n] || n == AnyWriter && len(r.Gateways) > 1 {
			return bad("gateway %q of role %q is unknown or repeated", n, r.Name)
		}
		seen[n] = true
	}
	if len(r.Keys) > MaxKeysPerRole {
		return tx.Rejectf(tx.CodeTooManyKeys, "role %q has %d keys, more than %d",
			r.Name, len(r.Keys), MaxKeysPerRole)
	}
	keys := map[Key]bool{}
	for i := range r.Keys {
		k := &r.Keys[i]
		if keys[k.Key] || gateways[k.Key] {
			return bad("role %q has key %x twice, or it is a gateway's", r.Name, k.Key[:])
		}
		keys[k.Key] = true
		if err := k.check(lim); err != nil {
			return err
		}
	}
	return nil
}

// check checks a key and its writers by themselves.
func (k *RoleKey) check(lim tx.Limits) error {
	if err := tx.CheckKey(k.Key[:]); err != nil {
		return err
	}
	return checkWriters(k.Writers, lim)
}

func checkWriters(writers []string, lim tx.Limits) error {
	if len(writers) > MaxWriters {
		return tx.Rejectf(tx.CodeTooManyKeys, "a key or grant has %d writers, more than %d",
			len(writers), MaxWriters)
	}
	seen := map[string]bool{}
	for _, w := range writers {
		if err := tx.CheckName("writer", w, lim); err != nil {
			return err
		}
		if seen[w] || strings.HasPrefix(w, GatewayPrefix) || w == AnyWriter && len(writers) > 1 {
			return bad("writer %q is repeated, a gateway's, or beside *", w)
		}
		seen[w] = true
	}
	return nil
}

func bad(format string, args ...any) *tx.Reject {
	return tx.Rejectf(tx.CodeBadGenesis, format, args...)
}
