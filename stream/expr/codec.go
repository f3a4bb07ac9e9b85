package expr

import (
	"encoding/binary"
	"errors"

	"weir/internal/invariant"
	"weir/stream/row"
	"weir/stream/value"
)

// Form tags of encoded expressions. Frozen.
const (
	formColumn   = 1
	formConst    = 2
	formCall     = 3
	formAnd      = 4
	formOr       = 5
	formCase     = 6
	formCaseElse = 7
	formCoalesce = 8
	formRow      = 9
	formField    = 10
	formOuter    = 255 // never decoded: no plan has it
)

// ErrMalformed is the rejection of bytes that are not the encoding of a well-formed expression.
var ErrMalformed = errors.New("expr: malformed encoding")

// AppendExpr appends the canonical encoding of e: a form tag, then
//
//	column    type, varint index
//	const     type, row of one column (package row)
//	call      type, varint length, function name, operands
//	and, or   operands
//	case      type, varint pairs, when, then, ..., and with the else tag the else
//	coalesce  type, operands
//	row       type, an operand for each of its fields
//	field     varint index, record
//
// A type is three bytes (kind, precision, scale), for an array four (kind of the elements last),
// for a record followed by a varint length and its fields (value.RecordOf).
// Operands are a varint count, then each.
func AppendExpr(dst []byte, e Expr) []byte {
	switch e := e.(type) {
	case Column:
		dst = AppendType(append(dst, formColumn), e.T)
		return binary.AppendUvarint(dst, uint64(e.Index))
	case Const:
		dst = AppendType(append(dst, formConst), e.T)
		b := row.AppendRowDatums(nil, []value.Datum{e.D})
		return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
	case *Call:
		dst = AppendType(append(dst, formCall), e.T)
		dst = append(binary.AppendUvarint(dst, uint64(len(e.Fn))), e.Fn...)
		return appendOperands(dst, e.Args)
	case *And:
		return appendOperands(append(dst, formAnd), e.Args)
	case *Or:
		return appendOperands(append(dst, formOr), e.Args)
	case *Coalesce:
		return appendOperands(AppendType(append(dst, formCoalesce), e.T), e.Args)
	case *Row:
		dst = AppendType(append(dst, formRow), e.T)
		for _, a := range e.Args {
			dst = AppendExpr(dst, a)
		}
		return dst
	case *Field:
		return AppendExpr(binary.AppendUvarint(append(dst, formField), uint64(e.Index)), e.Arg)
	case Outer:
		dst = AppendType(append(dst, formOuter), e.T)
		return binary.AppendUvarint(dst, uint64(e.ID))
	case *Case:
		form := byte(formCase)
		if e.Else != nil {
			form = formCaseElse
		}
		dst = AppendType(append(dst, form), e.T)
		dst = binary.AppendUvarint(dst, uint64(len(e.Whens)))
		for _, c := range Children(e) {
			dst = AppendExpr(dst, c)
		}
		return dst
	}
	invariant.Fail("expression of unknown form %T", e)
	return nil
}

// AppendType appends the bytes of a type.
func AppendType(dst []byte, t value.Type) []byte {
	dst = append(dst, byte(t.Kind), t.Precision, t.Scale)
	switch t.Kind {
	case value.Array:
		dst = append(dst, byte(t.Elem))
	case value.Record:
		dst = append(binary.AppendUvarint(dst, uint64(len(t.Fields))), t.Fields...)
	}
	return dst
}

func appendOperands(dst []byte, es []Expr) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(es)))
	for _, e := range es {
		dst = AppendExpr(dst, e)
	}
	return dst
}

// DecodeExpr decodes one expression from the front of b and returns the rest. It accepts only
// well-formed expressions (Check without input types) in their canonical encoding.
func DecodeExpr(b []byte) (e Expr, rest []byte, err error) {
	d := decoder{b: b}
	e = d.expr(MaxDepth)
	if d.bad {
		return nil, nil, ErrMalformed
	}
	if err := Check(e, nil); err != nil {
		return nil, nil, err
	}
	return e, d.b, nil
}

type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() {
	d.bad = true
	d.b = nil
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || n > 1 && d.b[n-1] == 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) typ() value.Type {
	t := value.Type{Kind: value.Kind(d.byte()), Precision: d.byte(), Scale: d.byte()}
	switch t.Kind {
	case value.Array:
		t.Elem = value.Kind(d.byte())
	case value.Record:
		t.Fields = string(d.bytes())
	}
	if t.Validate() != nil {
		d.fail()
	}
	return t
}

func (d *decoder) expr(depth int) Expr {
	if depth == 0 {
		d.fail()
	}
	if d.bad {
		return nil
	}
	switch d.byte() {
	case formColumn:
		c := Column{T: d.typ()}
		i := d.uvarint()
		if i > 1<<16 {
			d.fail()
		}
		c.Index = int(i)
		return c
	case formConst:
		return d.constant()
	case formCall:
		t := d.typ()
		return &Call{T: t, Fn: Func(d.bytes()), Args: d.operands(depth)}
	case formAnd:
		return &And{Args: d.operands(depth)}
	case formOr:
		return &Or{Args: d.operands(depth)}
	case formCoalesce:
		return &Coalesce{T: d.typ(), Args: d.operands(depth)}
	case formRow:
		return d.rowForm(depth)
	case formField:
		return d.fieldForm(depth)
	case formCase:
		return d.caseForm(depth, false)
	case formCaseElse:
		return d.caseForm(depth, true)
	}
	d.fail()
	return nil
}

func (d *decoder) constant() Expr {
	t := d.typ()
	b := d.bytes()
	if d.bad {
		return nil
	}
	ds, err := row.DecodeRow([]value.Type{t}, b)
	if err != nil {
		d.fail()
		return nil
	}
	return Const{D: ds[0], T: t}
}

func (d *decoder) count() int {
	n := d.uvarint()
	if n == 0 || n > MaxArgs || n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

// operands reads a list; functions without arguments have an empty one.
func (d *decoder) operands(depth int) []Expr {
	if len(d.b) > 0 && d.b[0] == 0 {
		d.b = d.b[1:]
		return nil
	}
	var es []Expr
	for range d.count() {
		es = append(es, d.expr(depth-1))
		if d.bad {
			return nil
		}
	}
	return es
}

func (d *decoder) caseForm(depth int, hasElse bool) Expr {
	c := &Case{T: d.typ()}
	for range d.count() {
		c.Whens = append(c.Whens, d.expr(depth-1))
		c.Thens = append(c.Thens, d.expr(depth-1))
		if d.bad {
			return nil
		}
	}
	if hasElse {
		c.Else = d.expr(depth - 1)
	}
	return c
}
