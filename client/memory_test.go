package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"weir/app/tx"
	"weir/client"
	"weir/client/api"
	"weir/node/httpapi"
	"weir/stream/row"
	"weir/stream/value"
)

// network is a chain of one process with real transactions: it decodes and verifies envelopes
// and keeps lanes by the rules of exactly-once. A batch that comes too early waits until ctx
// ends or the earlier ones are in, as in a node's buffer.
type network struct {
	domain tx.Domain
	rel    api.Relation
	types  []value.Type

	mu      sync.Mutex
	height  int64
	lanes   map[string]*lane
	nonces  map[uint64]bool
	sql     []string
	changed chan struct{}
	waiting int // batches that came too early and wait
	room    int // how many may wait; more are WAITING_FULL
}

// lane is what is in on one lane.
type lane struct {
	seq    uint64
	last   [tx.HashSize]byte
	closed bool
	rows   [][]value.Datum
	done   map[string]*api.Receipt // by first_seq, count, hash
}

func newNetwork() *network {
	n := &network{
		rel: api.Relation{ID: 1024, Name: "readings", Kind: "stream", Version: 1,
			Columns: []api.RelationColumn{
				{Name: "id", Type: "bigint", NotNull: true},
				{Name: "name", Type: "text"},
				{Name: "at", Type: "timestamp without time zone"},
				{Name: "price", Type: "numeric(10,2)"},
			}},
		lanes: map[string]*lane{}, nonces: map[uint64]bool{}, height: 1,
		changed: make(chan struct{}), room: 16,
	}
	n.domain = tx.Domain{ChainID: "test", GenesisHash: [32]byte{1}}
	for _, c := range n.rel.Columns {
		t, err := client.ParseType(c.Type)
		if err != nil {
			panic(err)
		}
		n.types = append(n.types, t)
	}
	return n
}

func rejected(t *tx.Tx, code uint32) *api.Receipt {
	info, _ := tx.Info(code)
	return &api.Receipt{Hash: t.Hash[:], Code: code, SQLState: info.SQLState, Message: info.Meaning}
}

func (n *network) Submit(ctx context.Context, raw []byte) (*api.Receipt, error) {
	t, err := tx.Decode(bytes.Clone(raw), tx.DefaultLimits())
	if r := tx.AsReject(err); r != nil {
		return &api.Receipt{Code: r.Code, SQLState: r.SQLState, Message: r.Message}, nil
	}
	if err := tx.Verify(t, n.domain); err != nil {
		return rejected(t, tx.CodeBadSignature), nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := t.CheckHeight(uint64(n.height+1), tx.DefaultLimits()); err != nil {
		return rejected(t, tx.AsReject(err).Code), nil
	}
	if len(t.Batches) == 0 {
		if n.nonces[t.Header.GetNonce()] {
			return rejected(t, tx.CodeNonceUsed), nil
		}
		n.nonces[t.Header.GetNonce()] = true
		n.sql = append(n.sql, t.Header.GetOperations()[0].GetStatement().GetSql())
		n.commit()
		return &api.Receipt{Hash: t.Hash[:], Height: n.height}, nil
	}
	return n.appendBatch(ctx, t)
}

// commit ends a block; the caller holds the lock.
func (n *network) commit() {
	n.height++
	close(n.changed)
	n.changed = make(chan struct{})
}

// appendBatch applies a batch when it is its turn; the caller holds the lock.
func (n *network) appendBatch(ctx context.Context, t *tx.Tx) (*api.Receipt, error) {
	b := t.Batches[0]
	l := n.lane(b.Lane.Role, b.Lane.Writer)
	id := fmt.Sprint(b.FirstSeq, b.Rows, b.PayloadHash)
	for {
		switch {
		case l.done[id] != nil:
			r := *l.done[id]
			r.Resend = true
			return &r, nil
		case b.FirstSeq <= l.seq:
			return rejected(t, tx.CodeSeqConflict), nil
		case b.FirstSeq == l.seq+1 && b.Previous != l.last:
			return rejected(t, tx.CodePreviousMismatch), nil
		case b.FirstSeq == l.seq+1:
			return n.apply(l, id, t)
		case n.room == 0:
			return rejected(t, tx.CodeSeqGap), nil
		case n.waiting == n.room:
			return rejected(t, tx.CodeWaitingFull), nil
		}
		changed := n.changed
		n.waiting++
		n.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		n.mu.Lock()
		n.waiting--
		if err != nil {
			return nil, err
		}
	}
}

func (n *network) apply(l *lane, id string, t *tx.Tx) (*api.Receipt, error) {
	b := t.Batches[0]
	if b.Rows > 0 {
		cols, rows, err := row.DecodePayload(n.types, t.Payloads[0], 8192)
		if err != nil || rows != int(b.Rows) {
			return rejected(t, tx.CodeBadPayload), nil
		}
		for i := range rows {
			ds := make([]value.Datum, len(cols))
			for c, col := range cols {
				ds[c] = col.Datum(i)
			}
			l.rows = append(l.rows, ds)
		}
	}
	first := l.seq
	l.seq, l.last = l.seq+uint64(b.Rows), b.PayloadHash
	l.closed = b.Close
	n.commit()
	r := &api.Receipt{Hash: t.Hash[:], Height: n.height, FirstOffset: &first}
	l.done[id] = r
	return r, nil
}

func (n *network) lane(role, writer string) *lane {
	l := n.lanes[role+"/"+writer]
	if l == nil {
		l = &lane{done: map[string]*api.Receipt{}}
		n.lanes[role+"/"+writer] = l
	}
	return l
}

func (n *network) Status(context.Context) (*api.Status, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &api.Status{ChainID: n.domain.ChainID, GenesisHash: n.domain.GenesisHash[:],
		Height: n.height}, nil
}

func (n *network) AppHash(_ context.Context, h int64) (*api.AppHash, error) {
	return &api.AppHash{Height: h, AppHash: []byte{byte(h)}}, nil
}

func (n *network) Relation(_ context.Context, name string) (*api.Relation, error) {
	if name != n.rel.Name {
		return nil, &api.Error{Status: 404, SQLState: "42P01", Message: "no such relation"}
	}
	return &n.rel, nil
}

func (n *network) Lane(_ context.Context, id api.LaneID) (*api.Lane, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.lane(id.Role, id.Writer)
	a := &api.Lane{LastSeq: l.seq}
	if l.last != [tx.HashSize]byte{} {
		a.LastPayloadHash = l.last[:]
	}
	return a, nil
}

func (n *network) Query(_ context.Context, sql string) (*api.Result, error) {
	return &api.Result{Columns: []api.Column{{Name: "sql", Type: "text"}},
		Rows: [][]*string{{&sql}, {nil}}, Height: n.height}, nil
}

func (n *network) Prove(_ context.Context, sql string) ([]byte, error) {
	if sql == "" {
		return nil, errors.New("nothing to prove")
	}
	return []byte("evidence of " + sql), nil
}

func (n *network) Follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
	for {
		n.mu.Lock()
		height, changed := n.height, n.changed
		n.mu.Unlock()
		if after < 0 {
			after = height
		}
		for ; after < height; after++ {
			if err := deliver(api.Block{Height: after + 1}); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve puts the network's API on a port. trouble says how often, of 100 submissions, the
// connection breaks before or behind their work, or a node says that it is busy.
func serve(t *testing.T, n *network, trouble int, seed uint64) string {
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
