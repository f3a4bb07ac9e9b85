package pgwire

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// conn serves one client.
type conn struct {
	server   *Server
	net      net.Conn
	in       *input
	out      *output
	messages *pgproto3.Backend // decodes only
	ctx      context.Context   // ends with the connection
	end      context.CancelFunc

	pid     uint32
	secret  [4]byte
	session Session

	statements map[string]*statement
	portals    map[string]*portal
	skipping   bool // an extended message failed: ignore everything up to Sync

	mu      sync.Mutex
	running context.CancelFunc // what a CancelRequest ends; nil between statements
}

func newConn(s *Server, nc net.Conn) *conn {
	l := s.config.Limits
	c := &conn{
		server: s, net: nc, in: newInput(s.stop, l),
		out:        &output{conn: nc, timeout: l.Write},
		statements: map[string]*statement{}, portals: map[string]*portal{},
	}
	c.messages = pgproto3.NewBackend(c.in, io.Discard)
	c.messages.SetMaxBodyLen(l.MessageBytes)
	c.ctx, c.end = context.WithCancel(s.ctx)
	return c
}

// lingerTime is how long a failed connection is read on, so that the error reaches the client
// before a reset can, and how long a cancelled one has for its last words.
const lingerTime = time.Second

// run serves the connection to its end.
func (c *conn) run() {
	var reader sync.WaitGroup
	reader.Go(func() { c.in.readAhead(c.net, c.ctx.Done(), c.end) })
	// A cancelled server also ends a write that its client does not take.
	unhook := context.AfterFunc(c.server.ctx, func() {
		time.AfterFunc(lingerTime, func() { c.net.Close() })
	})
	err := c.serve()
	c.closePortals()
	if c.session != nil {
		c.session.Close()
		c.server.unregister(c)
	}
	var e *Error
	if errors.As(err, &e) {
		c.farewell(e)
	} else if err != nil {
		c.server.config.Logger.Debug("pgwire: connection ended", "err", err)
	}
	unhook()
	c.end()
	c.net.Close()
	reader.Wait()
}

// farewell tells the client why its connection ends.
func (c *conn) farewell(e *Error) {
	if c.out.send(errorResponse(e, severityFatal)) != nil || c.out.flush() != nil {
		return
	}
	if e.SQLState != stateProtocol && e.SQLState != stateTooLarge {
		return
	}
	tcp, ok := c.net.(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil || tcp.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	for range c.in.chunks {
	}
}

// serve returns nil when the client has gone in order, an *Error that it has to be told, or
// what else ended the connection.
func (c *conn) serve() error {
	if err := c.net.SetReadDeadline(time.Now().Add(c.server.config.Limits.Startup)); err != nil {
		return err
	}
	ok, err := c.startup()
	if err != nil || !ok {
		return err
	}
	if err := c.net.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	for {
		c.in.expect()
		m, err := c.messages.Receive()
		if err != nil {
			return receiveError(err)
		}
		if _, bye := m.(*pgproto3.Terminate); bye {
			return nil
		}
		if err := c.dispatch(m); err != nil {
			return err
		}
	}
}

// receiveError says what the client is told when no message could be read.
func receiveError(err error) error {
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	var timeout net.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &timeout):
		return err
	case errors.Is(err, net.ErrClosed):
		return err
	case errors.As(err, &tooLong):
		return fatalf(stateTooLarge, "message of %d bytes exceeds the limit of %d",
			tooLong.ActualBodyLen, tooLong.MaxExpectedBodyLen)
	case errors.Is(err, errIdle):
		return fatalf(stateIdle, "terminating connection due to idle-session timeout")
	case errors.Is(err, errStopping):
		return fatalf(stateShutdown, shutdownMessage)
	}
	return fatalf(stateProtocol, "%v", err)
}

// dispatch serves one message. An error ends the connection.
func (c *conn) dispatch(m pgproto3.FrontendMessage) error {
	if _, ok := m.(*pgproto3.Sync); ok {
		return c.sync()
	}
	if c.skipping {
		return nil
	}
	switch m := m.(type) {
	case *pgproto3.Query:
		return c.simple(m.String)
	case *pgproto3.Flush:
		return c.out.flush()
	case *pgproto3.FunctionCall:
		err := c.report(errorf(stateUnsupported, "function call messages are not supported"))
		if err != nil {
			return err
		}
		return c.ready()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return nil // leftovers of a COPY that failed
	}
	return c.extended(m)
}

// extended serves a message of the extended protocol.
func (c *conn) extended(m pgproto3.FrontendMessage) error {
	var err error
	switch m := m.(type) {
	case *pgproto3.Parse:
		err = c.parse(m)
	case *pgproto3.Bind:
		err = c.bind(m)
	case *pgproto3.Describe:
		err = c.describe(m)
	case *pgproto3.Execute:
		err = c.execute(m)
	case *pgproto3.Close:
		err = c.close(m)
	default:
		return fatalf(stateProtocol, "unexpected message %T", m)
	}
	if err != nil {
		c.skipping = true
		return c.report(err)
	}
	return nil
}

// report tells the client of a failed statement; what it returns ends the connection.
func (c *conn) report(err error) error {
	var w *writeError
	if errors.As(err, &w) || c.ctx.Err() != nil && c.server.ctx.Err() == nil {
		return err
	}
	e := wireError(err)
	if e.SQLState == stateInternal {
		c.server.config.Logger.Error("pgwire: statement failed", "err", err)
	}
	if e.Severity == severityFatal {
		return e
	}
	if err := c.out.send(errorResponse(e, severityError)); err != nil {
		return err
	}
	return c.out.flush()
}

// ready ends an exchange.
func (c *conn) ready() error {
	if err := c.out.send(&pgproto3.ReadyForQuery{TxStatus: c.session.TxStatus()}); err != nil {
		return err
	}
	return c.out.flush()
}

// cancelable lets a CancelRequest call cancel while f runs.
func (c *conn) cancelable(cancel context.CancelFunc, f func()) {
	c.setRunning(cancel)
	defer c.setRunning(nil)
	f()
}

func (c *conn) setRunning(cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = cancel
}

func (c *conn) cancelRunning() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		c.running()
	}
}
