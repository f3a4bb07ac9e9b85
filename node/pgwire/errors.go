package pgwire

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/value"
)

// SQLSTATEs that the protocol itself raises.
const (
	stateProtocol         = "08P01" // protocol_violation
	stateUnsupported      = "0A000" // feature_not_supported
	stateBadEncoding      = "22021" // character_not_in_repertoire
	stateBadParameter     = "22023" // invalid_parameter_value
	stateBadText          = "22P02" // invalid_text_representation
	stateBadBinary        = "22P03" // invalid_binary_representation
	stateNoStatement      = "26000" // invalid_sql_statement_name
	stateNoUser           = "28000" // invalid_authorization_specification
	stateNoPortal         = "34000" // invalid_cursor_name
	stateSyntax           = "42601" // syntax_error
	stateNoParameter      = "42P02" // undefined_parameter
	stateDuplicatePortal  = "42P03" // duplicate_cursor
	stateDuplicate        = "42P05" // duplicate_prepared_statement
	stateTooManyClients   = "53300" // too_many_connections
	stateTooMany          = "53400" // configuration_limit_exceeded
	stateTooLarge         = "54000" // program_limit_exceeded
	stateWrongState       = "55000" // object_not_in_prerequisite_state
	stateCancelled        = "57014" // query_canceled
	stateShutdown         = "57P01" // admin_shutdown
	stateIdle             = "57P05" // idle_session_timeout
	stateInternal         = "XX000" // internal_error
	severityError         = "ERROR"
	severityFatal         = "FATAL"
	cancelledMessage      = "canceling statement due to user request"
	shutdownMessage       = "terminating connection due to administrator command"
	tooManyClientsMessage = "sorry, too many clients already"
)

func errorf(state, format string, args ...any) *Error {
	return &Error{SQLState: state, Message: fmt.Sprintf(format, args...)}
}

func fatalf(state, format string, args ...any) *Error {
	e := errorf(state, format, args...)
	e.Severity = severityFatal
	return e
}

// wireError is what the client is told of err. Errors that carry no SQLSTATE are this node's
// own trouble and become XX000.
func wireError(err error) *Error {
	var e *Error
	var v *value.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &v):
		return &Error{SQLState: v.SQLState, Message: v.Msg}
	case errors.Is(err, context.Canceled):
		return errorf(stateCancelled, cancelledMessage)
	}
	return errorf(stateInternal, "internal error: %v", err)
}

// shifted moves an error's position by the characters of before, which the client sent ahead
// of the statement.
func shifted(err error, before string) error {
	var e *Error
	if before == "" || !errors.As(err, &e) || e.Position == 0 {
		return err
	}
	moved := *e
	moved.Position += utf8.RuneCountInString(before)
	return &moved
}

// errorResponse is e in the protocol's form; severity is used where e has none.
func errorResponse(e *Error, severity string) *pgproto3.ErrorResponse {
	if e.Severity != "" {
		severity = e.Severity
	}
	return &pgproto3.ErrorResponse{
		Severity: severity, SeverityUnlocalized: severity, Code: e.SQLState,
		Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int32(e.Position),
	}
}
