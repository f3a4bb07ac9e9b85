package catalog

import (
	"bytes"
	"errors"
	"math"

	"weir/internal/canon"
	"weir/stream/value"
)

// LeafKind is one of the leaves of a relation in the ledger. The numbers are frozen.
type LeafKind uint8

// The leaves.
const (
	LeafDefinition LeafKind = 1
	LeafStatus     LeafKind = 2
	LeafPlan       LeafKind = 3 // views only: the plan bytes as they are
)

const (
	definitionFormat = 3
	statusFormat     = 2
)

var (
	errFormat    = errors.New("catalog: unknown format of a leaf")
	errCanonical = errors.New("catalog: leaf is not in its canonical form")
)

// AppendDefinition appends the definition leaf of r: all of it but the plan bytes, of which it
// has the hash.
//
//	format, id u32, kind, of u32, version, name, owner, SQL,
//	columns (name, type 3 bytes, an array's element kind, not null, hidden, default, since, fill),
//	key, inputs u32 each, plan hash 32 bytes,
//	nature (1 append only, 2 a table with history), emit on close, columns of a view or history
//	with watermarks,
//	watermark (0 | 1, column, delay zigzag, global),
//	checks (name, SQL, expression), plan codec version, function library version,
//	retention: microseconds, bytes
//
// Numbers are unsigned varints and lists and strings carry their length before them, where
// nothing else is said.
func AppendDefinition(b []byte, r *Relation) []byte {
	b = append(b, definitionFormat)
	b = canon.AppendU32(b, r.ID)
	b = append(b, byte(r.Kind))
	b = canon.AppendU32(b, r.Of)
	b = canon.AppendUvarint(b, uint64(r.Version))
	b = canon.AppendString(b, r.Name)
	b = canon.AppendString(b, r.Owner)
	b = canon.AppendString(b, r.SQL)
	b = canon.AppendUvarint(b, uint64(len(r.Columns)))
	for _, c := range r.Columns {
		b = canon.AppendString(b, c.Name)
		b = append(b, byte(c.Type.Kind), c.Type.Precision, c.Type.Scale)
		if c.Type.Kind == value.Array {
			b = append(b, byte(c.Type.Elem))
		}
		b = canon.AppendBool(b, c.NotNull)
		b = canon.AppendBool(b, c.Hidden)
		b = canon.AppendString(b, c.Default)
		b = canon.AppendUvarint(b, uint64(c.Since))
		b = canon.AppendString(b, c.Fill)
	}
	b = canon.AppendUvarint(b, uint64(len(r.Key)))
	for _, k := range r.Key {
		b = canon.AppendUvarint(b, uint64(k))
	}
	b = canon.AppendUvarint(b, uint64(len(r.Inputs)))
	for _, in := range r.Inputs {
		b = canon.AppendU32(b, in)
	}
	b = append(b, r.PlanHash[:]...)
	b = append(b, nature(r))
	b = canon.AppendBool(b, r.EmitOnClose)
	b = canon.AppendUvarint(b, uint64(len(r.Frozen)))
	for _, c := range r.Frozen {
		b = canon.AppendUvarint(b, uint64(c))
	}
	b = canon.AppendUvarint(b, uint64(len(r.Watermarks)))
	for _, w := range r.Watermarks {
		b = canon.AppendUvarint(b, uint64(w.Column))
		b = canon.AppendVarint(b, w.DelayMicros)
		b = canon.AppendBool(b, w.Global)
	}
	b = canon.AppendUvarint(b, uint64(len(r.Checks)))
	for _, c := range r.Checks {
		b = canon.AppendString(b, c.Name)
		b = canon.AppendString(b, c.SQL)
		b = canon.AppendString(b, c.Expr)
	}
	b = canon.AppendUvarint(b, uint64(r.PlanCodec))
	b = canon.AppendUvarint(b, uint64(r.Functions))
	b = canon.AppendUvarint(b, uint64(r.Retention.Micros))
	return canon.AppendUvarint(b, r.Retention.Bytes)
}

// What rows of a relation do, in a definition leaf.
const (
	natureAppendOnly = 1
	natureVersioned  = 2
)

func nature(r *Relation) byte {
	switch {
	case r.Versioned:
		return natureVersioned
	case r.AppendOnly:
		return natureAppendOnly
	default:
		return 0
	}
}

