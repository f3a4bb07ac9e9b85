package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// submit takes one raw transaction and answers after its block is committed: 200 with the
// receipt, 422 with the rejection as a receipt, 504 if no block decided it in time.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) error {
	if err := s.submissions.enter("submissions waiting"); err != nil {
		return err
	}
	defer s.submissions.leave()
	raw, err := readBody(w, r, s.limits.TxBytes, "the transaction")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.SubmitWait)
	defer cancel()
	receipt, err := s.backend.Submit(ctx, raw)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return refuse(http.StatusGatewayTimeout, stateUnknown,
			"outcome unknown: send the same bytes again", "")
	case err != nil:
		return err
	}
	status := http.StatusOK
	if receipt.Code != 0 {
		status = http.StatusUnprocessableEntity
	}
	writeJSON(w, status, receipt)
	return nil
}

// readBody reads a request's body of at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, what string) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLong(what)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, tooLong(what)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, stateBadInput, what+" did not arrive whole", "")
	case len(body) == 0:
		return nil, refuse(http.StatusBadRequest, stateBadInput, what+" is empty", "")
	}
	endReading(w)
	return body, nil
}

// endReading lifts the limit on the time to send a request once it is here whole: the wait for its
// answer has a limit of its own, and a passed read deadline would look like a caller who left.
func endReading(w http.ResponseWriter) {
	// A recorder in a test has no deadline to lift; a connection always has.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
