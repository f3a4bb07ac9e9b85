package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"

	"weir/app"
	"weir/app/auth"
	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
	"weir/stream/row"
	"weir/stream/value"
)

// ValidBlocks is how many blocks ahead the gateway's transactions expire.
const ValidBlocks = 500

// gateway signs what sessions without a key of their own write. The ledger shows it: the writer
// is gw/<node>, and the role is the session's.
type gateway struct {
	name   string // the node's name in genesis
	key    ed25519.PrivateKey
	domain tx.Domain
	app    *app.App
	sub    *submitter

	mu    sync.Mutex
	lanes map[tx.Lane]*sync.Mutex
}

// header starts a header that the gateway signs on a role's behalf.
func (g *gateway) header(role string, ops ...*weirv1.Operation) (*weirv1.Header, error) {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	s := g.app.Snapshot()
	if s == nil {
		return nil, tx.Rejectf(tx.CodePoolFull, "the network has no block yet")
	}
	return &weirv1.Header{
		Role: role, ValidUntil: uint64(s.Height() + ValidBlocks),
		Nonce: binary.BigEndian.Uint64(nonce[:]), Operations: ops,
	}, nil
}

// send signs a body and waits for the block that decides it. A refusal is a *tx.Reject.
func (g *gateway) send(ctx context.Context, h *weirv1.Header, payloads [][]byte) (
	app.TxResult, error,
) {
	raw, err := tx.Sign(g.key, g.domain, h, payloads)
	if err != nil {
		return app.TxResult{}, err
	}
	res, err := g.sub.submit(ctx, raw)
	if err == nil && res.Rejected != nil {
		err = res.Rejected
	}
	return res, err
}

// statements runs SQL statements as one body.
func (g *gateway) statements(ctx context.Context, role string, sqls []string) (
	app.TxResult, error,
) {
	ops := make([]*weirv1.Operation, len(sqls))
	for i, s := range sqls {
		ops[i] = tx.StatementOp(s)
	}
	h, err := g.header(role, ops...)
	if err != nil {
		return app.TxResult{}, err
	}
	return g.send(ctx, h, nil)
}

// rows are rows of one stream that a body appends.
type rows struct {
	relation, version uint32
	cols              []*value.Vec
	n                 int
}

// body appends rows to streams and runs statements, all or nothing. Each stream comes at most
// once. The lanes are held until the outcome is known, so that no batch is sent with a number
// that another one is about to take.
func (g *gateway) body(ctx context.Context, role string, batches []rows, sqls []string) (
	app.TxResult, error,
) {
	var ops []*weirv1.Operation
	var payloads [][]byte
	for _, r := range batches {
		lane := tx.Lane{Role: role, Writer: auth.GatewayPrefix + g.name, Relation: r.relation}
		defer g.hold(lane)()
		head, err := g.app.Snapshot().Lane(lane)
		if err != nil {
			return app.TxResult{}, err
		}
		payload := row.EncodePayload(r.cols, r.n)
		ops = append(ops, tx.AppendOp(tx.Spec{
			Relation: r.relation, SchemaVersion: r.version, Writer: lane.Writer,
			FirstSeq: head.LastSeq + 1, Rows: uint32(r.n), Previous: head.LastHash,
			Payload: payload,
		}))
		payloads = append(payloads, payload)
	}
	for _, s := range sqls {
		ops = append(ops, tx.StatementOp(s))
	}
	h, err := g.header(role, ops...)
	if err != nil {
		return app.TxResult{}, err
	}
	return g.send(ctx, h, payloads)
}

// hold locks a lane and returns what unlocks it.
func (g *gateway) hold(l tx.Lane) (release func()) {
	g.mu.Lock()
	m := g.lanes[l]
	if m == nil {
		m = &sync.Mutex{}
		g.lanes[l] = m
	}
	g.mu.Unlock()
	m.Lock()
	return m.Unlock
}
