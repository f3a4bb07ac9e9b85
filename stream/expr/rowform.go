package expr

import (
	"encoding/binary"
	"slices"

	"weir/stream/value"
)

// Row is a record of the values of Args, which T names: ROW(a, b), and a row of a relation as a
// value. It is never NULL.
type Row struct {
	Args []Expr // as many as T has fields
	T    value.Type
}

// Field is a field of a record, NULL if the record is.
type Field struct {
	Arg   Expr
	Index int // from 0
	T     value.Type
}

// Type implements Expr.
func (e *Row) Type() value.Type { return e.T }

// Type implements Expr.
func (e *Field) Type() value.Type { return e.T }

func (*Row) isExpr()   {}
func (*Field) isExpr() {}

// NewField is a field of a record: of a row that is spelled out, its operand.
func NewField(arg Expr, i int) Expr {
	if r, ok := arg.(*Row); ok {
		return r.Args[i]
	}
	return &Field{Arg: arg, Index: i, T: arg.Type().RecordFields()[i].Type}
}

func checkRow(e *Row) *value.Error {
	fields := e.T.RecordFields()
	if e.T.Kind != value.Record || len(fields) != len(e.Args) {
		return malformed("row of %d values under type %s", len(e.Args), e.T)
	}
	for i, a := range e.Args {
		if a.Type() != fields[i].Type {
			return malformed("field %d of type %s, not %s", i, a.Type(), fields[i].Type)
		}
	}
	return nil
}

func checkField(e *Field) *value.Error {
	fields := e.Arg.Type().RecordFields()
	if e.Index < 0 || e.Index >= len(fields) || fields[e.Index].Type != e.T {
		return malformed("field %d of type %s of %d fields", e.Index, e.T, len(fields))
	}
	return nil
}

// sameFields refuses records among operands whose fields differ in number or type from those of
// t; names and modifiers may.
func sameFields(args []Expr, t value.Type) *value.Error {
	if t.Kind != value.Record {
		return nil
	}
	for _, a := range args {
		if a.Type().Kind == value.Record && value.CheckComparable(a.Type(), t) != nil {
			return malformed("records of different fields")
		}
	}
	return nil
}

// rowNode puts the values of its operands into records.
type rowNode struct {
	args []node
	t    value.Type
}

func (c *rowNode) eval(r *run, sel []int32, n int) operand {
	args, whole := make([]operand, len(c.args)), make([]texts, len(c.args))
	for j, a := range c.args {
		args[j] = a.eval(r, sel, n)
		whole[j] = textsOf(args[j].vec)
	}
	out := value.NewVec(c.t, n)
	for i := range n {
		out.Bytes = binary.AppendUvarint(out.Bytes, uint64(len(args)))
		for j, a := range args {
			out.Bytes = value.AppendRecordField(out.Bytes, whole[j].datum(a.vec, i&a.mask))
		}
		if len(out.Bytes)-int(out.Offs[i]) > MaxTextResult {
			out.Bytes = out.Bytes[:out.Offs[i]]
			r.fail(rowAt(sel, i), rowFunc, errTextResult)
			out.AppendNull()
			continue
		}
		out.EndBytes()
	}
	return column(out)
}

// rowFunc is what errors name.
const rowFunc Func = "row()"

// fieldNode takes a field out of records.
type fieldNode struct {
	arg   node
	index int
	t     value.Type
}

func (c *fieldNode) eval(r *run, sel []int32, n int) operand {
	arg := c.arg.eval(r, sel, n)
	whole := textsOf(arg.vec)
	if arg.mask == 0 {
		n = 1
	}
	out := value.NewVec(c.t, n)
	for i := range n {
		if d := whole.datum(arg.vec, i); d.IsNull() {
			out.AppendNull()
		} else {
			out.AppendDatum(value.RecordField(d, c.index))
		}
	}
	return operand{out, arg.mask}
}

func evalRowForm(e *Row, row []value.Datum, env Env) (value.Datum, *value.Error) {
	fields := make([]value.Datum, len(e.Args))
	for i, a := range e.Args {
		d, err := EvalRow(a, row, env)
		if err != nil {
			return value.NullDatum, err
		}
		fields[i] = d
	}
	d := value.NewRecord(fields)
	if len(d.S) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return d, nil
}

func evalField(e *Field, row []value.Datum, env Env) (value.Datum, *value.Error) {
	d, err := EvalRow(e.Arg, row, env)
	if err != nil || d.IsNull() {
		return value.NullDatum, err
	}
	return value.RecordField(d, e.Index), nil
}

// rowForm reads the operands of a row: as many as its type has.
func (d *decoder) rowForm(depth int) Expr {
	e := &Row{T: d.typ()}
	for range e.T.EachField() {
		e.Args = append(e.Args, d.expr(depth-1))
		if d.bad {
			return nil
		}
	}
	return e
}

func (d *decoder) fieldForm(depth int) Expr {
	i := d.uvarint()
	e := &Field{Arg: d.expr(depth - 1)}
	if d.bad {
		return nil
	}
	fields := e.Arg.Type().RecordFields()
	if i >= uint64(len(fields)) {
		d.fail()
		return nil
	}
	e.Index, e.T = int(i), fields[i].Type
	return e
}

// rowFunctions are those of records alone: IS NULL and IS NOT NULL look at the fields, and JSON
// needs their names.
func rowFunctions() []*function {
	test := func(name string, want bool) *function {
		return define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[0].IsNull() {
				return value.NewBool(!want), nil
			}
			return value.NewBool(!value.RecordHas(a[0], want)), nil
		}, value.Record).callable().safe()
	}
	toJSON := func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return jsonResult(jsonOfRecord(x.in[0], a[0]))
	}
	return []*function{
		test("row_is_null", false), test("row_is_not_null", true),
		define("to_jsonb", value.JSONB, toJSON, value.Record).typed(),
		define("row_to_json", value.JSONB, toJSON, value.Record).typed(),
	}
}

// jsonOfRecord is an object of the fields by their names; the last of a name counts.
func jsonOfRecord(t value.Type, d value.Datum) value.JSON {
	var keys []string
	var elems []value.JSON
	values, i := value.RecordValues(d), 0
	for f := range t.EachField() {
		j := jsonOf(values[i])
		if f.Type.Kind == value.Record && !values[i].IsNull() {
			j = jsonOfRecord(f.Type, values[i])
		}
		keys, elems = append(keys, f.Name), append(elems, j)
		i++
	}
	return value.NewJSONObject(keys, elems)
}

// allKinds are the shapes that values may have: allShapes, then records.
func allKinds() []shape { return slices.Concat(allShapes(), []shape{value.Record}) }
