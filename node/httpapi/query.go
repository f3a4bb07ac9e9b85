package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"weir/client/api"
)

// evidenceType is the media type of an evidence file.
const evidenceType = "application/vnd.weir.evidence"

// query runs one reading statement and answers its rows as text.
func (s *Server) query(w http.ResponseWriter, r *http.Request) error {
	return s.withSQL(w, r, func(ctx context.Context, sql string) error {
		res, err := s.backend.Query(ctx, sql)
		if err != nil {
			return err
		}
		if len(res.Rows) > s.limits.ResultRows {
			return &api.Error{
				SQLState: stateTooLong,
				Message:  fmt.Sprintf("the answer has more than %d rows", s.limits.ResultRows),
				Hint:     "Add a LIMIT, or read over the PostgreSQL wire.",
			}
		}
		if res.Rows == nil {
			res.Rows = [][]*string{} // [] rather than null
		}
		writeJSON(w, http.StatusOK, res)
		return nil
	})
}

// prove answers the evidence file of one query.
func (s *Server) prove(w http.ResponseWriter, r *http.Request) error {
	return s.withSQL(w, r, func(ctx context.Context, sql string) error {
		file, err := s.backend.Prove(ctx, sql)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", evidenceType)
		w.Header().Set("Content-Length", fmt.Sprint(len(file)))
		_, _ = w.Write(file) // a failure means that the caller is gone
		return nil
	})
}

// consistency answers the consistency file of ?stream= since height ?from=.
func (s *Server) consistency(w http.ResponseWriter, r *http.Request) error {
	if err := s.queries.enter("queries running"); err != nil {
		return err
	}
	defer s.queries.leave()
	stream, err := param(r, "stream")
	if err != nil {
		return err
	}
	text, err := param(r, "from")
	if err != nil {
		return err
	}
	from, err := strconv.ParseInt(text, 10, 64)
	if err != nil || from < 1 {
		return refuse(http.StatusBadRequest, stateBadInput, "from is a block number from 1", "")
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.QueryWait)
	defer cancel()
	file, err := s.backend.Consistency(ctx, stream, from)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", evidenceType)
	w.Header().Set("Content-Length", fmt.Sprint(len(file)))
	_, _ = w.Write(file) // a failure means that the caller is gone
	return nil
}

// withSQL reads the statement, waits for a place, and runs do under the time limit.
func (s *Server) withSQL(
	w http.ResponseWriter, r *http.Request, do func(ctx context.Context, sql string) error,
) error {
	if err := s.queries.enter("queries running"); err != nil {
		return err
	}
	defer s.queries.leave()
	body, err := readBody(w, r, s.limits.SQLBytes, "the statement")
	if err != nil {
		return err
	}
	var ask api.SQL
	if err := json.Unmarshal(body, &ask); err != nil || strings.TrimSpace(ask.SQL) == "" {
		return refuse(http.StatusBadRequest, stateBadInput,
			`the body is not {"sql": "SELECT ..."}`, "")
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.QueryWait)
	defer cancel()
	return do(ctx, ask.SQL)
}
