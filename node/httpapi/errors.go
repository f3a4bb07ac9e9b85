package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"weir/client/api"
)

// The SQLSTATEs that the server itself gives; all others come from the backend.
const (
	stateTooLong   = "54000" // program_limit_exceeded
	stateBadInput  = "22023" // invalid_parameter_value
	stateBusy      = "53300" // too_many_connections
	stateCancelled = "57014" // query_canceled
	stateTrouble   = "58000" // system_error
	stateUnknown   = "08007" // transaction_resolution_unknown
	stateNoSuch    = "42704" // undefined_object
)

// refuse builds an error that the server itself found.
func refuse(status int, sqlstate, message, hint string) *api.Error {
	return &api.Error{Status: status, SQLState: sqlstate, Message: message, Hint: hint}
}

// tooLong is the refusal of a request body.
func tooLong(what string) *api.Error {
	return refuse(http.StatusRequestEntityTooLarge, stateTooLong, what+" is too long", "")
}

// asError turns whatever a handler returned into what the caller may read.
func asError(err error, log *slog.Logger) *api.Error {
	var known *api.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return refuse(http.StatusGatewayTimeout, stateCancelled,
			"the time limit ended before there was an answer", "Try again.")
	}
	log.Error("a request failed on this node", "error", err)
	return refuse(http.StatusInternalServerError, stateTrouble,
		"this node could not answer", "Its log says why; another node may answer.")
}

// writeError sends e. An error without a status is the caller's: 422.
func writeError(w http.ResponseWriter, e *api.Error) {
	status := e.Status
	if status == 0 {
		status = http.StatusUnprocessableEntity
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, status, e)
}

// writeJSON sends v. A failure to write means that the caller is gone.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
