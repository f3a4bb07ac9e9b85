package plan

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// CodecVersion is the version of the canonical plan codec, its first byte.
const CodecVersion = 1

// Tags of nodes. The numbers are frozen.
const (
	tagScan        = 1
	tagFilter      = 2
	tagProject     = 3
	tagWindow      = 4
	tagAggregate   = 5
	tagEmitOnClose = 6
	tagJoin        = 7
	tagUnionAll    = 8
	tagValues      = 9
	tagSort        = 10
)

var (
	errVersion   = errors.New("plan: unknown codec version")
	errCanonical = errors.New("plan: encoding is not in its canonical form")
	errDepth     = fmt.Errorf("plan: deeper than %d nodes", MaxDepth)
)

// Encode writes a plan: the codec version, then its nodes, parents before children, each with a
// tag and its fields in the order of their declaration. Numbers are unsigned varints, those that
// may be -1 plus one, relation ids four bytes; lists and strings carry their length; expressions
// are written by their own codec behind their length. The name of a scanned relation is left out:
// a plan means ids.
func Encode(n Node) []byte { return appendNode([]byte{CodecVersion}, n) }

// Hash is the SHA-256 of the canonical encoding.
func Hash(n Node) [32]byte { return sha256.Sum256(Encode(n)) }

// Decode reads a plan. It accepts only what Encode writes of plans that Check accepts.
func Decode(b []byte) (Node, error) {
	r := &reader{Reader: canon.NewReader(b)}
	if r.Byte() != CodecVersion {
		r.Fail(errVersion)
	}
	n := r.node(1)
	if err := r.Close(); err != nil {
		return nil, err
	}
	if err := Check(n); err != nil {
		return nil, err
	}
	if !bytes.Equal(Encode(n), b) {
		return nil, errCanonical
	}
	return n, nil
}

func appendInts(b []byte, list []int) []byte {
	b = canon.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		b = canon.AppendUvarint(b, uint64(v))
	}
	return b
}

// appendPlus1 writes a number that may be -1.
func appendPlus1(b []byte, v int64) []byte { return canon.AppendUvarint(b, uint64(v+1)) }

func appendType(b []byte, t value.Type) []byte {
	return append(b, byte(t.Kind), t.Precision, t.Scale)
}

func appendFields(b []byte, fields []Field) []byte {
	b = canon.AppendUvarint(b, uint64(len(fields)))
	for _, f := range fields {
		b = canon.AppendString(b, f.Name)
		b = appendType(b, f.Type)
		b = canon.AppendBool(b, f.Hidden)
	}
	return b
}

func appendStrings(b []byte, list []string) []byte {
	b = canon.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = canon.AppendString(b, s)
	}
	return b
}

func appendExpr(b []byte, e expr.Expr) []byte {
	return canon.AppendString(b, expr.AppendExpr(nil, e))
}

func appendNode(b []byte, n Node) []byte {
	switch n := n.(type) {
	case *Scan:
		b = append(b, tagScan)
		b = canon.AppendU32(b, n.Relation)
		b = canon.AppendUvarint(b, uint64(n.Version))
		b = appendInts(b, n.Columns)
		b = appendFields(b, n.Fields)
		b = canon.AppendBool(b, n.Key != nil)
		b = appendInts(b, n.Key)
		b = canon.AppendBool(b, n.AppendOnly)
		b = appendPlus1(b, int64(n.TimeCol))
		b = canon.AppendBool(b, n.Stored)
	case *Filter:
		b = append(b, tagFilter)
		b = appendExpr(b, n.Pred)
	case *Project:
		b = appendProject(append(b, tagProject), n)
	case *Window:
		b = append(b, tagWindow, byte(n.Kind))
		b = canon.AppendUvarint(b, uint64(n.TimeCol))
		b = canon.AppendUvarint(b, uint64(n.SizeMicros))
		b = canon.AppendUvarint(b, uint64(n.SlideMicros))
		b = canon.AppendUvarint(b, uint64(n.OffsetMicros))
	case *Aggregate:
		b = appendAggregate(append(b, tagAggregate), n)
	case *EmitOnClose:
		b = append(b, tagEmitOnClose)
		b = canon.AppendUvarint(b, uint64(n.WindowEnd))
	case *Join:
		b = append(b, tagJoin)
		b = appendInts(b, n.LeftKeys)
		b = appendInts(b, n.RightKeys)
		b = canon.AppendBool(b, n.Residual != nil)
		if n.Residual != nil {
			b = appendExpr(b, n.Residual)
		}
	case *UnionAll:
		b = append(b, tagUnionAll)
		b = canon.AppendUvarint(b, uint64(len(n.Inputs)))
	case *Values:
		b = appendValues(append(b, tagValues), n)
	case *Sort:
		b = appendSort(append(b, tagSort), n)
	}
	for _, c := range n.Children() {
		b = appendNode(b, c)
	}
	return b
}

