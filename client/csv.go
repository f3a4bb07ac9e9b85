package client

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"weir/stream/value"
)

// csvSource reads comma-separated values with a header line.
type csvSource struct {
	r      *csv.Reader
	schema *Schema
	field  []int // per column of the schema its field, -1 if the file lacks it
}

// NewCSV returns a source over a CSV file whose first line names the columns, in any order. A
// column that the file lacks is NULL. An empty field is NULL too, except in a text column that
// is NOT NULL, where it is the empty text.
func NewCSV(in io.Reader, schema *Schema) (Source, error) {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &InputError{Line: 1, Reason: "the header with the column names is missing"}
		}
		return nil, csvError(err)
	}
	s := &csvSource{r: r, schema: schema, field: make([]int, len(schema.Types))}
	for i := range s.field {
		s.field[i] = -1
	}
	for f, name := range header {
		c := schema.Column(name)
		switch {
		case c < 0:
			return nil, &InputError{
				Line: 1, Column: name,
				Reason: fmt.Sprintf("%s has no such column", schema.Relation.Name),
			}
		case s.field[c] >= 0:
			return nil, &InputError{Line: 1, Column: name, Reason: "is named twice"}
		}
		s.field[c] = f
	}
	for i, f := range s.field {
		if c := schema.Relation.Columns[i]; f < 0 && c.NotNull {
			return nil, &InputError{
				Line: 1, Column: c.Name,
				Reason: "is missing in the header and may not be null",
			}
		}
	}
	return s, nil
}

func (s *csvSource) Fill(cols []*value.Vec, max int) (rows int, err error) {
	for ; rows < max; rows++ {
		record, err := s.r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, csvError(err)
		}
		for i, col := range cols {
			if err := s.appendField(col, i, record); err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// appendField appends the i-th column's field of a record.
func (s *csvSource) appendField(col *value.Vec, i int, record []string) error {
	text, def := "", s.schema.Relation.Columns[i]
	if f := s.field[i]; f >= 0 {
		text = record[f]
	}
	if text == "" && !(col.Type.Kind == value.Text && def.NotNull) {
		if def.NotNull {
			return s.wrong(i, "an empty field is null, which the column may not be")
		}
		col.AppendNull()
		return nil
	}
	if err := appendText(col, text); err != nil {
		return s.wrong(i, err.Msg)
	}
	return nil
}

// wrong points at the i-th column's field of the record that was read last.
func (s *csvSource) wrong(i int, reason string) *InputError {
	line, _ := s.r.FieldPos(s.field[i])
	return &InputError{Line: line, Column: s.schema.Relation.Columns[i].Name, Reason: reason}
}

func (s *csvSource) Skip(max uint64) (rows uint64, err error) {
	for ; rows < max; rows++ {
		_, err := s.r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, csvError(err)
		}
	}
	return rows, nil
}

// csvError names the line of a malformed record; other errors are the file's own.
func csvError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &InputError{Line: p.Line, Reason: p.Err.Error()}
	}
	return fmt.Errorf("read the file: %w", err)
}
