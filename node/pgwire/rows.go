package pgwire

import (
	"context"
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/batch"
	"weir/stream/value"
)

// Flusher is what every RowWriter of this package is, too. A statement that streams calls Flush
// before it waits for more rows; others need not, because the end of a result flushes.
type Flusher interface{ Flush() error }

// resultWriter writes the rows of one result. With a pause it stands still after limit rows
// until the portal is executed again.
type resultWriter struct {
	ctx     context.Context
	out     *output
	columns []Column
	formats []int16
	copy    bool   // rows are COPY data
	scratch []byte // of copyRow

	limit int         // rows until the next pause, 0 for no limit
	sent  int         // rows since the last pause
	pause func() bool // false: the portal is closed
}

var (
	_ RowWriter = (*resultWriter)(nil)
	_ Flusher   = (*resultWriter)(nil)
)

// errPortalClosed tells a suspended statement that nobody wants its other rows.
var errPortalClosed = errorf(stateCancelled, "portal closed")

func (w *resultWriter) Row(row []value.Datum) error {
	if len(row) != len(w.columns) {
		return errorf(stateInternal, "row of %d values for %d columns", len(row), len(w.columns))
	}
	if w.copy {
		return w.copyRow(len(row), func(j int) (value.Datum, bool) {
			want := w.columns[j].Type.Kind
			return row[j], row[j].Kind == want || row[j].IsNull() || want == value.Null
		})
	}
	start := w.begin()
	for j, d := range row {
		if d.Kind == value.Null {
			w.out.buf = append(w.out.buf, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		if want := w.columns[j].Type.Kind; d.Kind != want && want != value.Null {
			w.out.buf = w.out.buf[:start]
			return errorf(stateInternal, "%v in column %d of type %v", d.Kind, j+1, want)
		}
		at := w.open()
		if w.formats[j] == formatBinary {
			w.out.buf = appendTyped(w.out.buf, w.columns[j].Type, d)
		} else {
			w.out.buf = value.AppendText(w.out.buf, d)
		}
		w.shut(at)
	}
	return w.finish(start)
}

func (w *resultWriter) Batch(b *batch.Batch) error {
	if len(b.Cols) != len(w.columns) {
		return errorf(stateInternal, "batch of %d columns for %d", len(b.Cols), len(w.columns))
	}
	for j, c := range b.Cols {
		if want := w.columns[j].Type.Kind; c.Type.Kind != want && want != value.Null {
			return errorf(stateInternal, "%v in column %d of type %v", c.Type.Kind, j+1, want)
		}
	}
	for i := range b.Len {
		n := b.Weight(i)
		if n < 0 {
			return errorf(stateInternal, "row of weight %d in a result", n)
		}
		for range n {
			if err := w.batchRow(b, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *resultWriter) batchRow(b *batch.Batch, i int) error {
	if w.copy {
		return w.copyRow(len(b.Cols), func(j int) (value.Datum, bool) {
			return b.Cols[j].Datum(i), true
		})
	}
	start := w.begin()
	for j, c := range b.Cols {
		if c.IsNull(i) {
			w.out.buf = append(w.out.buf, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := w.open()
		w.out.buf = appendVec(w.out.buf, c, i, w.formats[j])
		w.shut(at)
	}
	return w.finish(start)
}

// appendVec appends value i of a column, not NULL. Texts go straight from the column's bytes:
// a Datum would copy them.
func appendVec(dst []byte, c *value.Vec, i int, format int16) []byte {
	k := c.Type.Kind
	switch {
	case k == value.Text, k == value.JSONB && format == formatText,
		(k == value.Bytea || k == value.UUID) && format == formatBinary:
		return append(dst, c.Text(i)...)
	case format == formatBinary:
		return appendTyped(dst, c.Type, c.Datum(i))
	}
	return value.AppendText(dst, c.Datum(i))
}

// begin opens a DataRow and returns where it starts.
func (w *resultWriter) begin() int {
	start := len(w.out.buf)
	w.out.buf = append(w.out.buf, 'D', 0, 0, 0, 0)
	w.out.buf = binary.BigEndian.AppendUint16(w.out.buf, uint16(len(w.columns)))
	return start
}

// open leaves room for a length that shut fills in.
func (w *resultWriter) open() int {
	w.out.buf = append(w.out.buf, 0, 0, 0, 0)
	return len(w.out.buf)
}

func (w *resultWriter) shut(at int) {
	binary.BigEndian.PutUint32(w.out.buf[at-4:], uint32(len(w.out.buf)-at))
}

// finish closes the DataRow, writes when enough has come together, and pauses at the limit.
func (w *resultWriter) finish(start int) error {
	binary.BigEndian.PutUint32(w.out.buf[start+1:], uint32(len(w.out.buf)-start-1))
	if err := w.ctx.Err(); err != nil {
		w.out.buf = w.out.buf[:start]
		return err
	}
	if len(w.out.buf) >= flushBytes {
		if err := w.out.flush(); err != nil {
			return err
		}
	}
	w.sent++
	if w.limit > 0 && w.sent >= w.limit && !w.pause() {
		return errPortalClosed
	}
	return nil
}

// Notice sends a notice ahead of the rows that follow.
func (w *resultWriter) Notice(n *Error) error {
	return w.out.send((*pgproto3.NoticeResponse)(errorResponse(n, "NOTICE")))
}

// Flush sends what has been written so far.
func (w *resultWriter) Flush() error { return w.out.flush() }
