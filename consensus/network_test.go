package consensus

import (
	"bytes"
	"net"
	"strconv"
	"testing"
	"time"
)

// freePorts returns a base port such that nodes nodes find theirs free.
func freePorts(t *testing.T, nodes int) int {
	t.Helper()
	for range 100 {
		base := freePort(t)
		if base+PortStep*nodes < 65536 && allFree(base, nodes) {
			return base
		}
	}
	t.Fatal("no free ports")
	return 0
}

func allFree(base, nodes int) bool {
	for i := range nodes {
		for j := range 2 {
			addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(base+PortStep*i+j))
			l, err := net.Listen("tcp", addr)
			if err != nil {
				return false
			}
			l.Close()
		}
	}
	return true
}

// TestNetworkOfFour starts what InitNetwork made and follows one transaction to all nodes.
func TestNetworkOfFour(t *testing.T) {
	const nodes = 4
	homes, err := InitNetwork(memoryDir(t), nodes, freePorts(t, nodes), []byte(`{"a":1}`), "four")
	if err != nil {
		t.Fatal(err)
	}
	first, err := GenesisHash(homes[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	var running []*Node
	var apps []*chainApp
	var records []*recorder
	for _, h := range homes {
		if got, err := GenesisHash(h.Dir); err != nil || got != first {
			t.Fatalf("genesis of %s differs: %v", h.Dir, err)
		}
		app := &chainApp{}
		r := &recorder{Application: app}
		n, err := Start(t.Context(), Config{Home: h.Dir, App: r})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Stop()
		running, apps, records = append(running, n), append(apps, app), append(records, r)
	}
	code, _, err := running[1].SubmitTx(t.Context(), []byte("one"))
	if err != nil || code != 0 {
		t.Fatalf("submit: code %d, %v", code, err)
	}
	height := findTx(t, running[0], "one")
	for i, n := range running {
		waitHeight(t, n, height+1)
		checkNode(t, n, running[0], height, homes[i].PubKey)
		if err := records[i].err(); err != nil {
			t.Error(err)
		}
	}
	for _, n := range running {
		if err := n.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range apps {
		if apps[i].hash != apps[0].hash || apps[i].hash == [32]byte{} {
			t.Errorf("node %d has state %x, node 0 %x", i, apps[i].hash, apps[0].hash)
		}
	}
}

// findTx waits for the block that holds tx.
func findTx(t *testing.T, n *Node, tx string) int64 {
	t.Helper()
	h := int64(1)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		b, err := n.Block(h)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		if len(b.Txs) == 1 && string(b.Txs[0]) == tx {
			return h
		}
		h++
	}
	t.Fatalf("%q is in no block up to %d after 20 s", tx, h)
	return 0
}

// checkNode compares what n and other say of a height.
func checkNode(t *testing.T, n, other *Node, height int64, pub []byte) {
	t.Helper()
	a, err := n.LightBlock(height)
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.LightBlock(height)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Hash(), b.Hash()) || a.ValidateBasic("four") != nil ||
		a.ValidatorSet.Size() != 4 {
		t.Errorf("light blocks of height %d: %X and %X, %v", height, a.Hash(), b.Hash(),
			a.ValidateBasic("four"))
	}
	if changes, err := n.Transitions(1, height); err != nil || len(changes) > 0 {
		t.Errorf("validator changes: %v, %v", changes, err)
	}
	s, err := n.Status()
	for end := time.Now().Add(20 * time.Second); err == nil && s.Peers != 3; {
		if time.Now().After(end) {
			break
		}
		time.Sleep(time.Millisecond)
		s, err = n.Status()
	}
	if err != nil || s.Peers != 3 || s.CatchingUp {
		t.Errorf("status: %+v, %v", s, err)
	}
	if _, v := a.ValidatorSet.GetByAddress(s.ValidatorAddress); v == nil ||
		!bytes.Equal(v.PubKey.Bytes(), pub) {
		t.Errorf("validator %X is not in the set", s.ValidatorAddress)
	}
}
