package catalog

import (
	"fmt"
	"strings"
)

// Limits of names and shapes.
const (
	MaxNameBytes = 63  // bytes of a relation's or column's name; else 42622
	MaxColumns   = 256 // visible columns of a relation; else 54011
)

// Suffixes of derived relations.
const (
	LateSuffix     = "_late"
	RejectedSuffix = "_rejected"
	ErrorsSuffix   = "_errors"
	HistorySuffix  = "_history"
)

// Error is a refused change of the catalog.
type Error struct {
	SQLState string
	Message  string // one sentence, lower case, no full stop
	Hint     string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.SQLState) }

// CheckRelationName judges the name of a new relation: 42602 empty, 42622 too long, 42939
// reserved.
func CheckRelationName(name string) error {
	if err := checkName("relation", name); err != nil {
		return err
	}
	if strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "weir_") ||
		name == "information_schema" {
		return &Error{
			SQLState: "42939",
			Message:  fmt.Sprintf("the name %q is reserved", name),
			Hint:     "Names that begin with pg_ or weir_ belong to the system.",
		}
	}
	return nil
}

// CheckColumnName judges the name of a new relation's column: as CheckRelationName; weir_ is
// reserved for hidden columns.
func CheckColumnName(name string) error {
	if err := checkName("column", name); err != nil {
		return err
	}
	if strings.HasPrefix(name, "weir_") {
		return &Error{
			SQLState: "42939",
			Message:  fmt.Sprintf("the column name %q is reserved", name),
			Hint:     "Column names that begin with weir_ belong to the system; use AS to rename.",
		}
	}
	return nil
}

func checkName(what, name string) error {
	switch {
	case name == "":
		return &Error{SQLState: "42602", Message: "the name of a " + what + " cannot be empty"}
	case len(name) > MaxNameBytes:
		return &Error{
			SQLState: "42622",
			Message: fmt.Sprintf("the %s name %q is longer than %d bytes", what, name,
				MaxNameBytes),
		}
	}
	return nil
}
