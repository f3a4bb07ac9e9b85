package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/client/api"
	"weir/node/httpapi"
	"weir/testnet"
	"weir/testnet/demo"
	"weir/testnet/flights"
	"weir/testnet/memnet"
)

// chainVar tells the processes of a rehearsal where its chain is.
const chainVar = "WEIR_REHEARSAL_CHAIN"

// A copy of this test program is the node of a rehearsal: a process that can be killed, passing
// every request on to the one chain in memory of the test.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "start" {
		if err := pass(os.Args[3], os.Getenv(chainVar)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// pass serves a home until standard input ends.
func pass(home, chain string) error {
	addr, err := os.ReadFile(filepath.Join(home, "http"))
	if err != nil {
		return err
	}
	target, err := url.Parse(chain)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", string(addr))
	if err != nil {
		return err
	}
	go http.Serve(ln, httputil.NewSingleHostReverseProxy(target))
	_, _ = os.Stdin.Read(make([]byte, 1))
	return nil
}

// rehearse runs the demo over a chain in memory.
func rehearse(
	t *testing.T, ctx context.Context, verify func(evidence, genesis []byte) (*demo.Proven, error),
) (*memnet.Network, string, error) {
	t.Helper()
	rel := api.Relation{ID: 1024, Name: "flights", Kind: "stream", Version: 1}
	for _, c := range []string{
		"flight_id bigint", "departed_at timestamp without time zone",
		"delay_min integer", "distance_mi integer", "origin text", "destination text",
	} {
		name, typ, _ := strings.Cut(c, " ")
		rel.Columns = append(rel.Columns, api.RelationColumn{Name: name, Type: typ})
	}
	chain, err := memnet.New(rel, memnet.DefaultRoom)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.New(chain, httpapi.Options{}))
	t.Cleanup(srv.Close)
	t.Setenv(chainVar, srv.URL)
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	err = demo.Run(ctx, demo.Options{Out: &out, Verify: verify, Homes: homes})
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "weir-demo-*"))
	if len(left) > 0 {
		t.Errorf("the demo leaves %v", left)
	}
	return chain, out.String(), err
}

func homes(n *testnet.Network, _ []byte) error {
	for _, node := range n.Nodes {
		addr := strings.TrimPrefix(node.HTTP(), "http://")
		if err := os.WriteFile(filepath.Join(node.Home, "http"), []byte(addr), 0o600); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(n.Genesis()), 0o700); err != nil {
		return err
	}
	return os.WriteFile(n.Genesis(), []byte("{}"), 0o600)
}

func verify(evidence, _ []byte) (*demo.Proven, error) {
	sql, err := memnet.Verify(evidence)
	if err != nil {
		return nil, err
	}
	return &demo.Proven{ReliedOn: []string{"nothing"}, Answer: api.Result{
		Columns: []api.Column{{Name: "sql", Type: "text"}}, Rows: [][]*string{{&sql}},
	}}, nil
}

// The story runs from end to end with processes that are really killed: every flight record is
// in exactly once, every lane is closed, and nothing is left behind.
func TestRehearsal(t *testing.T) {
	chain, out, err := rehearse(t, t.Context(), verify)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"20000/20000 rows", "validator 3 killed (SIGKILL)", "The crashed validator catches up",
		"verified offline", "flipped: refused",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the story does not tell %q:\n%s", want, out)
		}
	}
	if got := len(chain.Statements()); got != 5 {
		t.Errorf("%d statements applied, want 5", got)
	}
	seen := map[int64]bool{}
	for p := range 5 {
		lane := chain.LaneOf("airports", fmt.Sprintf("p%d", p))
		if !lane.Closed {
			t.Errorf("the lane of p%d is open", p)
		}
		for _, r := range lane.Rows {
			if seen[r[0].I] {
				t.Errorf("flight %d is in twice", r[0].I)
			}
			seen[r[0].I] = true
		}
	}
	if len(seen) != flights.Rows {
		t.Errorf("%d flights are in, want %d", len(seen), flights.Rows)
	}
}

// A verifier that accepts a changed file is a failure of the demo, and cleans up as well.
func TestRehearsalWithACredulousVerifier(t *testing.T) {
	_, _, err := rehearse(t, t.Context(), func(_, _ []byte) (*demo.Proven, error) {
		return &demo.Proven{}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "flipped bit") {
		t.Errorf("got %v", err)
	}
}

// An interruption ends the demo and cleans up.
func TestInterruptedRehearsal(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupt := errors.New("interrupted")
	_, _, err := rehearse(t, ctx, func(_, _ []byte) (*demo.Proven, error) {
		cancel(interrupt)
		return nil, context.Cause(ctx)
	})
	if !errors.Is(err, interrupt) {
		t.Errorf("got %v", err)
	}
}
