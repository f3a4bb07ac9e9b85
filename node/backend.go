package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"weir/app/tx"
	"weir/client/api"
	"weir/ledger/store"
	"weir/node/home"
	"weir/node/httpapi"
	"weir/node/pgwire"
	"weir/stream/catalog"
	"weir/stream/sql"
	"weir/stream/value"
)

// domain is the network that this node belongs to.
type domain = tx.Domain

// Version is what this binary calls itself.
const Version = "0.1.0"

// backend is the node behind the HTTP API.
type backend struct {
	*prover
	sub     *submitter
	home    string
	kv      *store.Pebble
	moniker string
}

var _ httpapi.Backend = (*backend)(nil)

// Submit implements httpapi.Submitter.
func (b *backend) Submit(ctx context.Context, raw []byte) (*api.Receipt, error) {
	r, err := b.sub.submit(ctx, raw)
	if err != nil {
		return nil, err
	}
	out := &api.Receipt{Hash: r.Hash[:]}
	if rej := r.Rejected; rej != nil {
		out.Code, out.SQLState, out.Message = rej.Code, rej.SQLState, rej.Message
		return out, nil
	}
	for _, op := range r.Ops {
		out.Height, out.Resend = max(out.Height, op.Height), op.Resend
	}
	if len(r.Ops) == 1 {
		out.FirstOffset = &r.Ops[0].FirstOffset
	}
	return out, nil
}

// Status implements httpapi.Inspector.
func (b *backend) Status(context.Context) (*api.Status, error) {
	st, err := b.chain.Status()
	if err != nil {
		return nil, err
	}
	out := &api.Status{
		ChainID: b.domain.ChainID, GenesisHash: b.domain.GenesisHash[:], Moniker: b.moniker,
		Validator: st.ValidatorAddress, Peers: st.Peers, CatchingUp: st.CatchingUp,
		Version: Version, CheckpointHeight: b.app.Durable(),
	}
	if s := b.app.Snapshot(); s != nil {
		hash := s.AppHash()
		out.Height, out.AppHash = s.Height(), hash[:]
		out.BlockTime = time.UnixMicro(s.TimeMicros).UTC()
	}
	txs, bytes := b.app.PoolLen()
	out.PoolTxs, out.PoolBytes = txs, int64(bytes)
	oldest, err := b.app.Ledger().Oldest()
	if err != nil {
		return nil, err
	}
	out.OldestHeight, out.OldestBlock = int64(oldest), st.Base
	c := b.app.Ledger().Cache()
	out.Cache = api.CacheStatus{Pages: c.Pages, Bytes: c.Bytes, Budget: c.Budget, Loads: c.Loads}
	parts, err := home.Usage(b.home, b.kv)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		out.Disk = append(out.Disk, api.DiskPart{Part: p.Name, Bytes: p.Bytes})
	}
	return out, nil
}

// AppHash implements httpapi.Inspector.
func (b *backend) AppHash(_ context.Context, height int64) (*api.AppHash, error) {
	s := b.app.Snapshot()
	if s == nil || height > s.Height() {
		return nil, notFound("height %d has not been committed yet", height)
	}
	if height == 0 {
		height = s.Height()
	}
	hash, ok := b.app.HashAt(height)
	if !ok {
		return nil, notFound("height %d is no longer kept", height)
	}
	return &api.AppHash{Height: height, AppHash: hash[:]}, nil
}

func notFound(format string, args ...any) error {
	return &api.Error{
		SQLState: "42704", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound,
	}
}

// Relation implements httpapi.Inspector.
func (b *backend) Relation(_ context.Context, name string) (*api.Relation, error) {
	s := b.app.Snapshot()
	if s == nil {
		return nil, notFound("the network has no block yet")
	}
	def := s.Catalog.Lookup(name)
	if def == nil {
		return nil, &api.Error{
			Code: tx.CodeUnknownRelation, SQLState: "42P01",
			Message: fmt.Sprintf("relation %q does not exist", name), Status: http.StatusNotFound,
		}
	}
	out := &api.Relation{
		ID: def.ID, Name: def.Name, Kind: kindName(def.Kind), Version: def.Version, Key: def.Key,
	}
	for _, c := range def.Columns {
		if c.Hidden {
			continue
		}
		out.Columns = append(out.Columns, api.RelationColumn{
			Name: c.Name, Type: c.Type.String(), NotNull: c.NotNull,
		})
	}
	return out, nil
}

