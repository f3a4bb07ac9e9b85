package frozen

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"weir/ledger/store"
)

// CopiesDefault is how many copies there can be at a time, unless a node says otherwise.
const CopiesDefault = 4

// requestWait is how long a command may take to say what it wants.
const requestWait = 5 * time.Second

// Options say what a Server copies.
type Options struct {
	Home   string
	Ledger *store.Pebble // of the home
	Chain  Chain
	Copies int // how many there can be at a time; 0: CopiesDefault
	Log    *slog.Logger
}

// Server makes frozen copies for commands on the node's own machine.
type Server struct {
	maker maker
	log   *slog.Logger
	ln    net.Listener
}

// Listen removes what earlier runs have left, and opens the socket. The node of the home must hold
// its stores, so that there is no other.
func Listen(o Options) (*Server, error) {
	if o.Copies == 0 {
		o.Copies = CopiesDefault
	}
	s := &Server{log: o.Log, maker: maker{
		home: o.Home, ledger: o.Ledger, chain: o.Chain, most: o.Copies,
	}}
	folder := Folder(o.Home)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of frozen copies: %w", err)
	}
	// The folder guards the socket, which has other rights until they are set.
	if err := os.Chmod(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of frozen copies: %w", err)
	}
	if err := removeStale(o.Home); err != nil {
		return nil, fmt.Errorf("removing old frozen copies: %w", err)
	}
	err := reach(o.Home, func(path string) error {
		ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return err
		}
		ln.SetUnlinkOnClose(false) // the path may be of a link that is gone then
		s.ln = ln
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		return nil, fmt.Errorf("the socket for frozen copies: %w", err)
	}
	return s, nil
}

// Serve answers until ctx ends, and then returns nil once no copy is being made. Copies that are
// still being read then stay, for those who read them to remove.
func (s *Server) Serve(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	stop := context.AfterFunc(ctx, func() { _ = s.ln.Close() })
	defer stop()
	defer func() { _ = os.Remove(Socket(s.maker.home)) }()
	for {
		conn, err := s.ln.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the socket for frozen copies: %w", err)
		}
		running.Go(func() {
			if err := s.answer(ctx, conn); err != nil && ctx.Err() == nil {
				s.log.Error("a frozen copy", "err", err)
			}
		})
	}
}

// answer makes a copy for one command, and removes it when the command has ended.
func (s *Server) answer(ctx context.Context, conn net.Conn) (err error) {
	defer func() { err = errors.Join(err, ignoreClosed(conn.Close())) }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := conn.SetReadDeadline(time.Now().Add(requestWait)); err != nil {
		return err
	}
	in := bufio.NewReader(io.LimitReader(conn, int64(len(request))))
	if line, err := in.ReadString('\n'); line != request {
		return errors.Join(fmt.Errorf("a request that is none: %q", line), err)
	}
	a, err := s.maker.copy()
	if err != nil {
		a = answer{Error: err.Error()}
	} else {
		s.log.Info("a frozen copy was made", "copy", a.Copy, "height", a.Height,
			"held", time.Duration(a.Held), "took", time.Duration(a.Took))
	}
	line, err := json.Marshal(a)
	if err == nil {
		_, err = conn.Write(append(line, '\n'))
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err == nil {
		_, _ = io.Copy(io.Discard, conn) // until the command has ended, or this node has
	}
	if a.Error != "" || err == nil && ctx.Err() != nil {
		return err
	}
	return errors.Join(err, os.RemoveAll(copyPath(s.maker.home, a.Copy)))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
