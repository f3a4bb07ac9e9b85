package app

import (
	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// changeEffect is a checked Change: its rows have been applied to the table's overlay.
type changeEffect struct{ w *tableWriter }

// checkChange applies typed inserts, upserts and deletes to a keyed table, in row order.
func (b *block) checkChange(t *tx.Tx, in *tx.Batch) (effect, *tx.Reject) {
	rel, rej := b.target(in, catalog.Table)
	if rej != nil {
		return nil, rej
	}
	if in.Compression != 0 {
		return nil, tx.Rejectf(tx.CodeUnknownCompression, "payloads are not compressed yet")
	}
	known := rel.types[:rel.shape.Width(in.SchemaVersion)]
	ops, cols, n, err := row.DecodeChanges(known, t.Payloads[in.Operation], int(in.Rows))
	if err != nil {
		return nil, tx.Rejectf(tx.CodeBadPayload, "the payload does not decode as changes of %q",
			rel.def.Name)
	}
	if n != int(in.Rows) {
		return nil, tx.Rejectf(tx.CodeRowCount, "the payload has %d rows, the header says %d",
			n, in.Rows)
	}
	cols = rel.shape.Pad(cols, n)
	w := b.writer(rel)
	vals := make([]value.Datum, len(cols))
	for i := range n {
		for c, v := range cols {
			vals[c] = v.Datum(i)
		}
		switch ops[i] {
		case row.OpInsert:
			rej = w.insert(vals, conflictError)
		case row.OpUpsert:
			rej = w.insert(vals, conflictUpdate)
		case row.OpDelete:
			rej = w.delete(vals)
		}
		if rej != nil {
			return nil, rej
		}
	}
	return &changeEffect{w}, nil
}

func (e *changeEffect) apply(b *block, _ int) OpResult {
	b.stage(e.w)
	return OpResult{Rows: e.w.rows, Height: b.height}
}
