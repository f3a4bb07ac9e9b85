package memnet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"weir/app/tx"
	"weir/client"
	"weir/client/api"
	"weir/stream/row"
	"weir/stream/value"
)

// Network is a chain of one process, safe for concurrent use. A batch that comes too early waits
// until the earlier ones are in, as in a node's buffer.
type Network struct {
	domain tx.Domain
	rel    api.Relation
	types  []value.Type

	mu      sync.Mutex
	height  int64
	lanes   map[string]*Lane
	nonces  map[uint64]bool
	sql     []string
	changed chan struct{} // closed and replaced by every block
	waiting int           // batches that came too early and wait
	room    int           // how many may wait
}

// Lane is what is in on one lane.
type Lane struct {
	Closed bool
	Rows   [][]value.Datum

	seq  uint64
	last [tx.HashSize]byte
	done map[string]*api.Receipt // by first_seq, count, hash
}

// DefaultRoom is how many batches may wait for earlier ones.
const DefaultRoom = 16

// New returns a network whose only relation is rel; without a name it answers to every name. Of
// the batches that come too early room may wait; further ones are refused as WAITING_FULL, or all
// as SEQ_GAP if room is 0.
func New(rel api.Relation, room int) (*Network, error) {
	schema, err := client.NewSchema(&rel)
	if err != nil {
		return nil, err
	}
	return &Network{
		domain: tx.Domain{ChainID: "memory", GenesisHash: sha256.Sum256([]byte("memory"))},
		rel:    rel, types: schema.Types, height: 1, room: room,
		lanes: map[string]*Lane{}, nonces: map[uint64]bool{}, changed: make(chan struct{}),
	}, nil
}

// Statements returns the statements that applied, in order.
func (n *Network) Statements() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.sql)
}

// LaneOf returns what is in on a lane. Nobody may write to it any more.
func (n *Network) LaneOf(role, writer string) *Lane {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lane(role, writer)
}

// AddBlock adds an empty block.
func (n *Network) AddBlock() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.commit()
}

func rejected(t *tx.Tx, code uint32) *api.Receipt {
	info, _ := tx.Info(code)
	return &api.Receipt{Hash: t.Hash[:], Code: code, SQLState: info.SQLState, Message: info.Meaning}
}

// Submit judges one transaction.
func (n *Network) Submit(ctx context.Context, raw []byte) (*api.Receipt, error) {
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
func (n *Network) commit() {
	n.height++
	close(n.changed)
	n.changed = make(chan struct{})
}

// appendBatch applies a batch when it is its turn; the caller holds the lock.
func (n *Network) appendBatch(ctx context.Context, t *tx.Tx) (*api.Receipt, error) {
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

func (n *Network) apply(l *Lane, id string, t *tx.Tx) (*api.Receipt, error) {
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
			l.Rows = append(l.Rows, ds)
		}
	}
	first := l.seq
	l.seq, l.last = l.seq+uint64(b.Rows), b.PayloadHash
	l.Closed = b.Close
	n.commit()
	r := &api.Receipt{Hash: t.Hash[:], Height: n.height, FirstOffset: &first}
	l.done[id] = r
	return r, nil
}

func (n *Network) lane(role, writer string) *Lane {
	l := n.lanes[role+"/"+writer]
	if l == nil {
		l = &Lane{done: map[string]*api.Receipt{}}
		n.lanes[role+"/"+writer] = l
	}
	return l
}

// Status tells the height.
func (n *Network) Status(context.Context) (*api.Status, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &api.Status{
		ChainID: n.domain.ChainID, GenesisHash: n.domain.GenesisHash[:],
		Height: n.height, BlockTime: time.Unix(n.height, 0),
	}, nil
}

// AppHash is a hash of the height alone.
func (n *Network) AppHash(_ context.Context, h int64) (*api.AppHash, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h == 0 {
		h = n.height
	}
	if h > n.height {
		return nil, &api.Error{
			Status: http.StatusNotFound, SQLState: "22023",
			Message: fmt.Sprintf("there is no block %d yet", h),
		}
	}
	sum := sha256.Sum256(fmt.Append(nil, h))
	return &api.AppHash{Height: h, AppHash: sum[:]}, nil
}

// Relation knows the one relation.
func (n *Network) Relation(_ context.Context, name string) (*api.Relation, error) {
	if n.rel.Name != "" && name != n.rel.Name {
		return nil, &api.Error{Status: 404, SQLState: "42P01", Message: "no such relation"}
	}
	return &n.rel, nil
}

// Lane tells where a lane stands.
func (n *Network) Lane(_ context.Context, id api.LaneID) (*api.Lane, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.lane(id.Role, id.Writer)
	a := &api.Lane{LastSeq: l.seq}
	if l.last != [tx.HashSize]byte{} {
		a.LastPayloadHash = l.last[:]
	}
	return a, nil
}

// Query answers every query with the query itself, and a null.
func (n *Network) Query(_ context.Context, sql string) (*api.Result, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &api.Result{
		Columns: []api.Column{{Name: "sql", Type: "text"}},
		Rows:    [][]*string{{&sql}, {nil}}, Height: n.height,
	}, nil
}

// Prove returns the query behind its hash.
func (n *Network) Prove(_ context.Context, sql string) ([]byte, error) {
	sum := sha256.Sum256([]byte(sql))
	return append(sum[:], sql...), nil
}

// Consistency returns the stream and the height behind their hash.
func (n *Network) Consistency(ctx context.Context, stream string, from int64) ([]byte, error) {
	return n.Prove(ctx, fmt.Sprintf("%s since %d", stream, from))
}

// Verify returns the query that Prove was asked.
func Verify(evidence []byte) (sql string, err error) {
	if len(evidence) < sha256.Size {
		return "", errors.New("the evidence is cut short")
	}
	sum := sha256.Sum256(evidence[sha256.Size:])
	if !bytes.Equal(sum[:], evidence[:sha256.Size]) {
		return "", errors.New("the evidence does not fit its hash")
	}
	return string(evidence[sha256.Size:]), nil
}

// Follow delivers blocks with their heights.
func (n *Network) Follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
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
