package client_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"weir/client"
	"weir/client/api"
	"weir/node/httpapi"
	"weir/testnet/memnet"
)

// readingsRelation is the stream of the tests.
func readingsRelation() api.Relation {
	return api.Relation{
		ID: 1024, Name: "readings", Kind: "stream", Version: 1,
		Columns: []api.RelationColumn{
			{Name: "id", Type: "bigint", NotNull: true},
			{Name: "name", Type: "text"},
			{Name: "at", Type: "timestamp without time zone"},
			{Name: "price", Type: "numeric(10,2)"},
		},
	}
}

// newNetwork returns a network with room for early batches.
func newNetwork(t *testing.T, room int) *memnet.Network {
	t.Helper()
	n, err := memnet.New(readingsRelation(), room)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// serve puts the network's API on a port. trouble says how often, of 100 submissions, the
// connection breaks before or behind their work, or a node says that it is busy.
func serve(t *testing.T, n *memnet.Network, trouble int, seed uint64) string {
	t.Helper()
	inner := httpapi.New(n, httpapi.Options{})
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 1))
	draw := func() int {
		mu.Lock()
		defer mu.Unlock()
		return rnd.IntN(300)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != api.PathTx {
			inner.ServeHTTP(w, r)
			return
		}
		switch d := draw(); {
		case d < trouble:
			panic(http.ErrAbortHandler) // lost before it arrived
		case d < 2*trouble:
			inner.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // decided, and the answer is lost
		case d < 3*trouble:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			inner.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// dial returns a client of the URLs and a key.
func dial(t *testing.T, urls ...string) (*client.Client, *client.Key) {
	t.Helper()
	c, err := client.New(urls...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	k, err := client.GenerateKey("p0")
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}