func kindName(k catalog.Kind) string {
	switch k {
	case catalog.Stream:
		return "stream"
	case catalog.Table:
		return "table"
	default:
		return "view"
	}
}

// Lane implements httpapi.Inspector.
func (b *backend) Lane(ctx context.Context, id api.LaneID) (*api.Lane, error) {
	rel, err := b.Relation(ctx, id.Relation)
	if err != nil {
		return nil, err
	}
	head, err := b.app.Snapshot().Lane(tx.Lane{
		Role: id.Role, Writer: id.Writer, Relation: rel.ID,
	})
	if err != nil {
		return nil, err
	}
	out := &api.Lane{LastSeq: head.LastSeq}
	if head.LastHash != [32]byte{} {
		out.LastPayloadHash = head.LastHash[:]
	}
	return out, nil
}

// Query implements httpapi.Querier.
func (b *backend) Query(_ context.Context, text string) (*api.Result, error) {
	s := b.app.Snapshot()
	if s == nil {
		return nil, notFound("the network has no block yet")
	}
	st, err := bindQuery(s, text)
	if err != nil {
		return nil, apiError(err)
	}
	res, err := query(s, st)
	if err != nil {
		return nil, apiError(err)
	}
	out := &api.Result{Height: s.Height(), Rows: [][]*string{}}
	for _, f := range st.Columns {
		out.Columns = append(out.Columns, api.Column{Name: f.Name, Type: f.Type.String()})
	}
	for _, n := range st.Notices {
		out.Notices = append(out.Notices, n.Message)
	}
	missing, err := s.Notices(st.Plan)
	if err != nil {
		return nil, apiError(err)
	}
	for _, n := range missing {
		out.Notices = append(out.Notices, n.Message+". "+n.Hint)
	}
	for _, r := range res.Rows {
		line := make([]*string, len(res.Visible))
		for i, v := range res.Visible {
			if d := r[v]; !d.IsNull() {
				text := string(value.AppendText(nil, d))
				line[i] = &text
			}
		}
		out.Rows = append(out.Rows, line)
	}
	return out, nil
}

// Prove implements httpapi.Querier.
func (b *backend) Prove(ctx context.Context, text string) ([]byte, error) {
	file, err := b.prove(ctx, text)
	if err != nil {
		return nil, apiError(err)
	}
	return file, nil
}

// Consistency implements httpapi.Querier.
func (b *backend) Consistency(ctx context.Context, stream string, from int64) ([]byte, error) {
	file, err := b.consistency(ctx, stream, from)
	if err != nil {
		return nil, apiError(err)
	}
	return file, nil
}

// Follow implements httpapi.Feed.
func (b *backend) Follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
	if after < 0 {
		if s := b.app.Snapshot(); s != nil {
			after = s.Height()
		}
	}
	for {
		c, gone, err := b.hub.next(ctx, after)
		if err != nil {
			return err
		}
		if gone {
			return &api.Error{
				SQLState: "55000", Status: http.StatusGone,
				Message: fmt.Sprintf("blocks after %d are no longer kept", after),
			}
		}
		err = deliver(api.Block{
			Height: c.Height, AppHash: c.AppHash[:], Txs: len(c.Txs),
			Time: time.UnixMicro(c.TimeMicros).UTC(),
		})
		if err != nil {
			return err
		}
		after = c.Height
	}
}

// apiError turns a refusal into the API's; other errors stay as they are.
func apiError(err error) error {
	if e := tx.AsReject(err); e != nil {
		return &api.Error{
			Code: e.Code, SQLState: e.SQLState, Message: e.Message, Hint: e.Hint,
		}
	}
	if e, ok := errors.AsType[*sql.Error](err); ok {
		return &api.Error{SQLState: e.SQLState, Message: e.Message, Hint: e.Hint}
	}
	if e, ok := errors.AsType[*pgwire.Error](err); ok {
		return &api.Error{SQLState: e.SQLState, Message: e.Message, Hint: e.Hint}
	}
	if e, ok := errors.AsType[*value.Error](err); ok {
		return &api.Error{SQLState: e.SQLState, Message: e.Msg}
	}
	return err
}
