package app

import (
	"bytes"
	"errors"
	"slices"

	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/value"
)

// dmlEffect is a checked INSERT, UPDATE or DELETE over a table: its overlay has the new rows.
type dmlEffect struct {
	w        *tableWriter
	returned *returned
}

func (e *dmlEffect) apply(b *block, _ int) OpResult {
	b.stage(e.w)
	return OpResult{Rows: e.w.rows, Height: b.height, Returned: e.returned.take()}
}

// insert runs INSERT into a table.
func (b *block) insert(t *tx.Tx, s *sql.Insert) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivInsert)
	if rej != nil {
		return nil, rej
	}
	if s.Kind != catalog.Table {
		return nil, tx.RejectSQL("0A000",
			"rows enter a stream through an append, not through a statement in a transaction")
	}
	if s.Conflict != nil && s.Conflict.Set != nil {
		if _, rej := b.dmlTarget(t, s.Target, sql.PrivUpdate); rej != nil {
			return nil, rej
		}
	}
	rows, rej := b.insertRows(s)
	if rej != nil {
		return nil, rej
	}
	i := &inserter{w: b.writer(rel), on: s.Conflict, out: b.returning(t, s.Returning)}
	for _, r := range rows {
		if rej := i.row(r); rej != nil {
			return nil, rej
		}
	}
	return &dmlEffect{i.w, i.out}, nil
}

// insertRows evaluates what an INSERT gives: VALUES in written order, a query in the order of its
// answer.
func (b *block) insertRows(s *sql.Insert) ([][]value.Datum, *tx.Reject) {
	if s.Rows == nil {
		return b.sourceRows(s.Source)
	}
	out := make([][]value.Datum, len(s.Rows))
	for i, list := range s.Rows {
		var rej *tx.Reject
		if out[i], rej = evalAll(list, nil, b.env()); rej != nil {
			return nil, rej
		}
	}
	return out, nil
}

// sourceRows answers the query of a statement; hidden columns are behind the others and go.
func (b *block) sourceRows(source plan.Node) ([][]value.Datum, *tx.Reject) {
	if rej := b.readable(source); rej != nil {
		return nil, rej
	}
	env := b.queryEnv()
	env.MaxRows = StatementRows
	rows, err := whole(b.x.engine.Query(source, env))
	if err != nil {
		return nil, queryReject(err)
	}
	for i, r := range rows.Rows {
		rows.Rows[i] = r[:len(rows.Visible)]
	}
	return rows.Rows, nil
}

// evalAll evaluates expressions over one row.
func evalAll(list []expr.Expr, row []value.Datum, env expr.Env) ([]value.Datum, *tx.Reject) {
	out := make([]value.Datum, len(list))
	for i, e := range list {
		d, fault := expr.EvalRow(e, row, env)
		if fault != nil {
			return nil, tx.RejectSQL(fault.SQLState, fault.Msg)
		}
		out[i] = d
	}
	return out, nil
}

// inserter runs one INSERT.
type inserter struct {
	w       *tableWriter
	on      *sql.Conflict
	out     *returned
	written map[string]bool // keys of rows that the statement has put, for DO UPDATE
}

// row inserts one row, or does what ON CONFLICT says.
func (i *inserter) row(vals []value.Datum) *tx.Reject {
	w := i.w
	if rej := w.validate(vals); rej != nil {
		return rej
	}
	key, rej := w.key(vals)
	if rej != nil {
		return rej
	}
	entry := w.overlay.get(key)
	switch {
	case entry == nil:
		w.put(key, vals)
		i.wrote(key)
		return i.out.add(vals, w.env)
	case i.on == nil:
		return w.duplicate(key)
	case i.on.Set == nil:
		return nil
	case i.written[string(key)]:
		rej := tx.RejectSQL("21000",
			"ON CONFLICT DO UPDATE command cannot affect row a second time")
		rej.Hint = "Ensure that no rows proposed for insertion within the same command have " +
			"duplicate constrained values."
		return rej
	}
	both := append(w.decode(entry), vals...)
	if i.on.Where != nil {
		if ok, rej := holds(i.on.Where, both, w.env); rej != nil || !ok {
			return rej
		}
	}
	next, rej := evalAll(i.on.Set, both, w.env)
	if rej != nil {
		return rej
	}
	if rej := w.replace(key, next); rej != nil {
		return rej
	}
	if key, rej = w.key(next); rej != nil {
		return rej
	}
	i.wrote(key)
	return i.out.add(next, w.env)
}

func (i *inserter) wrote(key []byte) {
	if i.on == nil || i.on.Set == nil {
		return
	}
	if i.written == nil {
		i.written = map[string]bool{}
	}
	i.written[string(key)] = true
}

// holds evaluates a predicate: NULL is not true.
func holds(e expr.Expr, row []value.Datum, env expr.Env) (bool, *tx.Reject) {
	d, fault := expr.EvalRow(e, row, env)
	if fault != nil {
		return false, tx.RejectSQL(fault.SQLState, fault.Msg)
	}
	return !d.IsNull() && d.Bool(), nil
}

