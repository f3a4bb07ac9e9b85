package pgwire

import (
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// output collects messages for one client and writes them in few large writes.
type output struct {
	conn    net.Conn
	timeout time.Duration
	buf     []byte
	err     error // the first write error; nothing is written after it
}

// writeError is the end of a connection, not a fault of a statement.
type writeError struct{ err error }

func (e *writeError) Error() string { return fmt.Sprintf("write to client: %v", e.err) }
func (e *writeError) Unwrap() error { return e.err }

// send appends a message and writes when enough has come together.
func (o *output) send(m pgproto3.BackendMessage) error {
	buf, err := m.Encode(o.buf)
	if err != nil {
		return errorf(stateInternal, "encode %T: %v", m, err)
	}
	o.buf = buf
	if len(o.buf) >= flushBytes {
		return o.flush()
	}
	return nil
}

func (o *output) flush() error {
	if o.err != nil {
		o.buf = o.buf[:0]
		return o.err
	}
	if len(o.buf) == 0 {
		return nil
	}
	err := o.conn.SetWriteDeadline(time.Now().Add(o.timeout))
	if err == nil {
		_, err = o.conn.Write(o.buf)
	}
	if cap(o.buf) > 4*flushBytes { // one huge row must not stay with an idle connection
		o.buf = nil
	}
	o.buf = o.buf[:0]
	if err != nil {
		o.err = &writeError{err}
	}
	return o.err
}
