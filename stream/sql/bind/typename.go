package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/value"
)

// typeKinds maps PostgreSQL's type names, as the grammar gives them, to kinds.
var typeKinds = map[string]value.Kind{
	"bool": value.Bool, "boolean": value.Bool,
	"int2": value.Int2, "smallint": value.Int2,
	"int4": value.Int4, "int": value.Int4, "integer": value.Int4,
	"int8": value.Int8, "bigint": value.Int8,
	"numeric": value.Numeric, "decimal": value.Numeric, "dec": value.Numeric,
	"float4": value.Float4, "real": value.Float4,
	"float8": value.Float8, "text": value.Text, "varchar": value.Text, "bytea": value.Bytea,
	"date": value.Date, "time": value.Time, "timestamp": value.Timestamp,
	"timestamptz": value.TimestampTZ, "interval": value.Interval, "uuid": value.UUID,
	"jsonb": value.JSONB,
}

// typeName resolves the name of a type with its modifier.
func (b *binder) typeName(t *ast.TypeName) (value.Type, error) {
	at := t.Location()
	parts, _ := nameParts(t.Names)
	name := parts[len(parts)-1]
	if len(parts) > 2 || len(parts) == 2 && parts[0] != "pg_catalog" {
		return value.Type{}, b.errorf(at, stateNoObject, "type %q does not exist",
			strings.Join(parts, "."))
	}
	if t.Setof {
		return value.Type{}, b.unsupported(at, "SETOF is", "")
	}
	if t.ArrayBounds != nil && len(t.ArrayBounds.Items) > 0 {
		return b.arrayType(t)
	}
	switch name {
	case "serial", "bigserial", "smallserial", "serial4", "serial8", "serial2":
		return value.Type{}, b.unsupported(at, "SERIAL columns are",
			"Declare the column as bigint and let the producer number its rows.")
	case "json":
		return value.Type{}, b.unsupported(at, "type json is", "Use jsonb.")
	case "record":
		return value.Type{}, b.unsupported(at, "type record here is", "")
	case "bpchar", "char":
		return value.Type{}, b.unsupported(at, "type character(n) is", "Use text.")
	}
	k, ok := typeKinds[name]
	if !ok {
		return value.Type{}, b.errorf(at, stateNoObject, "type %q does not exist", name)
	}
	return b.modified(value.Type{Kind: k}, name, t)
}

// isRecordName reports whether the name of a type is record.
func isRecordName(t *ast.TypeName) bool {
	parts, _ := nameParts(t.Names)
	return len(parts) < 3 && parts[len(parts)-1] == "record" && !hasItems(t.ArrayBounds)
}

// pseudoType refuses a record as the column of a relation.
func (b *binder) pseudoType(column string, at int) error {
	return b.errorf(at, stateBadTable, "column %q has pseudo-type record", column)
}

// arrayType resolves type[]. As in PostgreSQL the bounds of a declaration have no effect.
func (b *binder) arrayType(t *ast.TypeName) (value.Type, error) {
	if len(t.ArrayBounds.Items) > 1 {
		return value.Type{}, b.unsupported(t.Location(),
			"arrays of more than one dimension are", "Use jsonb.")
	}
	elem := *t
	elem.ArrayBounds = nil
	out, err := b.typeName(&elem)
	if err != nil {
		return out, err
	}
	return value.ArrayOf(out), nil
}

// modified applies the modifier in parentheses.
func (b *binder) modified(out value.Type, name string, t *ast.TypeName) (value.Type, error) {
	mods, err := b.typmods(t)
	if err != nil || len(mods) == 0 {
		return out, err
	}
	at := t.Location()
	switch out.Kind {
	case value.Numeric:
		p, s := mods[0], int64(0)
		if len(mods) > 1 {
			s = mods[1]
		}
		if p < 1 || p > value.MaxPrecision || s < 0 || s > p || len(mods) > 2 {
			return out, b.errorf(at, stateBadParameter,
				"NUMERIC precision must be between 1 and %d and its scale between 0 and the precision",
				value.MaxPrecision)
		}
		out.Precision, out.Scale = uint8(p), uint8(s)
		return out, nil
	case value.Time, value.Timestamp, value.TimestampTZ:
		if mods[0] == 6 {
			return out, nil
		}
		return out, b.unsupported(at, "time precision below microseconds is",
			"Use date_trunc to round times.")
	case value.Text:
		return out, b.unsupported(at, name+" with a length is",
			"Use text with CHECK (length(c) <= n).")
	case value.Interval:
		return out, nil // fields are read beside the literal
	}
	return out, b.errorf(at, stateSyntax, "type modifier is not allowed for type %q", name)
}

// typmods reads the integers of a modifier.
func (b *binder) typmods(t *ast.TypeName) ([]int64, error) {
	if t.Typmods == nil {
		return nil, nil
	}
	var out []int64
	for _, n := range t.Typmods.Items {
		if c, ok := n.(*ast.A_Const); ok {
			if i, ok := c.Val.(*ast.Integer); ok {
				out = append(out, int64(i.IVal))
				continue
			}
		}
		if i, ok := n.(*ast.Integer); ok {
			out = append(out, int64(i.IVal))
			continue
		}
		return nil, b.errorf(t.Location(), stateBadParameter,
			"type modifiers must be simple constants")
	}
	return out, nil
}

// intervalField returns the unit of INTERVAL '5' MINUTE and its like, "" if the literal has its
// units itself, and whether the field list is one that is understood.
func intervalField(mods []int64) (unit string, ok bool) {
	if len(mods) == 0 || mods[0] == ast.INTERVAL_FULL_RANGE {
		return "", true
	}
	switch int(mods[0]) {
	case ast.INTERVAL_MASK_YEAR:
		return "year", true
	case ast.INTERVAL_MASK_MONTH:
		return "month", true
	case ast.INTERVAL_MASK_DAY:
		return "day", true
	case ast.INTERVAL_MASK_HOUR:
		return "hour", true
	case ast.INTERVAL_MASK_MINUTE:
		return "minute", true
	case ast.INTERVAL_MASK_SECOND:
		return "second", true
	}
	return "", false
}
