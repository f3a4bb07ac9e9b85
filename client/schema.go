package client

import (
	"fmt"
	"strconv"
	"strings"

	"weir/client/api"
	"weir/stream/value"
)

// Schema is a relation with its column types understood.
type Schema struct {
	Relation *api.Relation
	Types    []value.Type
}

// NewSchema reads the types of a relation's columns.
func NewSchema(rel *api.Relation) (*Schema, error) {
	s := &Schema{Relation: rel, Types: make([]value.Type, len(rel.Columns))}
	if len(rel.Columns) == 0 {
		return nil, fmt.Errorf("relation %s has no columns", rel.Name)
	}
	for i, c := range rel.Columns {
		var err error
		if s.Types[i], err = ParseType(c.Type); err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, rel.Name, err)
		}
	}
	return s, nil
}

// Column returns the index of the named column, -1 if there is none.
func (s *Schema) Column(name string) int {
	for i, c := range s.Relation.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// NewColumns returns empty vectors of the schema's types with room for n rows.
func (s *Schema) NewColumns(n int) []*value.Vec {
	cols := make([]*value.Vec, len(s.Types))
	for i, t := range s.Types {
		cols[i] = value.NewVec(t, n)
	}
	return cols
}

// ParseType reads a type as PostgreSQL prints it: "bigint", "numeric(10,2)", "text[]".
func ParseType(text string) (value.Type, error) {
	if elem, ok := strings.CutSuffix(text, "[]"); ok {
		t, err := ParseType(elem)
		if err != nil || t.Kind == value.Array {
			return value.Type{}, fmt.Errorf("type %q is not known", text)
		}
		return value.ArrayOf(t), nil
	}
	name, mods, modified := strings.Cut(text, "(")
	kind := kindOf(strings.TrimSpace(name))
	if kind == value.Null {
		return value.Type{}, fmt.Errorf("type %q is not known", text)
	}
	t := value.Of(kind)
	if !modified {
		return t, nil
	}
	p, s, _ := strings.Cut(strings.TrimSuffix(mods, ")"), ",")
	if s == "" {
		s = "0"
	}
	precision, err1 := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
	scale, err2 := strconv.ParseUint(strings.TrimSpace(s), 10, 8)
	t.Precision, t.Scale = uint8(precision), uint8(scale)
	if err1 != nil || err2 != nil || kind != value.Numeric || t.Validate() != nil {
		return value.Type{}, fmt.Errorf("type %q is not known", text)
	}
	return t, nil
}

// kindOf returns the kind that prints as name, Null if none does.
func kindOf(name string) value.Kind {
	for k := value.Null + 1; k < value.Array; k++ {
		if value.Of(k).String() == name {
			return k
		}
	}
	return value.Null
}
