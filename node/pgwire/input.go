package pgwire

import (
	"errors"
	"io"
	"net"
	"time"
)

const chunkBytes = 8 << 10

// The reasons why waiting for a client ends.
var (
	errIdle     = errors.New("idle for too long")
	errSlow     = errors.New("message took too long")
	errStopping = errors.New("server is stopping")
)

// input reads a client one chunk ahead, so that the end of the connection is seen while a
// statement runs. It holds at most two chunks.
//
// The goroutine of readAhead owns a buffer until it has sent it; with an unbuffered channel it
// gets the first one back when the second has been received.
type input struct {
	chunks  chan []byte
	err     error // set before chunks is closed
	rest    []byte
	stop    <-chan struct{} // ends waits between messages
	idle    time.Duration
	message time.Duration
	fresh   bool // no byte of the next message has been waited for
	timer   *time.Timer
}

func newInput(stop <-chan struct{}, l Limits) *input {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &input{
		chunks: make(chan []byte), stop: stop, idle: l.Idle, message: l.Message, timer: t,
	}
}

// readAhead runs until conn fails or is done, and then calls gone.
func (in *input) readAhead(conn net.Conn, done <-chan struct{}, gone func()) {
	defer gone()
	defer close(in.chunks)
	buffers := [2][]byte{make([]byte, chunkBytes), make([]byte, chunkBytes)}
	for i := 0; ; i ^= 1 {
		n, err := conn.Read(buffers[i])
		if n > 0 {
			select {
			case in.chunks <- buffers[i][:n]:
			case <-done:
				in.err = net.ErrClosed
				return
			}
		}
		if err != nil {
			in.err = err
			return
		}
	}
}

// expect says that the next byte begins a message.
func (in *input) expect() {
	in.fresh = true
}

// Read implements io.Reader with the time limits of messages.
func (in *input) Read(p []byte) (int, error) {
	if len(in.rest) == 0 {
		if err := in.wait(); err != nil {
			return 0, err
		}
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

func (in *input) wait() error {
	limit, late, stop := in.message, errSlow, (<-chan struct{})(nil)
	if in.fresh {
		limit, late, stop = in.idle, errIdle, in.stop
	}
	var expired <-chan time.Time
	if limit >= 0 && in.fresh {
		in.timer.Reset(limit)
	}
	if limit >= 0 {
		expired = in.timer.C
	}
	select {
	case b, ok := <-in.chunks:
		if !ok {
			if in.fresh && errors.Is(in.err, io.EOF) {
				return io.EOF
			}
			return in.err
		}
		in.rest = b
	case <-expired:
		return late
	case <-stop:
		return errStopping
	}
	if in.fresh {
		in.fresh = false
		in.timer.Reset(in.message)
	}
	return nil
}
