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
	tagSetOp       = 11
	tagTopN        = 12
	tagOver        = 13
	tagSession     = 14
	tagTemporal    = 15
	tagLateness    = 16
	tagFlatten     = 17
	tagRecursive   = 18
	tagSelf        = 19
	tagAsof        = 20
	tagMatch       = 21
	tagInStep      = 22 // a Flatten of several calls
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
	b = append(b, byte(t.Kind), t.Precision, t.Scale)
	switch t.Kind {
	case value.Array:
		b = append(b, byte(t.Elem))
	case value.Record:
		b = canon.AppendString(b, t.Fields)
	}
	return b
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
	b = n.encode(b)
	for _, c := range n.Children() {
		b = appendNode(b, c)
	}
	return b
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
	read := r.decoder(r.Byte())
	if read == nil {
		r.Fail(canon.ErrValue)
		return nil
	}
	return read(depth)
}

// decoder returns what reads the fields and inputs of a node with a tag, nil for an unknown one.
func (r *reader) decoder(tag byte) func(depth int) Node {
	return [...]func(int) Node{
		tagScan: r.scan, tagFilter: r.filter, tagProject: r.project, tagWindow: r.window,
		tagAggregate: r.aggregate, tagEmitOnClose: r.emit, tagJoin: r.join,
		tagUnionAll: r.union, tagValues: r.values, tagSort: r.sort, tagSetOp: r.setOp,
		tagTopN: r.topN, tagOver: r.over, tagSession: r.session, tagTemporal: r.temporal,
		tagLateness: r.lateness, tagFlatten: r.flatten, tagRecursive: r.recursive,
		tagSelf: r.self, tagAsof: r.asof, tagMatch: r.match,
		tagInStep: r.inStep, 255: nil,
	}[tag]
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
	switch t.Kind {
	case value.Array:
		t.Elem = value.Kind(r.Byte())
	case value.Record:
		if t.Fields = r.String(); t.Validate() != nil {
			r.Fail(canon.ErrValue)
		}
	}
	if t.Kind >= value.NumKinds || t.Elem >= value.Array ||
		(t.Kind == value.Array) != t.Elem.Valid() {
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
