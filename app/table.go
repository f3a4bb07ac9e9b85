package app

import (
	"strconv"
	"strings"

	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/value"
)

// conflict says what an insert does when its key exists.
type conflict uint8

const (
	conflictError conflict = iota
	conflictNothing
	conflictUpdate
)

// tableWriter applies changes to a table's overlay, one row at a time and in order, and collects
// the rows that left and came as the delta that views see.
type tableWriter struct {
	rel     *relation
	rows    int64 // rows inserted, changed or deleted
	overlay *overlay
	delta   *batch.Builder
	history *historyWriter // nil: the table keeps none
	env     expr.Env
}

func (b *block) writer(rel *relation) *tableWriter {
	return &tableWriter{
		rel: rel, overlay: b.table(rel.def.ID), delta: batch.NewBuilder(rel.types, 0), env: b.env(),
		history: b.historyWriter(rel),
	}
}

// stage hands the writer's delta to the segment.
func (b *block) stage(w *tableWriter) {
	b.stageDelta(w.rel.def.ID, w.delta)
	if w.history != nil {
		b.stageDelta(w.history.rel.def.ID, w.history.delta)
	}
}

func (b *block) stageDelta(id uint32, delta *batch.Builder) {
	if d := delta.Batch(); d.Len > 0 {
		b.segment[id] = append(b.segment[id], d)
	}
}

// insert adds a row of all visible columns.
func (w *tableWriter) insert(vals []value.Datum, on conflict) *tx.Reject {
	if rej := w.validate(vals); rej != nil {
		return rej
	}
	key, rej := w.key(vals)
	if rej != nil {
		return rej
	}
	if old := w.overlay.get(key); old != nil {
		switch on {
		case conflictNothing:
			return nil
		case conflictError:
			return w.duplicate(key)
		}
		w.retract(old)
	}
	w.put(key, vals)
	return nil
}

// delete removes the row with the key of vals, if it is there; other columns are not looked at.
func (w *tableWriter) delete(vals []value.Datum) *tx.Reject {
	key, rej := w.key(vals)
	if rej != nil {
		return rej
	}
	if old := w.overlay.get(key); old != nil {
		w.remove(key, w.decode(old))
		w.rows++
	}
	return nil
}

// replace changes the row under oldKey, which exists, to vals; the key may move.
func (w *tableWriter) replace(oldKey []byte, vals []value.Datum) *tx.Reject {
	if rej := w.validate(vals); rej != nil {
		return rej
	}
	key, rej := w.key(vals)
	if rej != nil {
		return rej
	}
	w.remove(oldKey, w.decode(w.overlay.get(oldKey)))
	if w.overlay.get(key) != nil {
		return w.duplicate(key)
	}
	w.put(key, vals)
	return nil
}

// duplicate refuses a row whose key is taken.
func (w *tableWriter) duplicate(key []byte) *tx.Reject {
	rej := tx.RejectSQL("23505", "duplicate key value violates unique constraint "+
		strconv.Quote(catalog.KeyName(w.rel.def)))
	vals := w.decode(w.overlay.get(key))
	names, parts := make([]string, len(w.rel.def.Key)), make([]string, len(w.rel.def.Key))
	for i, k := range w.rel.def.Key {
		names[i], parts[i] = w.rel.def.Columns[k].Name, datumText(vals[k])
	}
	rej.Detail = "Key (" + strings.Join(names, ", ") + ")=(" + strings.Join(parts, ", ") +
		") already exists."
	return rej
}

// datumText writes a value for people.
func datumText(d value.Datum) string {
	if d.IsNull() {
		return "null"
	}
	return string(value.AppendText(nil, d))
}

// failing is the detail of a row that breaks a constraint.
func failing(vals []value.Datum) string {
	parts := make([]string, len(vals))
	for i, d := range vals {
		parts[i] = datumText(d)
		if len(parts[i]) > 64 {
			parts[i] = strings.ToValidUTF8(parts[i][:64], "") + "..."
		}
	}
	return "Failing row contains (" + strings.Join(parts, ", ") + ")."
}

