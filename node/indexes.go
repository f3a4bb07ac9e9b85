package node

import (
	"fmt"
	"slices"
	"strings"

	"weir/app"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
	"weir/stream/value"
)

// indexColumns writes the columns of an index and their order as PostgreSQL does: what goes without
// saying is left out.
func indexColumns(def *catalog.Relation, x *catalog.Index) string {
	parts := make([]string, len(x.Columns))
	for i, c := range x.Columns {
		parts[i] = quoted(def.Columns[c.Column].Name)
		if c.Desc {
			parts[i] += " DESC"
		}
		switch {
		case c.NullsFirst && !c.Desc:
			parts[i] += " NULLS FIRST"
		case !c.NullsFirst && c.Desc:
			parts[i] += " NULLS LAST"
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// indexText is the statement that would create an index.
func indexText(def *catalog.Relation, x *catalog.Index) string {
	return "CREATE INDEX " + quoted(x.Name) + " ON public." + quoted(def.Name) + " USING btree " +
		indexColumns(def, x)
}

// keyText is the statement that would create the index of a table's primary key.
func keyText(def *catalog.Relation) string {
	return "CREATE UNIQUE INDEX " + quoted(catalog.KeyName(def)) + " ON public." +
		quoted(def.Name) + " USING btree " + keyColumns(def)
}

func keyColumns(def *catalog.Relation) string {
	names := make([]string, len(def.Key))
	for i, k := range def.Key {
		names[i] = quoted(def.Columns[k].Name)
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// live reports whether an index has every row of its relation.
func live(snap *app.Snapshot, x *catalog.Index) bool {
	return slices.Contains(snap.Indexes(x.Of), x)
}

// indexesRelation is pg_indexes, with PostgreSQL's columns.
func indexesRelation() *catalog.Relation {
	text := value.Of(value.Text)
	return &catalog.Relation{
		ID: indexesID, Name: indexesName, Kind: catalog.Table, Version: 1, Key: []int{2},
		Columns: []catalog.Column{
			{Name: "schemaname", Type: text, NotNull: true},
			{Name: "tablename", Type: text, NotNull: true},
			{Name: "indexname", Type: text, NotNull: true},
			{Name: "tablespace", Type: text},
			{Name: "indexdef", Type: text, NotNull: true},
		},
	}
}

// indexesRows are the rows of pg_indexes: primary keys of tables, and indexes.
func indexesRows(snap *app.Snapshot) (out [][]value.Datum) {
	add := func(table, name, text string) {
		out = append(out, []value.Datum{
			value.NewText("public"), value.NewText(table), value.NewText(name), value.NullDatum,
			value.NewText(text),
		})
	}
	for _, def := range snap.Catalog.All() {
		if def.Kind == catalog.Table {
			add(def.Name, catalog.KeyName(def), keyText(def))
		}
	}
	for _, x := range snap.Catalog.Indexes(0) {
		def := snap.Catalog.ByID(x.Of)
		add(def.Name, x.Name, indexText(def, x))
	}
	return out
}

// reads says what of stored relations a query does not read as a whole, a line each.
func reads(snap *app.Snapshot, p plan.Node) (out []string) {
	for _, at := range engine.Paths(p, snap) {
		def := snap.Catalog.ByID(at.Relation)
		if def == nil || at.Whole() {
			continue
		}
		by := "its key"
		if at.Index != nil {
			by = fmt.Sprintf("index %s %s", quoted(at.Index.Name), indexColumns(def, at.Index))
		} else if def.Kind == catalog.Table {
			by += " " + keyColumns(def)
		}
		out = append(out, fmt.Sprintf("Reads a range of %s by %s", quoted(def.Name), by))
	}
	return out
}

// What \d INDEX asks: what it is, which columns it has, and what else there is to say.

func indexKindRow(*app.Snapshot, *catalog.Index) [][]string {
	return [][]string{{
		"0", "i", "f", "f", "f", "f", "f", "f", "f", "", "0", "", "p", "n", "btree",
	}}
}

func indexColumnRows(snap *app.Snapshot, x *catalog.Index) (out [][]string) {
	def := snap.Catalog.ByID(x.Of)
	for _, c := range x.Columns {
		col := def.Columns[c.Column]
		out = append(out, []string{
			col.Name, col.Type.String(), "yes", quoted(col.Name), "p", "",
		})
	}
	return out
}

func indexRow(snap *app.Snapshot, x *catalog.Index) [][]string {
	valid := "f"
	if live(snap, x) {
		valid = "t"
	}
	return [][]string{{
		"f", "f", "f", valid, "f", "f", "f", "f", "btree", snap.Catalog.ByID(x.Of).Name, "",
	}}
}
