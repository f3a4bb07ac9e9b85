package consensus

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestProfilesSurviveTheFile writes each profile's config.toml and reads back the same settings.
func TestProfilesSurviveTheFile(t *testing.T) {
	for _, p := range []Profile{Local, Production} {
		home := t.TempDir()
		if _, err := InitHome(InitOptions{Home: home, Profile: p, ChainID: "t"}); err != nil {
			t.Fatal(err)
		}
		got, err := loadConfig(home)
		if err != nil {
			t.Fatal(err)
		}
		want, err := profileConfig(p, home, BasePort)
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string][2]any{
			"p2p": {got.P2P, want.P2P}, "mempool": {got.Mempool, want.Mempool},
			"consensus": {got.Consensus, want.Consensus}, "storage": {got.Storage, want.Storage},
			"index": {got.TxIndex, want.TxIndex}, "db": {got.DBBackend, want.DBBackend},
			"rpc": {got.RPC.ListenAddress, want.RPC.ListenAddress},
		} {
			if !reflect.DeepEqual(x[0], x[1]) {
				t.Errorf("%s: %s: %+v, want %+v", p, name, x[0], x[1])
			}
		}
		if got.RPC.ListenAddress != "tcp://127.0.0.1:26657" || got.P2P.PexReactor ||
			got.Consensus.CreateEmptyBlocks || got.Consensus.CreateEmptyBlocksInterval != time.Second {
			t.Errorf("%s: rpc %s, pex %v", p, got.RPC.ListenAddress, got.P2P.PexReactor)
		}
	}
	if _, err := InitHome(InitOptions{Home: t.TempDir(), Profile: "fast"}); err == nil {
		t.Error("an unknown profile was taken")
	}
}

func TestConfigIsReadStrictly(t *testing.T) {
	home := t.TempDir()
	if _, err := InitHome(InitOptions{Home: home, ChainID: "t"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "config", "config.toml")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, bad := range map[string][2]string{
		"timeout_commit = \"0s\"":       {"timeout_comit = \"0s\"", "unknown setting"},
		"timeout_propose = \"1s\"":      {"timeout_propose = \"soon\"", "invalid duration"},
		"timeout_prevote = \"500ms\"":   {"timeout_prevote = \"-1s\"", "negative"},
		"create_empty_blocks = false":   {"create_empty_blocks = \"no\"", "want bool"},
		"max_packet_msg_payload_size =": {"max_packet_msg_payload_size = true #", "want int"},
	} {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("config.toml has no %s", old)
		}
		b := bytes.Replace(good, []byte(old), []byte(bad[0]), 1)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(home); err == nil || !strings.Contains(err.Error(), bad[1]) {
			t.Errorf("%s: %v, want an error with %q", bad[0], err, bad[1])
		}
	}
}

// TestKeysNeverStartOver: a home that has a validator key is refused, and so are numbers of
// nodes outside the limit.
func TestKeysNeverStartOver(t *testing.T) {
	dir := t.TempDir()
	homes, err := InitNetwork(dir, maxNetworkNodes, BasePort, nil, "t")
	if err != nil || len(homes) != maxNetworkNodes {
		t.Fatalf("%d homes, %v", len(homes), err)
	}
	if _, err := InitHome(InitOptions{Home: homes[0].Dir, ChainID: "t"}); err == nil {
		t.Error("a home was made twice")
	}
	for _, n := range []int{0, maxNetworkNodes + 1} {
		if _, err := InitNetwork(t.TempDir(), n, BasePort, nil, "t"); err == nil {
			t.Errorf("made %d homes", n)
		}
	}
	last := homes[maxNetworkNodes-1]
	c, err := loadConfig(last.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(c.P2P.PersistentPeers, "@"); n != maxNetworkNodes-1 ||
		strings.Contains(c.P2P.PersistentPeers, last.NodeID) {
		t.Errorf("%d peers: %s", n, c.P2P.PersistentPeers)
	}
	info, err := os.Stat(c.PrivValidatorKeyFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v, %v", info.Mode(), err)
	}
}
