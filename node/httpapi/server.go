package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"weir/client/api"
)

// shutdownWait is how long requests may take to end once the server stops.
const shutdownWait = 3 * time.Second

// sendWait is how long a caller may take to read an answer.
const sendWait = 30 * time.Second

// Options are a server's settings.
type Options struct {
	Log    *slog.Logger // nil discards
	Limits Limits       // zero fields take their defaults
}

// Server is the API over one backend. It is an http.Handler.
type Server struct {
	backend     Backend
	log         *slog.Logger
	limits      Limits
	handler     http.Handler
	submissions gate
	queries     gate
	streams     gate
}

// New returns the API over b.
func New(b Backend, o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := o.Limits.orDefaults()
	s := &Server{
		backend: b, log: o.Log, limits: l,
		submissions: make(gate, l.Submissions),
		queries:     make(gate, l.Queries),
		streams:     make(gate, l.EventStreams),
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+api.PathTx, s.answer(s.submit))
	mux.Handle("POST "+api.PathQuery, s.answer(s.query))
	mux.Handle("POST "+api.PathProve, s.answer(s.prove))
	mux.Handle("GET "+api.PathConsistency, s.answer(s.consistency))
	mux.Handle("GET "+api.PathStatus, s.answer(s.status))
	mux.Handle("GET "+api.PathAppHash, s.answer(s.appHash))
	mux.Handle("GET "+api.PathRelation, s.answer(s.relation))
	mux.Handle("GET "+api.PathLane, s.answer(s.lane))
	mux.Handle("GET "+api.PathEvents, s.answer(s.events))
	// A web page of another origin may not post to a node on its reader's own machine.
	s.handler = http.NewCrossOriginProtection().Handler(mux)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers requests on ln until ctx ends, gives running requests a moment, and returns nil;
// or returns why it could not serve. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.HeaderWait,
		ReadTimeout:       s.limits.BodyWait,
		WriteTimeout:      s.limits.BodyWait + max(s.limits.SubmitWait, s.limits.QueryWait) + sendWait,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    s.limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		// Requests see the end of ctx at once, so that streams of events end too.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close() // whoever is still here had the time to end
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", ln.Addr(), err)
	}
	return nil
}

// answer turns a handler that returns its error into one that sends it.
func (s *Server) answer(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			writeError(w, asError(err, s.log))
		}
	})
}

// gate bounds how many callers are inside at once.
type gate chan struct{}

// enter takes a place or refuses; whoever entered must leave.
func (g gate) enter(what string) error {
	select {
	case g <- struct{}{}:
		return nil
	default:
		return refuse(http.StatusServiceUnavailable, stateBusy,
			fmt.Sprintf("this node already has %d %s", cap(g), what), "Try again, or at another node.")
	}
}

func (g gate) leave() { <-g }