func appendProject(b []byte, n *Project) []byte {
	b = canon.AppendUvarint(b, uint64(len(n.Exprs)))
	for _, e := range n.Exprs {
		b = appendExpr(b, e)
	}
	b = appendStrings(b, n.Names)
	b = canon.AppendBool(b, n.Hide != nil)
	for _, h := range n.Hide {
		b = canon.AppendBool(b, h)
	}
	return b
}

func appendAggregate(b []byte, n *Aggregate) []byte {
	b = appendInts(b, n.GroupBy)
	b = canon.AppendUvarint(b, uint64(len(n.Calls)))
	for _, c := range n.Calls {
		b = append(b, byte(c.Func))
		b = appendPlus1(b, int64(c.Arg))
		b = canon.AppendBool(b, c.Distinct)
		b = appendPlus1(b, int64(c.Filter))
		b = appendType(b, c.Type)
	}
	return appendStrings(b, n.Names)
}

// appendValues writes each value as the constant expression that it is.
func appendValues(b []byte, n *Values) []byte {
	b = appendFields(b, n.Fields)
	b = canon.AppendUvarint(b, uint64(len(n.Rows)))
	for _, row := range n.Rows {
		// A row of no columns still takes a byte, so that a decoder can bound the count.
		b = append(b, 0)
		for i, d := range row {
			b = appendExpr(b, expr.Const{D: d, T: n.Fields[i].Type})
		}
	}
	return b
}

func appendSort(b []byte, n *Sort) []byte {
	b = canon.AppendUvarint(b, uint64(len(n.Keys)))
	for _, k := range n.Keys {
		b = canon.AppendUvarint(b, uint64(k.Col))
		b = canon.AppendBool(b, k.Desc)
		b = canon.AppendBool(b, k.NullsFirst)
	}
	b = appendPlus1(b, n.Limit)
	return canon.AppendUvarint(b, uint64(n.Offset))
}

// reader reads nodes.
type reader struct{ *canon.Reader }

// node reads a node and its children. It never returns nil without an error in r.
func (r *reader) node(depth int) Node {
	if depth > MaxDepth {
		r.Fail(errDepth)
	}
	if r.Err() != nil {
		return nil
	}
	switch tag := r.Byte(); tag {
	case tagScan:
		return r.scan()
	case tagFilter:
		p := r.expr()
		return &Filter{Pred: p, Input: r.node(depth + 1)}
	case tagProject:
		return r.project(depth)
	case tagWindow:
		n := &Window{Kind: WindowKind(r.Byte()), TimeCol: r.col()}
		n.SizeMicros, n.SlideMicros, n.OffsetMicros = r.int64(), r.int64(), r.int64()
		n.Input = r.node(depth + 1)
		return n
	case tagAggregate:
		return r.aggregate(depth)
	case tagEmitOnClose:
		c := r.col()
		return &EmitOnClose{WindowEnd: c, Input: r.node(depth + 1)}
	case tagJoin:
		n := &Join{LeftKeys: r.ints(), RightKeys: r.ints()}
		if r.Bool() {
			n.Residual = r.expr()
		}
		n.Left = r.node(depth + 1)
		n.Right = r.node(depth + 1)
		return n
	case tagUnionAll:
		n := &UnionAll{}
		for range r.Count() {
			n.Inputs = append(n.Inputs, r.node(depth+1))
		}
		return n
	case tagValues:
		return r.values()
	case tagSort:
		return r.sort(depth)
	default:
		r.Fail(canon.ErrValue)
		return nil
	}
}

