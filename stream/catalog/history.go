package catalog

import "weir/stream/value"

// Columns of a history, in front of the table's, to which columns can be added.
const (
	HistValidFrom = iota
	HistDeleted
	NumHistoryColumns
)

// historyOf has one row for each version of each row of the table: what the row became at a block
// time, by primary key and that time. Of several changes at one block time the last one stays.
//
// A step at block time T writes only rows with weir_valid_from = T, and block time never moves
// back. So once a step at T is done, no row with weir_valid_from < T comes or goes any more: the
// column carries block time as its watermark.
func historyOf(t *Relation) *Relation {
	cols := append([]Column{
		HistValidFrom: {
			Name: ValidFromColumn, Type: value.Type{Kind: value.TimestampTZ}, NotNull: true,
		},
		HistDeleted: {Name: DeletedColumn, Type: value.Type{Kind: value.Bool}, NotNull: true},
	}, nullable(t.Columns)...)
	key := make([]int, 0, len(t.Key)+1)
	for _, k := range t.Key {
		key = append(key, k+NumHistoryColumns)
		cols[k+NumHistoryColumns].NotNull = true
	}
	h := derivedOf(t, History, HistorySuffix, cols, append(key, HistValidFrom), false)
	h.Frozen = []int{HistValidFrom}
	return h
}

// VersionOf is the row of a table's history for what a row became at a block time. Of a row that
// was deleted only the primary key stays.
func (r *Relation) VersionOf(vals []value.Datum, at int64, deleted bool) []value.Datum {
	out := make([]value.Datum, NumHistoryColumns+len(r.Columns))
	out[HistValidFrom] = value.NewTimestampTZ(at)
	out[HistDeleted] = value.NewBool(deleted)
	if !deleted {
		copy(out[NumHistoryColumns:], vals)
		return out
	}
	for _, k := range r.Key {
		out[NumHistoryColumns+k] = vals[k]
	}
	return out
}

// HistoryOf is the history of a table, nil if it has none.
func (c *Catalog) HistoryOf(r *Relation) *Relation {
	if r.Kind != Table || !r.Versioned {
		return nil
	}
	return c.Lookup(r.Name + HistorySuffix)
}
