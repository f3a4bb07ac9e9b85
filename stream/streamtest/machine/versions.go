package machine

import (
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// versions is the delta of a table's history that goes with one of the table, whose rows come in
// the order of its changes: the last one of a key says what it has become.
func (m *Machine) versions(table, history *catalog.Relation, rows *batch.Batch) *batch.Batch {
	last := map[string]int{}
	for i := range rows.Len {
		last[string(keyBytes(table, rows.Row(i)))] = i
	}
	out := batch.NewBuilder(types(history), 0)
	for i := range rows.Len {
		vals := rows.Row(i)
		if last[string(keyBytes(table, vals))] != i {
			continue
		}
		v := table.VersionOf(vals, m.Now, rows.Weight(i) < 0)
		m.store.Relation(history.ID).ProbeSorted([][]byte{keyBytes(history, v)},
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
