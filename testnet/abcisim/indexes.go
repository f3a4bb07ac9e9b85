package abcisim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"weir/app"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/index"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// indexEntry is what an index should have of one row.
type indexEntry struct {
	columns []value.Datum
	key     []byte // of the row in its relation
	entry   []byte
}

// checkIndexes compares every index that has all rows with its relation, sorted by values: an
// index is nothing but the relation in another order.
func checkIndexes(snap *app.Snapshot) error {
	for _, x := range snap.Catalog.Indexes(0) {
		if !slices.Contains(snap.Indexes(x.Of), x) {
			continue // it is being filled
		}
		want, err := sortedRows(snap, x)
		if err != nil {
			return err
		}
		at := 0
		snap.Index(x.ID).Scan(nil, nil, func(key, entry []byte) bool {
			if at >= len(want) || !bytes.HasSuffix(key, want[at].key[1:]) ||
				!bytes.Equal(entry, want[at].entry) {
				err = fmt.Errorf("height %d: entry %d of index %s is %x, %x", snap.Height(), at,
					x.Name, key, entry)
			}
			at++
			return err == nil
		})
		if err != nil || at != len(want) {
			return errOr(err, fmt.Errorf("height %d: index %s has %d entries, not %d",
				snap.Height(), x.Name, at, len(want)))
		}
	}
	return nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// sortedRows are the rows of an index's relation in its order, by comparing values.
func sortedRows(snap *app.Snapshot, x *catalog.Index) ([]indexEntry, error) {
	def := snap.Catalog.ByID(x.Of)
	shape, err := row.NewShape(def.Growth())
	if err != nil {
		return nil, err
	}
	var out []indexEntry
	snap.Version.Reader(app.RowsUnit(def.ID)).Scan(nil, nil, func(key, entry []byte) bool {
		var vals []value.Datum
		if _, vals, err = shape.DecodeEntry(entry); err != nil {
			return false
		}
		e := indexEntry{key: bytes.Clone(key), entry: bytes.Clone(entry)}
		for _, c := range x.Columns {
			e.columns = append(e.columns, vals[c.Column])
		}
		out = append(out, e)
		return true
	})
	slices.SortFunc(out, func(a, b indexEntry) int {
		for i, c := range x.Columns {
			if n := compareIn(c, a.columns[i], b.columns[i]); n != 0 {
				if size(a) > index.MaxColumnBytes || size(b) > index.MaxColumnBytes {
					break // cut: TestBounds of stream/index knows the order
				}
				return n
			}
		}
		return bytes.Compare(a.key, b.key)
	})
	return out, err
}

// size is how long the columns of a key would be.
func size(e indexEntry) int { return len(row.AppendKeyDatums(nil, e.columns)) - 1 }

// compareIn orders two values as a column of an index does.
func compareIn(c catalog.IndexColumn, a, b value.Datum) int {
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull() || b.IsNull():
		if a.IsNull() == c.NullsFirst {
			return -1
		}
		return 1
	case c.Desc:
		return value.Compare(b, a)
	}
	return value.Compare(a, b)
}

// describeIndexes lists the indexes with how many entries they have.
func describeIndexes(snap *app.Snapshot) string {
	var out strings.Builder
	for _, x := range snap.Catalog.Indexes(0) {
		n := 0
		snap.Index(x.ID).Scan(nil, nil, func(_, _ []byte) bool { n++; return true })
		state := "filling"
		if slices.Contains(snap.Indexes(x.Of), x) {
			state = "live"
		}
		fmt.Fprintf(&out, "%s on %s: %s, %d entries\n", x.Name, snap.Catalog.ByID(x.Of).Name,
			state, n)
	}
	return out.String()
}

// describePaths says where a query reads.
func describePaths(snap *app.Snapshot, p plan.Node) string {
	var out strings.Builder
	for _, at := range engine.Paths(p, snap) {
		by := ""
		if at.Index != nil {
			by = " by " + at.Index.Name
		}
		fmt.Fprintf(&out, "%s%s: %x to %x\n", snap.Catalog.ByID(at.Relation).Name, by, at.Lo, at.Hi)
	}
	return out.String()
}
