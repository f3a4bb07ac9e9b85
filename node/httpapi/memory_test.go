package httpapi_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/client/api"
)

// memory is a chain of one process: every submission is a block of its own, decided at once
// unless halted. A transaction that begins with a zero byte is refused; one that is in already
// gets its first receipt. "SELECT n" answers n rows, in order.
type memory struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced when a block is added
	blocks  []api.Block
	byHash  map[[32]byte]int64
	halted  bool
	base    int64 // blocks at or below are pruned
}

func newMemory() *memory {
	return &memory{changed: make(chan struct{}), byHash: map[[32]byte]int64{}}
}

func (m *memory) Submit(ctx context.Context, raw []byte) (*api.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	hash := sha256.Sum256(raw)
	if raw[0] == 0 {
		return &api.Receipt{Hash: hash[:], Code: 7, SQLState: "28000", Message: "bad"}, nil
	}
	if h, ok := m.byHash[hash]; ok {
		return &api.Receipt{Hash: hash[:], Height: h, Resend: true}, nil
	}
	if m.halted {
		m.mu.Unlock()
		<-ctx.Done()
		m.mu.Lock()
		return nil, ctx.Err()
	}
	m.commit(1)
	m.byHash[hash] = m.height()
	return &api.Receipt{Hash: hash[:], Height: m.height()}, nil
}

// commit adds a block; the caller holds the lock.
func (m *memory) commit(txs int) {
	h := m.height() + 1
	app := sha256.Sum256([]byte(fmt.Sprint(h)))
	m.blocks = append(m.blocks, api.Block{
		Height: h, AppHash: app[:], Txs: txs, Time: time.Unix(h, 0).UTC(),
	})
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) height() int64 { return int64(len(m.blocks)) }

func (m *memory) Status(context.Context) (*api.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &api.Status{ChainID: "mem", GenesisHash: []byte{1, 2}, Height: m.height()}, nil
}

func (m *memory) AppHash(_ context.Context, height int64) (*api.AppHash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if height == 0 {
		height = m.height()
	}
	if height > m.height() || height <= m.base {
		return nil, &api.Error{
			Status: http.StatusNotFound, SQLState: "22023",
			Message: fmt.Sprintf("there is no block %d here", height),
		}
	}
	return &api.AppHash{Height: height, AppHash: m.blocks[height-1].AppHash}, nil
}

func (m *memory) Relation(_ context.Context, name string) (*api.Relation, error) {
	if name != "t" {
		return nil, &api.Error{
			Status: http.StatusNotFound, SQLState: "42P01",
			Message: fmt.Sprintf("relation %q does not exist", name),
		}
	}
	return &api.Relation{
		ID: 1024, Name: "t", Kind: "stream", Version: 1,
		Columns: []api.RelationColumn{{Name: "a", Type: "bigint", NotNull: true}},
	}, nil
}

func (m *memory) Lane(_ context.Context, id api.LaneID) (*api.Lane, error) {
	if slices.Contains([]string{id.Role, id.Writer, id.Relation}, "broken") {
		return nil, fmt.Errorf("read the lane: secret disk trouble")
	}
	return &api.Lane{}, nil
}

func (m *memory) Query(ctx context.Context, sql string) (*api.Result, error) {
	if sql == "SELECT for ever" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var n int
	if _, err := fmt.Sscanf(sql, "SELECT %d", &n); err != nil {
		return nil, &api.Error{SQLState: "25006", Message: "only SELECT n can be read here"}
	}
	res := &api.Result{Columns: []api.Column{{Name: "n", Type: "integer"}}}
	for i := range n {
		text := fmt.Sprint(i)
		res.Rows = append(res.Rows, []*string{&text})
	}
	return res, nil
}

func (m *memory) Prove(_ context.Context, sql string) ([]byte, error) {
	return []byte(strings.ToUpper(sql)), nil
}

func (m *memory) Consistency(_ context.Context, stream string, from int64) ([]byte, error) {
	return fmt.Appendf(nil, "%s since %d", stream, from), nil
}

func (m *memory) Follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
	m.mu.Lock()
	if after < 0 {
		after = m.height()
	}
	base := m.base
	m.mu.Unlock()
	if after < base {
		return &api.Error{Status: http.StatusGone, SQLState: "22023", Message: "pruned"}
	}
	for {
		m.mu.Lock()
		news, changed := slices.Clone(m.blocks[min(after, m.height()):]), m.changed
		m.mu.Unlock()
		for _, b := range news {
			if err := deliver(b); err != nil {
				return err
			}
			after = b.Height
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
