package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"weir/stream/value"
)

// maxLine is the longest line of NDJSON: a row of 64 KiB with every byte escaped.
const maxLine = 512 << 10

// ndjsonSource reads one JSON object per line.
type ndjsonSource struct {
	sc     *bufio.Scanner
	schema *Schema
	line   int
}

// NewNDJSON returns a source over lines of JSON, each an object whose members are named as the
// columns. A member that is missing or null is NULL; numbers keep every digit; strings are read
// as SQL reads them; objects and arrays go to jsonb columns as they stand. Empty lines are
// passed over.
func NewNDJSON(in io.Reader, schema *Schema) Source {
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &ndjsonSource{sc: sc, schema: schema}
}

func (s *ndjsonSource) Fill(cols []*value.Vec, max int) (rows int, err error) {
	for rows < max {
		line, err := s.next()
		if line == nil || err != nil {
			return rows, err
		}
		if err := s.appendRow(cols, line); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

func (s *ndjsonSource) Skip(max uint64) (rows uint64, err error) {
	for rows < max {
		line, err := s.next()
		if line == nil || err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

// next returns the next line that is not empty, nil at the end.
func (s *ndjsonSource) next() ([]byte, error) {
	for s.sc.Scan() {
		s.line++
		if line := bytes.TrimSpace(s.sc.Bytes()); len(line) > 0 {
			return line, nil
		}
	}
	switch err := s.sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &InputError{
			Line:   s.line + 1,
			Reason: fmt.Sprintf("is longer than %d bytes", maxLine),
		}
	case err != nil:
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return nil, nil
}

// appendRow appends one object.
func (s *ndjsonSource) appendRow(cols []*value.Vec, line []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil || members == nil {
		return &InputError{Line: s.line, Reason: "is not a JSON object"}
	}
	for i, col := range cols {
		def := s.schema.Relation.Columns[i]
		text, null := jsonText(members[def.Name])
		delete(members, def.Name)
		if null && def.NotNull {
			return &InputError{Line: s.line, Column: def.Name, Reason: "may not be null"}
		}
		if null {
			col.AppendNull()
			continue
		}
		if err := appendText(col, text); err != nil {
			return &InputError{Line: s.line, Column: def.Name, Reason: err.Msg}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		return &InputError{
			Line: s.line, Column: name,
			Reason: fmt.Sprintf("%s has no such column", s.schema.Relation.Name),
		}
	}
	return nil
}

// jsonText returns a member's value as SQL would be given it.
func jsonText(raw json.RawMessage) (text string, null bool) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", true
	case raw[0] == '"' && json.Unmarshal(raw, &text) == nil:
		return text, false
	}
	return string(raw), false
}
