package httpapi

import (
	"net/http"
	"strconv"

	"weir/client/api"
)

// status answers who the node is and how far it has come.
func (s *Server) status(w http.ResponseWriter, r *http.Request) error {
	st, err := s.backend.Status(r.Context())
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, st)
	return nil
}

// appHash answers the state's hash after block ?height=, by default the last.
func (s *Server) appHash(w http.ResponseWriter, r *http.Request) error {
	var height int64
	if text := r.URL.Query().Get("height"); text != "" {
		var err error
		if height, err = strconv.ParseInt(text, 10, 64); err != nil || height < 1 {
			return refuse(http.StatusBadRequest, stateBadInput, "height is a block number from 1", "")
		}
	}
	h, err := s.backend.AppHash(r.Context(), height)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, h)
	return nil
}

// relation answers the shape of ?name=.
func (s *Server) relation(w http.ResponseWriter, r *http.Request) error {
	name, err := param(r, "name")
	if err != nil {
		return err
	}
	rel, err := s.backend.Relation(r.Context(), name)
	if err != nil {
		return err
	}
	if rel.Key == nil {
		rel.Key = []int{}
	}
	writeJSON(w, http.StatusOK, rel)
	return nil
}

// lane answers where the lane ?role=&writer=&relation= goes on.
func (s *Server) lane(w http.ResponseWriter, r *http.Request) error {
	var id api.LaneID
	for _, p := range []struct {
		name string
		into *string
	}{{"role", &id.Role}, {"writer", &id.Writer}, {"relation", &id.Relation}} {
		var err error
		if *p.into, err = param(r, p.name); err != nil {
			return err
		}
	}
	lane, err := s.backend.Lane(r.Context(), id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, lane)
	return nil
}

// param returns a query parameter that must be there.
func param(r *http.Request, name string) (string, error) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return "", refuse(http.StatusBadRequest, stateBadInput, "the parameter "+name+" is missing", "")
	}
	return v, nil
}
