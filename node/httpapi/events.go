package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"weir/client/api"
)

// errReader marks a reader that is gone or too slow; nothing can be told to it any more.
var errReader = errors.New("the reader of events is gone")

// events streams one event per committed block as server-sent events whose id is the height, so
// that a reader that comes back with Last-Event-ID (or ?after=) misses nothing.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	after, err := resumeAfter(r)
	if err != nil {
		return err
	}
	if err := s.streams.enter("readers of events"); err != nil {
		return err
	}
	defer s.streams.leave()
	endReading(w)
	out := &eventWriter{w: w, rc: http.NewResponseController(w), limit: s.limits.EventWrite}
	defer out.close()
	err = s.backend.Follow(r.Context(), after, out.send)
	switch {
	case r.Context().Err() != nil, errors.Is(err, errReader), err == nil:
		return nil
	case !out.begun:
		return err
	}
	// The stream has begun, so the error travels as its last event.
	out.event("error", "", asError(err, s.log))
	return nil
}

// resumeAfter says above which height to begin; -1 means with the next block.
func resumeAfter(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return -1, nil
	}
	h, err := strconv.ParseInt(text, 10, 64)
	if err != nil || h < 0 {
		return 0, refuse(http.StatusBadRequest, stateBadInput, "Last-Event-ID is a block height", "")
	}
	return h, nil
}

// eventWriter writes one reader's stream.
type eventWriter struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit time.Duration
	begun bool
}

// send writes one block and flushes it.
func (e *eventWriter) send(b api.Block) error {
	return e.event("block", strconv.FormatInt(b.Height, 10), b)
}

// close lifts the last event's limit, which would else fall on the connection's next request.
func (e *eventWriter) close() { _ = e.rc.SetWriteDeadline(time.Time{}) }

// event writes one event under the write limit.
func (e *eventWriter) event(name, id string, v any) error {
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("Cache-Control", "no-store")
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	// A recorder in a test has no deadline to set; a connection always has.
	_ = e.rc.SetWriteDeadline(time.Now().Add(e.limit))
	if _, err := fmt.Fprintf(e.w, "%sevent: %s\ndata: %s\n\n", id, name, data); err != nil {
		return errors.Join(errReader, err)
	}
	if err := e.rc.Flush(); err != nil {
		return errors.Join(errReader, err)
	}
	return nil
}
