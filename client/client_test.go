package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"weir/app/tx"
	"weir/client"
	"weir/client/api"
	"weir/testnet/memnet"
)

func TestReads(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, _ := dial(t, serve(t, n, 0, 0))
	ctx := t.Context()
	st, err := c.Status(ctx)
	if err != nil || st.ChainID != "memory" || len(st.GenesisHash) != 32 || st.Height != 1 {
		t.Errorf("status: %+v %v", st, err)
	}
	if h, err := c.AppHash(ctx, 1); err != nil || h.Height != 1 || len(h.AppHash) != 32 {
		t.Errorf("app hash: %+v %v", h, err)
	}
	res, err := c.Query(ctx, "SELECT 'ä<'")
	if err != nil || *res.Rows[0][0] != "SELECT 'ä<'" || res.Rows[1][0] != nil {
		t.Errorf("query: %+v %v", res, err)
	}
	grown, err := c.Consistency(ctx, "a stream", 7)
	if err != nil || !strings.HasSuffix(string(grown), "a stream since 7") {
		t.Fatalf("%q, %v", grown, err)
	}
	e, err := c.Prove(ctx, "SELECT 1")
	if sql, bad := memnet.Verify(e); err != nil || bad != nil || sql != "SELECT 1" {
		t.Errorf("prove: %q %v %v", e, err, bad)
	}
	_, err = c.Relation(ctx, "nothing")
	var refused *api.Error
	if !errors.As(err, &refused) || refused.SQLState != "42P01" || refused.Status != 404 {
		t.Errorf("relation: %v", err)
	}
}

func TestNewRefusesWhatIsNoURL(t *testing.T) {
	for _, u := range []string{"", "localhost:9348", "ftp://x", "http://"} {
		if _, err := client.New(u); err == nil {
			t.Errorf("%q is taken for a node", u)
		}
	}
	if _, err := client.New(); err == nil {
		t.Error("a client of no node")
	}
}

// A read goes to the next node when one is down, and fails when all are.
func TestFailover(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, _ := dial(t, "http://127.0.0.1:1", serve(t, n, 0, 0))
	if st, err := c.Status(t.Context()); err != nil || st.ChainID != "memory" {
		t.Errorf("the next node is not asked: %v", err)
	}
	c, _ = dial(t, "http://127.0.0.1:1", "http://127.0.0.1:2")
	if _, err := c.Status(t.Context()); err == nil {
		t.Error("nodes that are down answer")
	}
}

// A statement and a batch that nobody decides end after the patience, with the outcome unknown.
func TestPatienceEnds(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 300, 0)) // every submission is lost
	s, err := c.NewSigner(t.Context(), key, "weir")
	if err != nil {
		t.Fatal(err)
	}
	s.SetPatience(100 * time.Millisecond)
	_, err = s.Exec(t.Context(), "CREATE TABLE t (a int)")
	if !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("statement: %v", err)
	}
	w, err := c.NewWriter(t.Context(), client.WriterConfig{
		Key: key, Role: "ops", Writer: "p0", Relation: "readings", Patience: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteClose(), w.Flush()); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("batch: %v", err)
	}
}

// A statement applies once, however often its connection is lost.
func TestExecAppliesOnce(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 30, 7))
	s, err := c.NewSigner(t.Context(), key, "weir")
	if err != nil {
		t.Fatal(err)
	}
	const statements = 40
	for range statements {
		r, err := s.Exec(t.Context(), "CREATE TABLE t (a int)")
		if err != nil || len(r.Hash) != 32 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	if len(n.Statements()) != statements {
		t.Errorf("%d statements applied, want %d", len(n.Statements()), statements)
	}
}

func TestExecRefused(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	s, err := c.NewSigner(t.Context(), key, "weir")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Exec(t.Context(), strings.Repeat("x", tx.DefaultLimits().SQLBytes+1))
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Code != tx.CodeStatementTooLong {
		t.Errorf("got %v", err)
	}
}

func TestFollow(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, _ := dial(t, serve(t, n, 0, 0))
	stop := errors.New("enough")
	go func() {
		for range 20 {
			n.AddBlock()
			time.Sleep(time.Millisecond)
		}
	}()
	want := int64(1)
	err := c.Follow(t.Context(), 0, func(b api.Block) error {
		if b.Height != want {
			t.Errorf("got block %d, want %d", b.Height, want)
		}
		if want++; b.Height == 20 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = c.Follow(ctx, -1, func(api.Block) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
