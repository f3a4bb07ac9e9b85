package app

import (
	"errors"

	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/sql"
	"weir/stream/state"
	"weir/stream/value"
)

// dmlEffect is a checked INSERT, UPDATE or DELETE over a table: its overlay has the new rows.
type dmlEffect struct{ w *tableWriter }

func (e *dmlEffect) apply(b *block, _ int) OpResult {
	b.stage(e.w)
	return OpResult{Rows: e.w.rows, Height: b.height}
}

// insert runs INSERT ... VALUES or INSERT ... SELECT over tables.
func (b *block) insert(t *tx.Tx, s *sql.Insert) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivInsert)
	if rej != nil {
		return nil, rej
	}
	if s.Kind != catalog.Table {
		return nil, tx.RejectSQL("0A000",
			"rows enter a stream through an append, not through a statement in a transaction")
	}
	rows, err := whole(b.x.engine.Query(s.Source, engine.Env{
		BlockTime: b.now, Relations: blockTables{b}, MaxRows: StatementRows,
	}))
	if err != nil {
		return nil, queryReject(err)
	}
	on := conflictError
	switch {
	case s.DoNothing:
		on = conflictNothing
	case s.Upsert:
		on = conflictUpdate
	}
	w := b.writer(rel)
	for _, r := range rows.Rows {
		if rej := w.insert(r, on); rej != nil {
			return nil, rej
		}
	}
	return &dmlEffect{w}, nil
}

// update changes the row with a given primary key.
func (b *block) update(t *tx.Tx, s *sql.Update) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivUpdate)
	if rej != nil {
		return nil, rej
	}
	w := b.writer(rel)
	key, old, rej := w.find(s.Key, s.Where)
	if rej != nil || old == nil {
		return &dmlEffect{w}, rej
	}
	vals := make([]value.Datum, len(s.Set))
	for i, e := range s.Set {
		d, fault := expr.EvalRow(e, old, w.env)
		if fault != nil {
			return nil, tx.RejectSQL(fault.SQLState, fault.Msg)
		}
		vals[i] = d
	}
	if rej := w.replace(key, vals); rej != nil {
		return nil, rej
	}
	return &dmlEffect{w}, nil
}

// deleteRow removes the row with a given primary key.
func (b *block) deleteRow(t *tx.Tx, s *sql.Delete) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivDelete)
	if rej != nil {
		return nil, rej
	}
	w := b.writer(rel)
	key, old, rej := w.find(s.Key, s.Where)
	if rej != nil || old == nil {
		return &dmlEffect{w}, rej
	}
	w.retract(w.overlay.get(key))
	w.overlay.set(key, nil)
	w.rows++
	return &dmlEffect{w}, nil
}

// find returns the row whose primary key the constant expressions give, nil if there is none or
// the extra predicate is not true.
func (w *tableWriter) find(keyExprs []expr.Expr, where expr.Expr) (key []byte, old []value.Datum,
	rej *tx.Reject,
) {
	parts := make([]value.Datum, len(keyExprs))
	for i, e := range keyExprs {
		d, fault := expr.EvalRow(e, nil, w.env)
		if fault != nil {
			return nil, nil, tx.RejectSQL(fault.SQLState, fault.Msg)
		}
		if d.IsNull() {
			return nil, nil, nil // nothing equals NULL
		}
		parts[i] = d
	}
	if key, rej = keyOf(parts); rej != nil {
		return nil, nil, rej
	}
	entry := w.overlay.get(key)
	if entry == nil {
		return nil, nil, nil
	}
	old = w.decode(entry)
	if where != nil {
		d, fault := expr.EvalRow(where, old, w.env)
		if fault != nil {
			return nil, nil, tx.RejectSQL(fault.SQLState, fault.Msg)
		}
		if !d.Bool() {
			return nil, nil, nil
		}
	}
	return key, old, nil
}

// blockTables are the tables as a statement sees them: with all earlier transactions of the block.
type blockTables struct{ b *block }

// Relation implements state.Relations.
func (t blockTables) Relation(id uint32) state.Reader { return t.b.table(id) }

// queryReject turns a failure of a one-shot query into that of its transaction.
func queryReject(err error) *tx.Reject {
	if e, ok := errors.AsType[*value.Error](err); ok {
		return tx.RejectSQL(e.SQLState, e.Msg)
	}
	if why, ok := engine.IsUnsupported(err); ok {
		return tx.RejectSQL("0A000", why)
	}
	if errors.Is(err, engine.ErrTooManyRows) {
		return tx.RejectSQL("54000", "the statement needs more rows than the limit allows")
	}
	if errors.Is(err, engine.ErrTooManyRounds) {
		return tx.RejectSQL("54001", engine.ErrTooManyRounds.Error())
	}
	return tx.Rejectf(tx.CodeInternal, "the statement met an internal error")
}

// StatementRows is how many rows one INSERT ... SELECT may read or make.
const StatementRows = 100_000
