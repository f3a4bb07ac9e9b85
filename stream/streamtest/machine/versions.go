package machine

import (
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// versions is the delta of a table's history that goes with one of the table: a key of which a row
// comes has become that row, one of which rows only go was deleted.
func (m *Machine) versions(table, history *catalog.Relation, rows *batch.Batch) *batch.Batch {
	out := batch.NewBuilder(types(history), 0)
	rows = rows.Consolidate()
	came := map[string]bool{}
	for i := range rows.Len {
		if rows.Weight(i) > 0 {
			came[string(keyBytes(table, rows.Row(i)))] = true
		}
	}
	for i := range rows.Len {
		vals := rows.Row(i)
		deleted := rows.Weight(i) < 0
		if deleted && came[string(keyBytes(table, vals))] {
			continue
		}
		v := table.VersionOf(vals, m.Now, deleted)
		m.Mem.Relation(history.ID).ProbeSorted([][]byte{keyBytes(history, v)},
			func(_ int, entry []byte) {
				if entry == nil {
					return
				}
				_, was, err := row.DecodeEntry(types(history), entry)
				if err != nil {
					panic("machine: a version does not decode: " + err.Error())
				}
				out.Add(was, -1)
			})
		out.Add(v, 1)
	}
	return out.Batch()
}

func keyBytes(r *catalog.Relation, vals []value.Datum) []byte {
	key := make([]value.Datum, len(r.Key))
	for i, c := range r.Key {
		key[i] = vals[c]
	}
	return row.AppendKeyDatums(nil, key)
}
