package pgwire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Config says what a server serves. A nil ParseText is value.Parse; Version follows "Weir" in
// server_version; a nil Logger discards.
type Config struct {
	Backend   Backend
	ParseText ParseText
	Version   string
	Limits    Limits
	Logger    *slog.Logger
}

// Server accepts PostgreSQL clients on any number of listeners.
type Server struct {
	config Config
	ctx    context.Context // ends with the server
	cancel context.CancelFunc
	stop   chan struct{} // closed when Shutdown begins
	done   sync.WaitGroup

	mu        sync.Mutex
	stopping  bool
	listeners []net.Listener
	sockets   int
	sessions  map[uint32]*conn // by process id
}

// New makes a server that serves nothing yet.
func New(c Config) *Server {
	c.Limits = c.Limits.withDefaults()
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.ParseText == nil {
		c.ParseText = parseValue
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		config: c, ctx: ctx, cancel: cancel, stop: make(chan struct{}),
		sessions: map[uint32]*conn{},
	}
}

// acceptPause is the wait after a failed accept, such as for want of file descriptors.
const acceptPause = 50 * time.Millisecond

// Serve accepts connections until Shutdown, waits for the last of them and returns nil. It
// closes l.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return nil
	}
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	for {
		nc, err := l.Accept()
		if err != nil {
			select {
			case <-s.stop:
				s.done.Wait()
				return nil
			default:
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			s.config.Logger.Warn("pgwire: accept", "err", err)
			time.Sleep(acceptPause)
			continue
		}
		if !s.admit() {
			nc.Close()
			continue
		}
		go func() {
			defer s.leave()
			newConn(s, nc).run()
		}()
	}
}

// admit counts a socket in. Twice the sessions are allowed, for startups and cancels.
func (s *Server) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || s.sockets >= 2*s.config.Limits.Connections {
		return false
	}
	s.sockets++
	s.done.Add(1)
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	s.sockets--
	s.mu.Unlock()
	s.done.Done()
}

// register gives c its process id and secret, or refuses when there are too many sessions.
func (s *Server) register(c *conn) *Error {
	var b [8]byte
	rand.Read(b[:]) // never fails
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions) >= s.config.Limits.Connections {
		return fatalf(stateTooManyClients, tooManyClientsMessage)
	}
	for c.pid = binary.BigEndian.Uint32(b[:]) >> 1; s.sessions[c.pid] != nil || c.pid == 0; {
		c.pid++
	}
	c.secret = [4]byte(b[4:])
	s.sessions[c.pid] = c
	return nil
}

func (s *Server) unregister(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[c.pid] == c {
		delete(s.sessions, c.pid)
	}
}

// cancelQuery serves a CancelRequest. Who asks learns nothing about whether it hit.
func (s *Server) cancelQuery(pid uint32, secret []byte) {
	s.mu.Lock()
	c := s.sessions[pid]
	s.mu.Unlock()
	if c != nil && subtle.ConstantTimeCompare(c.secret[:], secret) == 1 {
		c.cancelRunning()
	}
}

// Sessions returns the number of sessions now.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Shutdown closes the listeners and ends idle connections with 57P01; running statements may
// finish until ctx ends and are cancelled then. It returns when no connection is left.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.stopping {
		s.stopping = true
		close(s.stop)
		for _, l := range s.listeners {
			l.Close()
		}
	}
	s.mu.Unlock()
	finished := make(chan struct{})
	go func() {
		s.done.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		s.cancel()
		return nil
	case <-ctx.Done():
		s.cancel()
		<-finished
		return ctx.Err()
	}
}
