package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/app/auth"
	"weir/testnet"
)

// A network's homes hold one genesis file, byte for byte the same, with the application's roles.
func TestMakeHomes(t *testing.T) {
	net, err := testnet.Create(testnet.Options{
		Dir: filepath.Join(t.TempDir(), "net"), ChainID: "c", Nodes: 3,
		Ports: testnet.PortsAt(21000), Executable: os.DevNull, Homes: makeHomes,
	})
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(net.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range net.Nodes {
		other, err := os.ReadFile(filepath.Join(n.Home, "config", "genesis.json"))
		if err != nil || !bytes.Equal(first, other) {
			t.Errorf("node %d has another genesis file: %v", n.Index, err)
		}
	}
	checkGenesis(t, first, 3)
}

func TestMakeSingleHome(t *testing.T) {
	net, err := testnet.Single(filepath.Join(t.TempDir(), "dev"), "c", testnet.DefaultPorts(),
		makeHomes)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(net.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	checkGenesis(t, text, 1)
}

// checkGenesis reads the application's part of a genesis file.
func checkGenesis(t *testing.T, text []byte, nodes int) {
	t.Helper()
	var doc struct {
		ChainID    string            `json:"chain_id"`
		AppState   json.RawMessage   `json:"app_state"`
		Validators []json.RawMessage `json:"validators"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	g, err := auth.Parse(doc.AppState)
	if err != nil {
		t.Fatal(err)
	}
	if doc.ChainID != "c" || len(doc.Validators) != nodes || len(g.Gateways) != nodes ||
		g.Roles[0].Name != testnet.OwnerRole {
		t.Errorf("%s, %d validators, %+v", doc.ChainID, len(doc.Validators), g)
	}
}

// A home that joins a network has its genesis file, byte for byte, keys of its own, and asks for
// state sync under the trusted header.
func TestMakeJoiningHome(t *testing.T) {
	net, err := testnet.Single(filepath.Join(t.TempDir(), "one"), "c", testnet.DefaultPorts(),
		makeHomes)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "joined")
	f := joinFlags{
		genesis: net.Genesis(), trust: "7:" + strings.Repeat("ab", 32), name: "j", slot: 3,
		peers: []string{"aa@127.0.0.1:26656"}, rpc: []string{"127.0.0.1:26657"},
	}
	if _, err := f.makeHome(home); err != nil {
		t.Fatal(err)
	}
	want, err1 := os.ReadFile(net.Genesis())
	got, err2 := os.ReadFile(filepath.Join(home, "config", "genesis.json"))
	if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
		t.Errorf("another genesis file: %v %v", err1, err2)
	}
	text, err := os.ReadFile(filepath.Join(home, "config", "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`rpc_servers = "127.0.0.1:26657,127.0.0.1:26657"`, "trust_height = 7",
		`trust_hash = "` + strings.Repeat("ab", 32) + `"`, `laddr = "tcp://127.0.0.1:26686"`,
	} {
		if !strings.Contains(string(text), line) {
			t.Errorf("config.toml lacks %s", line)
		}
	}
	if _, err := f.makeHome(home); err == nil {
		t.Error("a home is made twice")
	}
}