// update changes rows. All of them leave before the first comes back changed, so that keys can
// move among them.
func (b *block) update(t *tx.Tx, s *sql.Update) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivUpdate)
	if rej != nil {
		return nil, rej
	}
	w, out := b.writer(rel), b.returning(t, s.Returning)
	old, rej := b.rowsOf(w, s.Key, s.Where, s.Source)
	if rej != nil {
		return nil, rej
	}
	width := len(rel.def.Columns)
	next := make([][]value.Datum, len(old))
	for i, r := range old {
		if s.Source != nil {
			next[i] = r.found[:width:width]
			old[i].found = r.found[width:]
		} else if next[i], rej = evalAll(s.Set, r.vals, w.env); rej != nil {
			return nil, rej
		}
		if rej := w.validate(next[i]); rej != nil {
			return nil, rej
		}
	}
	for _, r := range old {
		w.remove(r.key, r.vals)
	}
	for i, vals := range next {
		key, rej := w.key(vals)
		if rej != nil {
			return nil, rej
		}
		if w.overlay.get(key) != nil {
			return nil, w.duplicate(key)
		}
		w.put(key, vals)
		if rej := out.add(slices.Concat(vals, old[i].found), w.env); rej != nil {
			return nil, rej
		}
	}
	return &dmlEffect{w, out}, nil
}

// deleteRow removes rows.
func (b *block) deleteRow(t *tx.Tx, s *sql.Delete) (effect, *tx.Reject) {
	rel, rej := b.dmlTarget(t, s.Target, sql.PrivDelete)
	if rej != nil {
		return nil, rej
	}
	w, out := b.writer(rel), b.returning(t, s.Returning)
	old, rej := b.rowsOf(w, s.Key, s.Where, s.Source)
	if rej != nil {
		return nil, rej
	}
	for _, r := range old {
		w.remove(r.key, r.vals)
		w.rows++
		if rej := out.add(slices.Concat(r.vals, r.found), w.env); rej != nil {
			return nil, rej
		}
	}
	return &dmlEffect{w, out}, nil
}

// stored is a row of a table with its key.
type stored struct {
	key  []byte
	vals []value.Datum
	// found is what the query of a statement has behind the row: its new row, columns of FROM.
	found []value.Datum
}

// rowsOf lists the rows that a statement names, in key order: those that its query finds, or those
// of a key or a condition.
func (b *block) rowsOf(
	w *tableWriter, key []expr.Expr, where expr.Expr, source plan.Node,
) ([]stored, *tx.Reject) {
	if source == nil {
		return w.matching(key, where)
	}
	rows, rej := b.sourceRows(source)
	if rej != nil {
		return nil, rej
	}
	width := len(w.rel.def.Columns)
	out := make([]stored, len(rows))
	for i, r := range rows {
		key, rej := w.key(r[:width])
		if rej != nil {
			return nil, rej
		}
		entry := w.overlay.get(key)
		invariant.Check(entry != nil, "a query found a row that table %d does not have",
			w.rel.def.ID)
		out[i] = stored{key, w.decode(entry), r[width:]}
	}
	slices.SortFunc(out, func(x, y stored) int { return bytes.Compare(x.key, y.key) })
	return out, nil
}

// matching lists the rows that a statement names, in key order: the one of a key, or, without
// one, every row for which where is true. It looks through at most StatementRows rows.
func (w *tableWriter) matching(keyExprs []expr.Expr, where expr.Expr) (out []stored,
	rej *tx.Reject,
) {
	take := func(key, entry []byte) {
		vals := w.decode(entry)
		if where != nil {
			var ok bool
			if ok, rej = holds(where, vals, w.env); rej != nil || !ok {
				return
			}
		}
		out = append(out, stored{bytes.Clone(key), vals, nil})
	}
	if keyExprs != nil {
		parts, rej := evalAll(keyExprs, nil, w.env)
		if rej != nil || slices.ContainsFunc(parts, value.Datum.IsNull) { // nothing equals NULL
			return nil, rej
		}
		key, rej := keyOf(parts)
		if rej != nil {
			return nil, rej
		}
		if entry := w.overlay.get(key); entry != nil {
			take(key, entry)
		}
		return out, rej
	}
	seen := 0
	w.overlay.scan(nil, nil, func(key, entry []byte) bool {
		if seen++; seen > StatementRows {
			rej = tx.RejectSQL("54000", "the statement needs more rows than the limit allows")
			rej.Hint = "Name the whole primary key in WHERE, or go through the table in parts."
			return false
		}
		take(key, entry)
		return rej == nil
	})
	return out, rej
}

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

// StatementRows is how many rows one INSERT ... SELECT, UPDATE or DELETE may read or make.
const StatementRows = 100_000
