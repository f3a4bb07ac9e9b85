package app

import (
	"weir/app/leaf"
	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/window"
)

// appendEffect is a checked Append: its rows are decoded and judged, its lane accepts it.
type appendEffect struct {
	rel     *relation
	t       *tx.Tx
	batch   *tx.Batch
	payload []byte
	cols    []*value.Vec
	judged  window.Verdict
	out     value.Bitmap // rejected rows, for whatever reason
}

// checkAppend judges an Append against the state before its transaction. Faults of single rows
// set reject bits; faults of the batch reject the body.
func (b *block) checkAppend(t *tx.Tx, in *tx.Batch) (effect, *tx.Reject) {
	rel, rej := b.target(in, catalog.Stream)
	if rej != nil {
		return nil, rej
	}
	e := &appendEffect{rel: rel, t: t, batch: in, payload: t.Payloads[in.Operation]}
	if e.cols, rej = decodeRows(rel, in, e.payload); rej != nil {
		return nil, rej
	}
	e.judge(b)
	return e, nil
}

// decodeRows decodes the columns of a batch.
func decodeRows(rel *relation, in *tx.Batch, payload []byte) ([]*value.Vec, *tx.Reject) {
	if in.Compression != 0 {
		return nil, tx.Rejectf(tx.CodeUnknownCompression, "payloads are not compressed yet")
	}
	cols, n, err := decodeColumns(rel.shape, in.SchemaVersion, payload, int(in.Rows))
	if err != nil {
		return nil, tx.Rejectf(tx.CodeBadPayload, "the payload does not decode as rows of %q",
			rel.def.Name)
	}
	if n != int(in.Rows) {
		return nil, tx.Rejectf(tx.CodeRowCount, "the payload has %d rows, the header says %d",
			n, in.Rows)
	}
	return cols, nil
}

// decodeColumns decodes a payload of some schema version and fills the columns that came later. A
// batch without rows, which only closes its producer, has no payload; its columns are empty.
func decodeColumns(shape *row.Shape, version uint32, payload []byte, rows int) (
	[]*value.Vec, int, error,
) {
	if rows == 0 && len(payload) == 0 {
		return shape.Pad(nil, 0), 0, nil
	}
	cols, n, err := row.DecodePayload(shape.Types[:shape.Width(version)], payload, rows)
	if err != nil {
		return nil, 0, err
	}
	return shape.Pad(cols, n), n, nil
}

// judge finds the rows that are late or rejected.
func (e *appendEffect) judge(b *block) {
	n := int(e.batch.Rows)
	e.judged = e.rel.producers.Judge(e.producer(), e.times(), b.now,
		int64(b.x.params.MaxAheadMS)*1000)
	e.out = append(value.Bitmap(nil), e.judged.Rejected...)
	for i := range n {
		if !e.out.Get(i) && e.faulty(i) {
			e.out.Set(i)
		}
	}
	for _, p := range e.rel.checks {
		e.check(p, n, b.env())
	}
}

// times are the columns of the stream's watermarks.
func (e *appendEffect) times() []*value.Vec {
	out := make([]*value.Vec, len(e.rel.def.Watermarks))
	for i, wm := range e.rel.def.Watermarks {
		out[i] = e.cols[wm.Column]
	}
	return out
}

// faulty reports whether row i breaks NOT NULL or the limit on a row's size.
func (e *appendEffect) faulty(i int) bool {
	sent := e.cols[:e.rel.shape.Width(e.batch.SchemaVersion)]
	return e.rel.missing(e.cols, i) || row.Size(sent, i) > row.MaxRowBytes
}

// check sets the reject bit of every row for which a CHECK is false or fails.
func (e *appendEffect) check(p *expr.Program, n int, env expr.Env) {
	if n == 0 {
		return
	}
	res, errs := p.Eval(&batch.Batch{Cols: e.cols, Len: n}, env)
	for _, f := range errs {
		e.out.Set(int(f.Row))
	}
	for i := range n {
		if !res.IsNull(i) && res.Ints[i] == 0 {
			e.out.Set(i)
		}
	}
}

func (e *appendEffect) producer() string {
	return producerName(e.batch.Lane.Role, e.batch.Lane.Writer)
}

// producerName is the identity of a producer of a stream: its role and writer.
func producerName(role, writer string) string { return role + "/" + writer }

// apply adds the batch to the log, its on-time rows to the segment, and moves lane and watermark.
func (e *appendEffect) apply(b *block, txIndex int) OpResult {
	id, n := e.rel.def.ID, int(e.batch.Rows)
	lf := leaf.Leaf{
		Relation: id, Schema: e.batch.SchemaVersion,
		Role: e.batch.Lane.Role, Writer: e.batch.Lane.Writer,
		Height: b.height, Tx: uint32(txIndex), Op: uint8(e.batch.Operation), TimeMicros: b.now,
		FirstOffset: b.ledger.Log(logUnit(id)).Next(), Rows: e.batch.Rows,
		StreamMark: leaf.NoWatermark, ProducerMark: leaf.NoWatermark,
		Late: leaf.NewBitmap(n, func(i int) bool {
			return e.judged.Late.Get(i) && !e.out.Get(i)
		}),
		Rejected:   leaf.NewBitmap(n, e.out.Get),
		HeaderHash: e.t.Body, PayloadHash: e.batch.PayloadHash,
	}
	for i, m := range e.judged.StreamBefore {
		lf.SetMark(i, leaf.Marks{Stream: m, Producer: e.judged.ProducerBefore[i]})
	}
	copy(lf.Signature[:], e.t.Signature())
	index, _, err := b.ledger.Append(logUnit(id), lf.Append(nil), e.batch.Rows, e.payload)
	invariant.Check(err == nil, "the log of stream %d refused an append: %v", id, err)
	b.grow(id, index, lf.FirstOffset, len(e.payload))
	b.payload += len(e.payload)
	b.changed = true
	e.show(b, id, catalog.Stream, &lf)
	if len(lf.Late) > 0 || len(lf.Rejected) > 0 {
		for _, d := range b.x.cat.Derived(id) {
			e.show(b, d.ID, d.Kind, &lf)
		}
	}
	e.advance(b)
	return OpResult{Rows: int64(n), FirstOffset: lf.FirstOffset, Height: b.height}
}

// show adds the rows that one relation of the stream shows to the segment.
func (e *appendEffect) show(b *block, id uint32, kind catalog.Kind, lf *leaf.Leaf) {
	if sel := pick(lf, kind, -1, int(lf.Rows)); len(sel) > 0 {
		b.segment[id] = append(b.segment[id], rowsOf(e.rel, e.cols, lf, kind, sel))
	}
}

// advance moves the producer's and the stream's watermarks.
func (e *appendEffect) advance(b *block) {
	idle := b.x.idleMicros(e.batch.Lane.Writer)
	e.rel.producers.Advance(e.producer(), e.times(), e.out, b.now, idle, e.batch.Close)
}