func (w *tableWriter) put(key []byte, vals []value.Datum) {
	w.overlay.set(key, w.rel.shape.AppendEntryDatums(nil, w.rel.def.Version, 1, vals))
	w.delta.Add(vals, 1)
	w.history.add(w.rel.def, vals, false)
	w.rows++
}

// remove takes the row under key, which exists, away.
func (w *tableWriter) remove(key []byte, vals []value.Datum) {
	w.delta.Add(vals, -1)
	w.overlay.set(key, nil)
	w.history.add(w.rel.def, vals, true)
}

func (w *tableWriter) retract(entry []byte) {
	w.delta.Add(w.decode(entry), -1)
}

// decode reads a stored entry of the table.
func (w *tableWriter) decode(entry []byte) []value.Datum {
	weight, vals, err := w.rel.shape.DecodeEntry(entry)
	invariant.Check(err == nil && weight == 1, "a row of table %d is broken: %v",
		w.rel.def.ID, err)
	return vals
}

// validate judges NOT NULL, CHECK and the size of a row.
func (w *tableWriter) validate(vals []value.Datum) *tx.Reject {
	for c, def := range w.rel.def.Columns {
		if vals[c].IsNull() && (def.NotNull || w.isKey(c)) {
			rej := tx.RejectSQL("23502", "null value in column "+strconv.Quote(def.Name)+
				" of relation "+strconv.Quote(w.rel.def.Name)+" violates not-null constraint")
			rej.Detail = failing(vals)
			return rej
		}
	}
	if w.size(vals) > row.MaxRowBytes {
		return tx.RejectSQL("54000", "a row is larger than the limit")
	}
	for i, c := range w.rel.def.Checks {
		ok, err := w.rel.checkRow(i, vals, w.env)
		if err != nil {
			return tx.RejectSQL(err.SQLState, err.Msg)
		}
		if !ok {
			rej := tx.RejectSQL("23514", "new row for relation "+
				strconv.Quote(w.rel.def.Name)+" violates check constraint "+strconv.Quote(c.Name))
			rej.Detail = failing(vals)
			return rej
		}
	}
	return nil
}

// size is the length of a row as it is stored, in the history too if there is one.
func (w *tableWriter) size(vals []value.Datum) int {
	if w.history != nil {
		vals = w.rel.def.VersionOf(vals, w.history.now, false)
	}
	return len(row.AppendRowDatums(nil, vals))
}

func (w *tableWriter) isKey(col int) bool {
	for _, k := range w.rel.def.Key {
		if k == col {
			return true
		}
	}
	return false
}

// key encodes the primary key of a row.
func (w *tableWriter) key(vals []value.Datum) ([]byte, *tx.Reject) {
	parts := make([]value.Datum, len(w.rel.def.Key))
	for i, k := range w.rel.def.Key {
		parts[i] = vals[k]
	}
	if w.history != nil {
		if _, rej := keyOf(append(parts, value.NewTimestampTZ(w.history.now))); rej != nil {
			return nil, rej
		}
	}
	return keyOf(parts)
}

func keyOf(parts []value.Datum) ([]byte, *tx.Reject) {
	key := row.AppendKeyDatums(nil, parts)
	if len(key) > row.MaxKeyBytes {
		return nil, tx.RejectSQL("54000", "a key is longer than the limit")
	}
	return key, nil
}

// checkRow judges CHECK constraint i over a row: NULL passes, as in PostgreSQL.
func (r *relation) checkRow(i int, vals []value.Datum, env expr.Env) (bool, *value.Error) {
	d, fault := expr.EvalRow(r.exprs[i], vals, env)
	return fault == nil && (d.IsNull() || d.Bool()), fault
}
