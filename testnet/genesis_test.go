package testnet_test

import (
	"path/filepath"
	"testing"

	"weir/app/auth"
	"weir/client"
	"weir/testnet"
)

func TestMakeGenesis(t *testing.T) {
	dir := t.TempDir()
	p0, err := client.GenerateKey("p0")
	must(t, err)
	text, err := testnet.MakeGenesis(dir,
		[]string{filepath.Join(dir, "node0"), filepath.Join(dir, "node1")},
		[]testnet.Member{{Role: "airports", Key: p0, Writers: []string{"p0"}}})
	must(t, err)
	g, err := auth.Parse(text)
	must(t, err)
	owner, err := client.HomeKeys(dir).Load(testnet.OwnerKey)
	must(t, err)
	if len(g.Roles) != 2 || g.Roles[0].Keys[0].Key != auth.Key(owner.Public()) ||
		g.Roles[1].Name != "airports" || g.Roles[1].Keys[0].Key != auth.Key(p0.Public()) {
		t.Errorf("roles: %+v", g.Roles)
	}
	gateway, err := client.HomeKeys(filepath.Join(dir, "node1")).Load(testnet.GatewayKey)
	must(t, err)
	if len(g.Gateways) != 2 || g.Gateways[1].Node != "node1" ||
		g.Gateways[1].Key != auth.Key(gateway.Public()) {
		t.Errorf("gateways: %+v", g.Gateways)
	}
}
