package client

import (
	"fmt"

	"weir/stream/value"
)

// Source reads rows from somewhere into columns.
type Source interface {
	// Fill appends up to max rows to cols, which are of the schema that the source was opened
	// with, and returns how many. 0 rows mean the end. A *InputError says which line is wrong.
	Fill(cols []*value.Vec, max int) (rows int, err error)
	// Skip passes over rows without reading their values and returns how many there were.
	Skip(max uint64) (rows uint64, err error)
}

// InputError is a line of input that cannot be a row.
type InputError struct {
	Line   int    // counted from 1
	Column string // empty if the whole line is meant
	Reason string
}

func (e *InputError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Reason)
}

// appendText parses one field and appends it to the column.
func appendText(col *value.Vec, text string) *value.Error {
	d, err := value.Parse(text, col.Type)
	if err != nil {
		return err
	}
	col.AppendDatum(d)
	return nil
}
