package refusal

import (
	"errors"
	"fmt"
)

// Code says which rule refused. The numbers and names are stable.
type Code uint8

// The codes, in the order in which verification comes to them.
const (
	TooLarge   Code = 1  // the file, or a part of it, is over its limit
	Malformed  Code = 2  // not an evidence file, or not in its one canonical encoding
	Version    Code = 3  // a format, codec or library version that this verifier lacks
	Trust      Code = 4  // the trust root itself is unusable
	Chain      Code = 5  // another chain or another genesis file
	Root       Code = 6  // the headers do not start at the trust root
	Set        Code = 7  // a validator set is not the one that a header names
	Signature  Code = 8  // a commit is for something else, or a signature is wrong
	Power      Code = 9  // not more than 2/3 of the power signed
	Stale      Code = 10 // the header is older than the caller allows, or from the future
	Height     Code = 11 // the header is not the one above the state height
	Proof      Code = 12 // a Merkle proof does not lead to the app hash
	Catalog    Code = 13 // a definition or status entry is absent or does not decode
	State      Code = 14 // a relation is not live
	Plan       Code = 15 // the plan does not fit the proven definitions
	Incomplete Code = 16 // rows that the plan needs are not all proven
	Row        Code = 17 // a proven row does not decode under its definition
	Evaluation Code = 18 // the plan fails over the proven rows
	SQL        Code = 19 // the SQL text does not bind to the plan
	Panic      Code = 20 // the verifier itself failed on this input
)

var names = [...]string{
	TooLarge: "too_large", Malformed: "malformed", Version: "version", Trust: "trust",
	Chain: "chain", Root: "root", Set: "validator_set", Signature: "signature", Power: "power",
	Stale: "stale", Height: "height", Proof: "proof", Catalog: "catalog", State: "state",
	Plan: "plan", Incomplete: "incomplete", Row: "row", Evaluation: "evaluation", SQL: "sql",
	Panic: "panic",
}

// String returns the code's stable name.
func (c Code) String() string {
	if int(c) < len(names) && names[c] != "" {
		return names[c]
	}
	return fmt.Sprintf("code_%d", uint8(c))
}

// Error is a refusal.
type Error struct {
	Code   Code
	Reason string // one sentence without a full stop
}

// Error returns "refused (<code>): <reason>".
func (e *Error) Error() string { return "refused (" + e.Code.String() + "): " + e.Reason }

// New returns a refusal with a formatted reason.
func New(code Code, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the refusal in err's chain, or 0 when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
