package node

import (
	"context"
	"errors"
	"fmt"

	"weir/app"
	"weir/node/pgwire"
	"weir/stream/engine"
	"weir/stream/sql"
	"weir/stream/value"
)

// queryRows is the answer of a one-shot query.
type queryRows = engine.Rows

// selectRows answers a query as of a snapshot.
func (s *session) selectRows(ctx context.Context, snap *app.Snapshot, st *sql.Select,
	out pgwire.RowWriter,
) (string, error) {
	res, err := query(snap, st)
	if err != nil {
		return "", err
	}
	missing, err := snap.Notices(st.Plan)
	if err != nil {
		return "", err
	}
	if err := tell(missing, out); err != nil {
		return "", err
	}
	row := make([]value.Datum, len(res.Visible))
	for i, r := range res.Rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		for c, v := range res.Visible {
			row[c] = r[v]
		}
		if err := out.Row(row); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("SELECT %d", len(res.Rows)), nil
}

// query evaluates a bound query over a snapshot, whose relations must all be live.
func query(snap *app.Snapshot, st *sql.Select) (*queryRows, error) {
	if err := snap.Readable(st.Plan); err != nil {
		return nil, err
	}
	res, err := snap.Query(st.Plan)
	if err != nil {
		return nil, queryError(err)
	}
	return res, nil
}

// queryError turns a failure of an evaluation into what a client sees.
func queryError(err error) error {
	if errors.Is(err, engine.ErrTooManyRows) {
		return &pgwire.Error{SQLState: "54000", Message: engine.ErrTooManyRows.Error()}
	}
	if errors.Is(err, engine.ErrTooManyRounds) {
		return &pgwire.Error{SQLState: "54001", Message: engine.ErrTooManyRounds.Error()}
	}
	if why, ok := engine.IsUnsupported(err); ok {
		return &pgwire.Error{SQLState: "0A000", Message: why}
	}
	return err
}