// DecodeDefinition reads a definition leaf. It accepts only what AppendDefinition writes.
func DecodeDefinition(b []byte) (*Relation, error) {
	rd := canon.NewReader(b)
	if rd.Byte() != definitionFormat {
		rd.Fail(errFormat)
	}
	r := &Relation{ID: rd.U32(), Kind: Kind(rd.Byte()), Of: rd.U32()}
	r.Version = uint32(rd.Int(1<<32 - 1))
	r.Name, r.Owner, r.SQL = rd.String(), rd.String(), rd.String()
	if r.Kind < Stream || r.Kind > History {
		rd.Fail(canon.ErrValue)
	}
	readShape(rd, r)
	copy(r.PlanHash[:], rd.Take(len(r.PlanHash)))
	switch n := rd.Byte(); {
	case n > natureVersioned, n == natureVersioned && r.Kind != Table:
		rd.Fail(canon.ErrValue)
	default:
		r.AppendOnly, r.Versioned = n == natureAppendOnly, n == natureVersioned
	}
	r.EmitOnClose = rd.Bool()
	for range rd.Count() {
		c := rd.Int(max(len(r.Columns)-1, 0))
		if n := len(r.Frozen); n > 0 && r.Frozen[n-1] >= c {
			rd.Fail(canon.ErrValue)
		}
		r.Frozen = append(r.Frozen, c)
	}
	for range rd.Count() {
		r.Watermarks = append(r.Watermarks, Watermark{
			Column:      rd.Int(max(len(r.Columns)-1, 0)),
			DelayMicros: rd.Varint(),
			Global:      rd.Bool(),
		})
	}
	if len(r.Watermarks) > MaxWatermarks {
		rd.Fail(canon.ErrValue)
	}
	for range rd.Count() {
		r.Checks = append(r.Checks, Check{
			Name: rd.String(), SQL: rd.String(), Expr: bytes.Clone(rd.Bytes()),
		})
	}
	r.PlanCodec, r.Functions = uint32(rd.Int(1<<32-1)), uint32(rd.Int(1<<32-1))
	r.Retention = Retention{Micros: int64(rd.Int(math.MaxInt64)), Bytes: rd.Uvarint()}
	if err := rd.Close(); err != nil {
		return nil, err
	}
	if !bytes.Equal(AppendDefinition(make([]byte, 0, len(b)), r), b) {
		return nil, errCanonical
	}
	return r, nil
}

// readShape reads columns, key and inputs.
func readShape(rd *canon.Reader, r *Relation) {
	n := rd.Count()
	if n > MaxColumns+NumHidden+1 {
		rd.Fail(canon.ErrValue)
		return
	}
	for range n {
		c := Column{Name: rd.String()}
		c.Type = value.Type{
			Kind: value.Kind(rd.Byte()), Precision: rd.Byte(), Scale: rd.Byte(),
		}
		if c.Type.Kind == value.Array {
			c.Type.Elem = value.Kind(rd.Byte())
		}
		c.NotNull, c.Hidden = rd.Bool(), rd.Bool()
		c.Default = exprBytes(rd)
		c.Since = uint32(rd.Int(int(max(r.Version, 1))))
		c.Fill = exprBytes(rd)
		if c.Type.Kind > value.Array || c.Type.Elem >= value.Array ||
			(c.Type.Kind == value.Array) != c.Type.Elem.Valid() {
			rd.Fail(canon.ErrValue)
		}
		r.Columns = append(r.Columns, c)
	}
	for range rd.Count() {
		r.Key = append(r.Key, rd.Int(max(len(r.Columns)-1, 0)))
	}
	for range rd.Count() {
		r.Inputs = append(r.Inputs, rd.U32())
	}
}

// exprBytes reads an expression that may be missing.
func exprBytes(rd *canon.Reader) []byte {
	b := rd.Bytes()
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

// AppendStatus appends the status leaf.
//
//	format, state, reason, complete from, error count, rows, watermark (0 | 1, zigzag), debt
func AppendStatus(b []byte, s *Status) []byte {
	b = append(b, statusFormat, byte(s.State))
	b = canon.AppendString(b, s.Reason)
	b = canon.AppendUvarint(b, uint64(len(s.CompleteFrom)))
	for _, h := range s.CompleteFrom {
		b = canon.AppendUvarint(b, h)
	}
	b = canon.AppendUvarint(b, s.ErrorCount)
	b = canon.AppendUvarint(b, s.Rows)
	b = canon.AppendBool(b, s.Watermark != nil)
	if s.Watermark != nil {
		b = canon.AppendVarint(b, *s.Watermark)
	}
	return canon.AppendUvarint(b, s.Debt)
}

// DecodeStatus reads a status leaf. It accepts only what AppendStatus writes.
func DecodeStatus(b []byte) (*Status, error) {
	rd := canon.NewReader(b)
	if rd.Byte() != statusFormat {
		rd.Fail(errFormat)
	}
	s := &Status{State: State(rd.Byte()), Reason: rd.String()}
	if s.State < Live || s.State > Suspended {
		rd.Fail(canon.ErrValue)
	}
	for range rd.Count() {
		s.CompleteFrom = append(s.CompleteFrom, rd.Uvarint())
	}
	s.ErrorCount, s.Rows = rd.Uvarint(), rd.Uvarint()
	if rd.Bool() {
		w := rd.Varint()
		s.Watermark = &w
	}
	s.Debt = rd.Uvarint()
	if err := rd.Close(); err != nil {
		return nil, err
	}
	if !bytes.Equal(AppendStatus(make([]byte, 0, len(b)), s), b) {
		return nil, errCanonical
	}
	return s, nil
}
