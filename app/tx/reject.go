package tx

import (
	"errors"
	"fmt"

	"weir/internal/invariant"
)

// Reject says why a transaction, a statement or a piece of genesis is refused: it is wrong,
// nothing has changed, and every replica refuses it for the same reason. Code and SQLState are
// agreed; Message is for people and never enters hashed bytes.
type Reject struct {
	Code     uint32 // one of the Code constants
	SQLState string // five characters
	Message  string // one sentence
	Detail   string // more about it, or empty
	Hint     string // what to do instead, or empty
	Expected uint64 // the lane's next sequence number for the SEQ codes, else 0
}

// Error implements error.
func (r *Reject) Error() string { return r.SQLState + ": " + r.Message }

// Name returns the stable name of the code, such as SEQ_GAP.
func (r *Reject) Name() string {
	info, _ := Info(r.Code)
	return info.Name
}

// Rejectf makes a rejection with the SQLSTATE that belongs to the code. The code must be in the
// table and must have a SQLSTATE of its own.
func Rejectf(code uint32, format string, args ...any) *Reject {
	info, ok := Info(code)
	invariant.Check(ok && info.SQLState != "", "rejection code %d has no SQLSTATE", code)
	return &Reject{Code: code, SQLState: info.SQLState, Message: fmt.Sprintf(format, args...)}
}

// RejectSQL makes the rejection of a statement that failed with a SQLSTATE of its own.
func RejectSQL(sqlState, message string) *Reject {
	invariant.Check(len(sqlState) == 5, "SQLSTATE %q does not have five characters", sqlState)
	return &Reject{Code: CodeSQL, SQLState: sqlState, Message: message}
}

// AsReject returns the rejection that err is or wraps, or nil. An error that is not a rejection
// is trouble of this node.
func AsReject(err error) *Reject {
	if r, ok := errors.AsType[*Reject](err); ok {
		return r
	}
	return nil
}
