package node

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"weir/app"
	"weir/app/tx"
	"weir/node/pgwire"
	"weir/stream/sql"
	"weir/stream/value"
)

// MaxBlockStatements is how many statements a transaction block may buffer: as many as a body
// has operations.
const MaxBlockStatements = 16

// wire gives PostgreSQL clients their sessions.
type wire struct {
	app  *app.App
	hub  *hub
	gate *gateway
}

var _ pgwire.Backend = (*wire)(nil)

// NewSession implements pgwire.Backend: the user is the role.
func (w *wire) NewSession(_ context.Context, p pgwire.StartupParams) (pgwire.Session, error) {
	if p.Database != "" && p.Database != Database && p.Database != p.User {
		return nil, &pgwire.Error{
			Severity: "FATAL", SQLState: "3D000",
			Message: fmt.Sprintf("database %q does not exist", p.Database),
			Hint:    "The database is " + Database + ".",
		}
	}
	s := w.app.Snapshot()
	if s == nil {
		return nil, &pgwire.Error{SQLState: "57P03", Message: "the network has no block yet"}
	}
	known, err := s.HasRole(p.User)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, &pgwire.Error{
			Severity: "FATAL", SQLState: "28000",
			Message: fmt.Sprintf("role %q does not exist", p.User),
		}
	}
	return &session{wire: w, role: p.User, vars: newVars(p)}, nil
}

// Database is the name of the one database of a network.
const Database = "weir"

// session is one connection. It never reads below the height of its own last write, and a
// transaction block reads as of its BEGIN.
type session struct {
	*wire
	role  string
	vars  vars
	wrote int64 // height of the last write

	status byte          // pgwire's transaction status; 0 is idle
	asOf   *app.Snapshot // in a block: the state at BEGIN
	queue  buffered      // in a block: what COMMIT will send
}

var _ pgwire.Session = (*session)(nil)

// TxStatus implements pgwire.Session.
func (s *session) TxStatus() byte {
	if s.status == 0 {
		return pgwire.TxIdle
	}
	return s.status
}

// Close implements pgwire.Session. What a block has buffered is forgotten.
func (s *session) Close() {}

// Split implements pgwire.Session.
func (s *session) Split(text string) ([]pgwire.Statement, error) {
	raws, err := sql.Parse(text)
	if err != nil {
		s.fail()
		return nil, wireError(err)
	}
	out := make([]pgwire.Statement, len(raws))
	for i, r := range raws {
		out[i] = pgwire.Statement{SQL: r.Text, Offset: r.Offset}
	}
	return out, nil
}

// Prepare implements pgwire.Session.
func (s *session) Prepare(ctx context.Context, text string, oids []uint32) (
	pgwire.Prepared, error,
) {
	if d := s.asDescribe(text); d != nil {
		return d, nil
	}
	p, err := s.prepare(ctx, text, oids)
	if err != nil {
		s.fail()
		return nil, wireError(err)
	}
	return p, nil
}

func (s *session) prepare(ctx context.Context, text string, oids []uint32) (*prepared, error) {
	raws, err := sql.Parse(text)
	if err != nil {
		return nil, err
	}
	switch len(raws) {
	case 0:
		return &prepared{s: s}, nil
	case 1:
	default:
		return nil, &pgwire.Error{
			SQLState: "42601", Message: "cannot insert multiple commands into a prepared statement",
		}
	}
	snap, err := s.snapshotFor(ctx, &raws[0])
	if err != nil {
		return nil, err
	}
	p := &prepared{s: s, raw: &raws[0], text: text}
	for _, oid := range oids {
		t, _ := pgwire.TypeByOID(oid) // unknown: to be inferred
		p.declared = append(p.declared, t)
	}
	p.stmt, err = s.bind(raws[0], snap, sql.Options{ParamTypes: p.declared})
	if err != nil {
		return nil, err
	}
	return p, s.allowed(p.stmt)
}

// allowed refuses everything but the end of a block that has failed.
func (s *session) allowed(stmt sql.Statement) error {
	if s.status != pgwire.TxFailed {
		return nil
	}
	switch stmt.(type) {
	case *sql.Rollback, *sql.Commit:
		return nil
	}
	return &pgwire.Error{
		SQLState: "25P02",
		Message:  "current transaction is aborted, commands ignored until end of transaction block",
	}
}

// fail marks a block as failed: only its end is accepted then.
func (s *session) fail() {
	if s.status == pgwire.TxBlock {
		s.status = pgwire.TxFailed
	}
}

// snapshot is the state that a statement sees.
func (s *session) snapshot(ctx context.Context) (*app.Snapshot, error) {
	if s.asOf != nil {
		return s.asOf, nil
	}
	if err := s.hub.reach(ctx, s.wrote); err != nil {
		return nil, err
	}
	return s.app.Snapshot(), nil
}

// snapshotFor is the state that a statement sees: what AS OF HEIGHT asks for, else the newest.
func (s *session) snapshotFor(ctx context.Context, raw *sql.Raw) (*app.Snapshot, error) {
	if h := raw.Clauses.AsOf; h != nil && *h <= math.MaxInt64 {
		return s.app.SnapshotAt(int64(*h))
	}
	return s.snapshot(ctx)
}

// wireError turns a refusal into what a client sees; other errors stay as they are.
func wireError(err error) error {
	if e, ok := errors.AsType[*sql.Error](err); ok {
		return &pgwire.Error{
			SQLState: e.SQLState, Message: e.Message, Detail: e.Detail, Hint: e.Hint,
			Position: e.Position,
		}
	}
	if e, ok := errors.AsType[*value.Error](err); ok {
		return &pgwire.Error{SQLState: e.SQLState, Message: e.Msg}
	}
	if e, ok := errors.AsType[app.ErrOutside](err); ok {
		return &pgwire.Error{SQLState: "22023", Message: e.Error()}
	}
	if e := tx.AsReject(err); e != nil {
		return &pgwire.Error{
			SQLState: e.SQLState, Message: e.Message, Detail: e.Detail, Hint: e.Hint,
		}
	}
	if errors.Is(err, context.Canceled) {
		return &pgwire.Error{SQLState: "57014", Message: "canceling statement due to user request"}
	}
	return err
}

// vars are the session variables that clients set and read.
type vars map[string]string

func newVars(p pgwire.StartupParams) vars {
	v := vars{
		"application_name": p.ApplicationName, "client_encoding": "UTF8",
		"datestyle": "ISO, MDY", "intervalstyle": "postgres", "timezone": "UTC",
		"standard_conforming_strings": "on", "server_version": "15.0", "search_path": "public",
		"transaction_isolation": "serializable", "server_encoding": "UTF8",
		"integer_datetimes": "on", "extra_float_digits": "1", "client_min_messages": "notice",
	}
	for k, x := range p.Options {
		if k = strings.ToLower(k); k != "user" && k != "database" {
			if _, known := v[k]; known {
				v[k] = x
			}
		}
	}
	return v
}
