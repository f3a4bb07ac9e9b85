package testnet

import (
	"encoding/json"
	"fmt"

	"weir/app/auth"
	"weir/client"
)

// The names that local networks give.
const (
	// OwnerRole may create relations; OwnerKey is its key, in the network's own keys/.
	OwnerRole = "weir"
	OwnerKey  = "weir"
	// GatewayKey is the key with which a node signs for sessions that hold none, in the node's
	// own keys/.
	GatewayKey = "gateway"
)

// NodeName is the name of node i: its moniker, and in genesis the name of its gateway.
func NodeName(i int) string { return fmt.Sprintf("node%d", i) }

// Member is a key that genesis admits to a role beside the owner's.
type Member struct {
	Role    string
	Key     *client.Key
	Writers []string // the producers that it may append as
}

// MakeGenesis makes the keys of a local network and its application state: the role weir with
// CREATE, whose key lies in keyHome, a gateway key in every node's home, and the members' roles.
func MakeGenesis(keyHome string, nodeHomes []string, members []Member) (json.RawMessage, error) {
	g := auth.Genesis{ProtocolVersion: auth.ProtocolVersion, Parameters: auth.DefaultParameters()}
	owner, err := ownKey(keyHome, OwnerKey)
	if err != nil {
		return nil, err
	}
	for i, home := range nodeHomes {
		k, err := ownKey(home, GatewayKey)
		if err != nil {
			return nil, err
		}
		g.Gateways = append(g.Gateways, auth.Gateway{
			Node: NodeName(i), Key: auth.Key(k.Public()),
		})
	}
	roles := []*auth.Role{{
		Name: OwnerRole, Rights: []string{"CREATE", "GOVERN"}, Gateways: []string{auth.AnyWriter},
		Keys: []auth.RoleKey{{Key: auth.Key(owner.Public()), Writers: []string{auth.AnyWriter}}},
	}}
	for _, m := range members {
		role := roles[len(roles)-1]
		if role.Name != m.Role { // members of a role stand together
			role = &auth.Role{Name: m.Role, Rights: []string{}, Gateways: []string{}}
			roles = append(roles, role)
		}
		role.Keys = append(role.Keys, auth.RoleKey{
			Key: auth.Key(m.Key.Public()), Writers: m.Writers,
		})
	}
	for _, r := range roles {
		g.Roles = append(g.Roles, *r)
	}
	if err := g.Check(); err != nil {
		return nil, fmt.Errorf("make the genesis state: %w", err)
	}
	text, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("encode the genesis state: %w", err)
	}
	return text, nil
}

// ownKey loads a key of a home, or makes it.
func ownKey(home, name string) (*client.Key, error) {
	ks := client.HomeKeys(home)
	if k, err := ks.Load(name); err == nil {
		return k, nil
	}
	return ks.Create(name)
}
