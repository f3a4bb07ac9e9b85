package streamtest

import (
	"fmt"
	"slices"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/row"
	"weir/stream/sql"
	"weir/stream/value"
)

// remove buffers the retraction of what DELETE takes.
func (s *scenario) remove(st *sql.Delete) error {
	found, err := s.find(s.cat.ByID(st.Target), st.Key, st.Where)
	for _, r := range found {
		s.buffer(st.Target, r.Vals, -1)
		s.version(s.cat.ByID(st.Target), r.Vals, true)
	}
	return err
}

// update buffers new rows for those that UPDATE takes; all leave before one comes.
func (s *scenario) update(st *sql.Update) error {
	found, err := s.find(s.cat.ByID(st.Target), st.Key, st.Where)
	if err != nil {
		return err
	}
	var made [][]value.Datum
	for _, r := range found {
		vals := make([]value.Datum, len(st.Set))
		for i, e := range st.Set {
			if vals[i], err = judge(e, r.Vals); err != nil {
				return err
			}
		}
		made = append(made, vals)
	}
	def := s.cat.ByID(st.Target)
	for _, r := range found {
		s.buffer(st.Target, r.Vals, -1)
		s.version(def, r.Vals, true)
	}
	for _, vals := range made {
		s.buffer(st.Target, vals, 1)
		s.version(def, vals, false)
	}
	return nil
}

// find returns the rows of a table that have a key, if one is given, and meet a condition.
func (s *scenario) find(def *catalog.Relation, keys []expr.Expr, where expr.Expr) (
	found []oracle.Row, err error,
) {
	var key []value.Datum
	for _, e := range keys {
		d, err := judge(e, nil)
		if err != nil {
			return nil, err
		}
		key = append(key, d)
	}
	for _, r := range s.rows[def.ID] {
		if keys != nil && show(keyOf(def, r.Vals)) != show(key) {
			continue
		}
		if where != nil {
			d, err := judge(where, r.Vals)
			if err != nil {
				return nil, err
			}
			if d.IsNull() || !d.Bool() {
				continue
			}
		}
		found = append(found, r)
	}
	return found, nil
}

// judge evaluates an expression over a row.
func judge(e expr.Expr, vals []value.Datum) (value.Datum, error) {
	d, fault := expr.EvalRow(e, vals, expr.Env{})
	if fault != nil {
		return d, fault
	}
	return d, nil
}

// compareBatch evaluates every view's query once over all rows there are and compares.
func (s *scenario) compareBatch(in oracle.Input) error {
	for _, id := range sortedKeys(s.plans) {
		def := s.cat.ByID(id)
		got, err := s.eng.Query(s.plans[id], s.env())
		if err != nil {
			return fmt.Errorf("the query of %s: %w", def.Name, err)
		}
		var rows []oracle.Row
		for _, vals := range got.Rows {
			rows = append(rows, oracle.Row{Vals: asStored(def, vals), Weight: 1})
		}
		a, b := lines(oracle.Consolidate(rows)), lines(oracle.Consolidate(in.Rows[id]))
		if a != b {
			return fmt.Errorf("%s holds\n%s, its query gives\n%s", def.Name, b, a)
		}
		if n := weightOf(in.Rows[s.cat.Lookup(def.Name+catalog.ErrorsSuffix).ID]); n != got.Errors {
			return fmt.Errorf("%s has %d errors, its query %d", def.Name, n, got.Errors)
		}
	}
	return nil
}

// asStored gives the columns of a view's key the representation that keys have.
func asStored(def *catalog.Relation, vals []value.Datum) []value.Datum {
	for c, col := range def.RowSpace() {
		if len(def.Key) == 0 || slices.Contains(def.Key, c) {
			vals[c] = row.Canonical(col.Type, vals[c])
		}
	}
	return vals
}

func weightOf(rows []oracle.Row) (n int64) {
	for _, r := range rows {
		n += r.Weight
	}
	return n
}
