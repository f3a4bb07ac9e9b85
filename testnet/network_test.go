package testnet_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/client/api"
	"weir/testnet"
)

// A copy of this test program is the program that the tests' networks run: "start --home DIR"
// answers the status at the address in DIR/http until it is told to stop.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "start" {
		os.Exit(runNode(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func runNode(args []string) int {
	fs := flag.NewFlagSet("start", flag.ExitOnError)
	home := fs.String("home", "", "")
	eof := fs.Bool("stop-at-eof", false, "")
	_ = fs.Parse(args)
	addr, err := os.ReadFile(filepath.Join(*home, "http"))
	if err != nil {
		fmt.Println("cannot start:", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if *eof {
		go func() {
			_, _ = os.Stdin.Read(make([]byte, 1))
			stop()
		}()
	}
	ln, err := net.Listen("tcp", string(addr))
	if err != nil {
		fmt.Println("cannot listen:", err)
		return 1
	}
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"height":%d,"moniker":%q}`, os.Getpid(), filepath.Base(*home))
	}))
	<-ctx.Done()
	return 0
}

// create makes a network of n nodes on free ports.
func create(t *testing.T, n int) *testnet.Network {
	t.Helper()
	// Packages are tested side by side: these ports are not where others look.
	ports, err := testnet.FreePortsFrom(testPorts, n)
	if err != nil {
		t.Fatal(err)
	}
	net, err := testnet.Create(testnet.Options{
		Dir: filepath.Join(t.TempDir(), "net"), ChainID: "t", Nodes: n, Ports: ports,
		Homes: func(net *testnet.Network, _ []byte) error {
			for _, node := range net.Nodes {
				addr := strings.TrimPrefix(node.HTTP(), "http://")
				if err := os.WriteFile(filepath.Join(node.Home, "http"), []byte(addr), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := os.Stat(net.Dir); err != nil {
			return // the test removed it
		}
		if err := net.Down(); err != nil {
			t.Error(err)
		}
	})
	return net
}

func ready(t *testing.T, net *testnet.Network, i int) *api.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	st, err := net.WaitReady(ctx, i)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLifeOfANetwork(t *testing.T) {
	net := create(t, 3)
	for i := range net.Nodes {
		must(t, net.Start(i, i == 0))
	}
	for i := range net.Nodes {
		if st := ready(t, net, i); st.Moniker != fmt.Sprintf("node%d", i) {
			t.Errorf("node %d answers as %s", i, st.Moniker)
		}
	}
	if err := net.Start(1, false); err == nil {
		t.Error("a node runs twice")
	}

	must(t, net.Kill(1))
	if net.Running(1) || !net.Running(0) || !net.Running(2) {
		t.Error("killed one, and that is not what ended")
	}
	if err := net.Kill(1); err == nil {
		t.Error("a node that does not run is killed")
	}
	before := ready(t, net, 2).Height // the process id, in the test program
	must(t, net.Restart(1, false))
	must(t, net.Restart(2, false))
	ready(t, net, 1)
	if ready(t, net, 2).Height == before {
		t.Error("a restarted node is the same process")
	}

	// Another command finds the same network in its directory.
	other, err := testnet.Open(net.Dir)
	must(t, err)
	must(t, other.Pause(2))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := other.WaitReady(ctx, 2); err == nil {
		t.Error("a paused node answers")
	}
	must(t, other.Resume(2))
	ready(t, other, 2)
	must(t, other.Pause(1))
	must(t, other.Down())
	for i := range other.Nodes {
		if other.Running(i) {
			t.Errorf("node %d survives", i)
		}
	}
	must(t, other.Remove())
	if _, err := testnet.Open(net.Dir); err == nil {
		t.Error("a removed network is found")
	}
}

// A node that ends at once is told with the end of its log, and not waited for.
func TestNodeThatCannotStart(t *testing.T) {
	net := create(t, 1)
	must(t, os.Remove(filepath.Join(net.Nodes[0].Home, "http")))
	must(t, net.Start(0, true))
	_, err := net.WaitReady(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "cannot start: open") {
		t.Errorf("got %v", err)
	}
}

// An attached node ends with the process that started it, even if that is killed.
func TestAttachedNodeEndsWithItsParent(t *testing.T) {
	net := create(t, 1)
	must(t, net.Start(0, true))
	ready(t, net, 0)
	must(t, net.CutLifeline(0))
	for end := time.Now().Add(5 * time.Second); net.Running(0); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the node lives on")
		}
	}
}

// The id of a process that is not the node is never used.
func TestForeignProcessIsLeftAlone(t *testing.T) {
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("this system does not tell what a process runs")
	}
	net := create(t, 1)
	net.Nodes[0].PID = os.Getpid()
	if net.Running(0) {
		t.Error("a process that is not the node is taken for it")
	}
	if err := net.Kill(0); err == nil {
		t.Error("a process that is not the node is killed")
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		nodes int
		ports testnet.Ports
		ok    bool
	}{
		{0, testnet.PortsAt(21000), false},
		{testnet.MaxNodes, testnet.PortsAt(21000), true},
		{testnet.MaxNodes + 1, testnet.PortsAt(21000), false},
		{1, testnet.PortsAt(65531), true},
		{1, testnet.PortsAt(65532), false},
		{1, testnet.PortsAt(0), false},
	} {
		_, err := testnet.Create(testnet.Options{
			Dir: filepath.Join(t.TempDir(), "n"), Nodes: c.nodes, Ports: c.ports, Executable: "/dev/null",
			Homes: func(*testnet.Network, []byte) error { return nil },
		})
		if (err == nil) != c.ok {
			t.Errorf("%d nodes at %+v: %v", c.nodes, c.ports, err)
		}
	}
}

func TestCreateNeedsAnEmptyDirectory(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600))
	_, err := testnet.Create(testnet.Options{Dir: dir, Nodes: 1, Ports: testnet.PortsAt(21000)})
	if err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
}

// Free ports are other ones while somebody listens on one of them.
func TestFreePortsAvoidsOneInUse(t *testing.T) {
	d, err := testnet.FreePortsFrom(testPorts, 2)
	must(t, err)
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", d.Node(1).PG))
	must(t, err)
	defer ln.Close()
	p, err := testnet.FreePortsFrom(testPorts, 2)
	if err != nil || p == d {
		t.Errorf("got %+v, %v", p, err)
	}
}

// testPorts is where this package's tests look for ports.
const testPorts = 27_000