func (r *reader) col() int     { return r.Int(MaxColumns) }
func (r *reader) int64() int64 { return int64(r.Int(math.MaxInt64)) }

func (r *reader) ints() []int {
	var out []int
	for range r.Count() {
		out = append(out, r.col())
	}
	return out
}

func (r *reader) typ() value.Type {
	t := value.Type{Kind: value.Kind(r.Byte()), Precision: r.Byte(), Scale: r.Byte()}
	if t.Kind > value.JSONB {
		r.Fail(canon.ErrValue)
	}
	return t
}

func (r *reader) fields() []Field {
	var out []Field
	for range r.Count() {
		out = append(out, Field{Name: r.String(), Type: r.typ(), Hidden: r.Bool()})
	}
	return out
}

func (r *reader) strings() []string {
	var out []string
	for range r.Count() {
		out = append(out, r.String())
	}
	return out
}

func (r *reader) expr() expr.Expr {
	b := r.Bytes()
	if r.Err() != nil {
		return nil
	}
	e, rest, err := expr.DecodeExpr(b)
	if err == nil && len(rest) > 0 {
		err = canon.ErrTrailing
	}
	if err != nil {
		r.Fail(err)
		return nil
	}
	return e
}

func (r *reader) scan() Node {
	n := &Scan{Relation: r.U32(), Version: uint32(r.Int(math.MaxUint32))}
	n.Columns = r.ints()
	n.Fields = r.fields()
	hasKey := r.Bool()
	if n.Key = r.ints(); hasKey && n.Key == nil {
		n.Key = []int{}
	}
	n.AppendOnly = r.Bool()
	n.TimeCol = r.col() - 1
	n.Stored = r.Bool()
	return n
}

func (r *reader) project(depth int) Node {
	n := &Project{}
	for range r.Count() {
		n.Exprs = append(n.Exprs, r.expr())
	}
	n.Names = r.strings()
	if r.Bool() {
		n.Hide = make([]bool, len(n.Exprs))
		for i := range n.Hide {
			n.Hide[i] = r.Bool()
		}
	}
	n.Input = r.node(depth + 1)
	return n
}

func (r *reader) aggregate(depth int) Node {
	n := &Aggregate{GroupBy: r.ints()}
	for range r.Count() {
		c := AggCall{Func: AggFunc(r.Byte()), Arg: r.col() - 1, Distinct: r.Bool()}
		c.Filter = r.col() - 1
		c.Type = r.typ()
		n.Calls = append(n.Calls, c)
	}
	n.Names = r.strings()
	n.Input = r.node(depth + 1)
	return n
}

func (r *reader) values() Node {
	n := &Values{Fields: r.fields()}
	for range r.Count() {
		if r.Byte() != 0 {
			r.Fail(canon.ErrValue)
		}
		row := make([]value.Datum, 0, min(len(n.Fields), r.Len()))
		for range n.Fields {
			if c, ok := r.expr().(expr.Const); ok {
				row = append(row, c.D)
				continue
			}
			r.Fail(canon.ErrValue)
			return n
		}
		n.Rows = append(n.Rows, row)
	}
	return n
}

func (r *reader) sort(depth int) Node {
	n := &Sort{}
	for range r.Count() {
		n.Keys = append(n.Keys, SortKey{Col: r.col(), Desc: r.Bool(), NullsFirst: r.Bool()})
	}
	n.Limit = int64(r.Uvarint()) - 1
	n.Offset = r.int64()
	n.Input = r.node(depth + 1)
	return n
}
