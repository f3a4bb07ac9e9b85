package node

import (
	"context"

	"weir/node/pgwire"
	"weir/stream/value"
)

// showErasures is the name under which SHOW lists erasures.
const showErasures = "erasures"

// erasureColumns are the columns of SHOW ERASURES. The last two are this node's word, the others
// are agreed.
var erasureColumns = []pgwire.Column{
	{Name: "stream", Type: value.Of(value.Text)},
	{Name: "first_offset", Type: value.Of(value.Int8)},
	{Name: "last_offset", Type: value.Of(value.Int8)},
	{Name: "requested_height", Type: value.Of(value.Int8)},
	{Name: "requested_at", Type: value.Of(value.TimestampTZ)},
	{Name: "deadline", Type: value.Of(value.TimestampTZ)},
	{Name: "erased_height", Type: value.Of(value.Int8)},
	{Name: "in_ledger", Type: value.Of(value.Bool)},
	{Name: "in_blocks", Type: value.Of(value.Bool)},
}

// erasures answers SHOW ERASURES.
func (s *session) erasures(ctx context.Context, out pgwire.RowWriter) error {
	snap, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	for _, e := range snap.Erasures() {
		done := value.Datum{}
		if e.Done > 0 {
			done = value.NewInt8(e.Done)
		}
		err := out.Row([]value.Datum{
			value.NewText(snap.Catalog.ByID(e.Stream).Name),
			value.NewInt8(int64(e.First)), value.NewInt8(int64(e.Last)), value.NewInt8(e.Height),
			value.NewTimestampTZ(e.AtMicros), value.NewTimestampTZ(e.DeadlineMicros), done,
			value.NewBool(e.Done == 0 || s.app.Durable() < e.Done),
			value.NewBool(s.app.KeepsBlocks(e.Height)),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
