package pgwire

import (
	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/value"
)

// CopyOut is implemented by a Prepared whose rows, when CopiesOut says so, leave as COPY data in
// text format (COPY ... TO STDOUT) instead of as a result. psql prints such rows as they come.
// Its Columns are those of the rows; none are described to the client, as in PostgreSQL.
type CopyOut interface{ CopiesOut() bool }

func copiesOut(p Prepared) bool {
	c, ok := p.(CopyOut)
	return ok && c.CopiesOut()
}

// beginCopy announces copy data of the writer's columns.
func (w *resultWriter) beginCopy() error {
	w.copy = true
	codes := make([]uint16, len(w.columns)) // all text
	return w.out.send(&pgproto3.CopyOutResponse{ColumnFormatCodes: codes})
}

// copyRow writes one line of COPY's text format: tabs between values, \N for NULL.
func (w *resultWriter) copyRow(n int, at func(j int) (value.Datum, bool)) error {
	start := len(w.out.buf)
	w.out.buf = append(w.out.buf, 'd', 0, 0, 0, 0)
	for j := range n {
		if j > 0 {
			w.out.buf = append(w.out.buf, '\t')
		}
		d, ok := at(j)
		switch {
		case !ok:
			w.out.buf = w.out.buf[:start]
			return errorf(stateInternal, "%v in column %d of type %v", d.Kind, j+1,
				w.columns[j].Type)
		case d.Kind == value.Null:
			w.out.buf = append(w.out.buf, `\N`...)
		default:
			w.scratch = value.AppendText(w.scratch[:0], d)
			w.out.buf = appendCopyText(w.out.buf, w.scratch)
		}
	}
	w.out.buf = append(w.out.buf, '\n')
	return w.finish(start)
}

// appendCopyText escapes a value as COPY's text format wants it.
func appendCopyText(dst, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '\\':
			dst = append(dst, '\\', '\\')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\v':
			dst = append(dst, '\\', 'v')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
