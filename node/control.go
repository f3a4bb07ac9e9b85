package node

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/app"
	"weir/node/pgwire"
	"weir/stream/sql"
	"weir/stream/value"
)

// control runs what only concerns the session: blocks, variables, forgetting.
func (s *session) control(ctx context.Context, stmt sql.Statement, out pgwire.RowWriter) (
	string, error,
) {
	switch st := stmt.(type) {
	case *sql.Begin:
		return s.begin(ctx, out)
	case *sql.Commit:
		return s.commit(ctx, out)
	case *sql.Rollback:
		return s.rollback(out)
	case *sql.Set:
		s.set(st)
	case *sql.Show:
		if strings.ToLower(st.Name) == showErasures {
			return "SHOW", s.erasures(ctx, out)
		}
		return "SHOW", s.show(st, out)
	case *sql.Discard, *sql.Deallocate: // the server forgets; nothing is kept here
	default:
		return "", &pgwire.Error{SQLState: "0A000", Message: stmt.Tag() + " is not supported"}
	}
	return stmt.Tag(), nil
}

func (s *session) begin(ctx context.Context, out pgwire.RowWriter) (string, error) {
	if s.status != 0 {
		return "BEGIN", out.Notice(&pgwire.Error{
			Severity: "WARNING", SQLState: "25001",
			Message: "there is already a transaction in progress",
		})
	}
	snap, err := s.snapshot(ctx)
	if err != nil {
		return "", err
	}
	s.status, s.asOf = pgwire.TxBlock, snap
	return "BEGIN", nil
}

// commit sends what the block has buffered as one transaction, all or nothing.
func (s *session) commit(ctx context.Context, out pgwire.RowWriter) (string, error) {
	failed, q := s.status == pgwire.TxFailed, s.queue
	idle := s.status == 0
	s.endBlock()
	switch {
	case idle:
		return "COMMIT", out.Notice(&pgwire.Error{
			Severity: "WARNING", SQLState: "25P01", Message: "there is no transaction in progress",
		})
	case failed:
		return "ROLLBACK", nil
	case len(q.rows)+len(q.statements) == 0:
		return "COMMIT", nil
	}
	done, err := s.gate.body(ctx, s.role, q.rows, q.statements)
	if err != nil {
		return "", err
	}
	s.sawResult(done)
	return "COMMIT", notices(done, out)
}

func (s *session) rollback(out pgwire.RowWriter) (string, error) {
	idle := s.status == 0
	s.endBlock()
	if idle {
		return "ROLLBACK", out.Notice(&pgwire.Error{
			Severity: "WARNING", SQLState: "25P01", Message: "there is no transaction in progress",
		})
	}
	return "ROLLBACK", nil
}

func (s *session) endBlock() { s.status, s.asOf, s.queue = 0, nil, buffered{} }

// sawResult remembers the height of the session's last write.
func (s *session) sawResult(r app.TxResult) {
	for _, op := range r.Ops {
		s.wrote = max(s.wrote, op.Height)
	}
}

func (s *session) set(st *sql.Set) {
	name := strings.ToLower(st.Name)
	if st.Reset {
		defaults := newVars(pgwire.StartupParams{})
		if name == "all" {
			s.vars = defaults
			return
		}
		s.vars[name] = defaults[name]
		return
	}
	s.vars[name] = strings.Trim(st.Value, "'")
}

func (s *session) show(st *sql.Show, out pgwire.RowWriter) error {
	name := strings.ToLower(st.Name)
	if name == "all" {
		for _, k := range slices.Sorted(maps.Keys(s.vars)) {
			line := value.NewText(k + " = " + s.vars[k])
			if err := out.Row([]value.Datum{line}); err != nil {
				return err
			}
		}
		return nil
	}
	v, ok := s.vars[name]
	if !ok {
		return &pgwire.Error{
			SQLState: "42704",
			Message:  fmt.Sprintf("unrecognized configuration parameter %q", st.Name),
		}
	}
	return out.Row([]value.Datum{value.NewText(v)})
}
