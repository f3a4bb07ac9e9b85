package node

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"weir/app"
	"weir/node/pgwire"
	"weir/stream/catalog"
	"weir/stream/value"
)

// psql lists relations with queries over pg_catalog, which joins tables that Weir does not have.
// The listing of \d, \dt, \dm and \dv is recognised by its shape and answered from the catalog of
// the session's snapshot, and so is \d NAME (describename.go).

var (
	listing = regexp.MustCompile(`(?s)c\.relname as "Name".*` +
		`FROM pg_catalog\.pg_class c.*c\.relkind IN \(([^)]*)\)`)
	byName   = regexp.MustCompile(`c\.relname OPERATOR\(pg_catalog\.~\) '([^']*)'`)
	listCols = []string{"Schema", "Name", "Type", "Owner"}
)

// describe is a prepared listing of relations, or a question about one.
type describe struct {
	s     *session
	kinds string         // the quoted relkinds that are listed; empty: all
	name  *regexp.Regexp // nil: every name
	cols  []string
	about *question // nil: a listing
	id    uint32    // of the relation that the question is about
}

var _ pgwire.Prepared = (*describe)(nil)

// asDescribe returns a listing if a text asks for one.
func (s *session) asDescribe(text string) *describe {
	if !strings.Contains(text, "pg_catalog.") {
		return nil
	}
	d := &describe{s: s, cols: listCols}
	if m := listing.FindStringSubmatch(text); m != nil {
		d.kinds = m[1]
		if strings.Contains(d.kinds, "'i'") {
			d.cols = append(slices.Clone(listCols), "Table")
		}
	} else if lookup.MatchString(text) {
		d.cols = []string{"oid", "nspname", "relname"}
	} else if d.about, d.id = asked(text); d.about != nil {
		d.cols = d.about.cols
		return d
	} else {
		return nil
	}
	if m := byName.FindStringSubmatch(text); m != nil {
		d.name, _ = regexp.Compile(m[1])
	}
	return d
}

// Params implements pgwire.Prepared.
func (d *describe) Params() []value.Type { return nil }

// Columns implements pgwire.Prepared.
func (d *describe) Columns() []pgwire.Column {
	out := make([]pgwire.Column, len(d.cols))
	for i, c := range d.cols {
		out[i] = pgwire.Column{Name: c, Type: value.Of(value.Text)}
	}
	return out
}

// Execute implements pgwire.Prepared.
func (d *describe) Execute(ctx context.Context, _ []value.Datum, out pgwire.RowWriter) (
	string, error,
) {
	snap, err := d.s.snapshot(ctx)
	if err != nil {
		return "", wireError(err)
	}
	for _, row := range d.answer(snap) {
		if err := textRow(out, row); err != nil {
			return "", err
		}
	}
	return "SELECT", nil
}

// answer returns the rows of the answer, "" for NULL.
func (d *describe) answer(snap *app.Snapshot) [][]string {
	if d.about != nil {
		if def := snap.Catalog.ByID(d.id); def != nil && d.about.rows != nil {
			return d.about.rows(snap, def)
		}
		if x := snap.Catalog.IndexByID(d.id); x != nil && d.about.index != nil {
			return d.about.index(snap, x)
		}
		return nil
	}
	var out [][]string
	for _, def := range d.list(snap) {
		if d.kinds == "" {
			out = append(out, []string{strconv.FormatUint(uint64(def.ID), 10), "public", def.Name})
			continue
		}
		out = append(out, []string{"public", def.Name, typeName(def.Kind), def.Owner, ""}[:len(d.cols)])
	}
	for _, x := range snap.Catalog.Indexes(0) { // \d NAME
		if d.kinds == "" && (d.name == nil || d.name.MatchString(x.Name)) {
			out = append(out, []string{strconv.FormatUint(uint64(x.ID), 10), "public", x.Name})
		}
	}
	if len(d.cols) > len(listCols) {
		out = append(out, d.indexes(snap)...)
		slices.SortFunc(out, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
	}
	return out
}

// indexes lists the indexes and primary keys that are asked for.
func (d *describe) indexes(snap *app.Snapshot) (out [][]string) {
	for _, row := range indexesRows(snap) {
		def := snap.Catalog.Lookup(row[1].S)
		if name := row[2].S; d.name == nil || d.name.MatchString(name) {
			out = append(out, []string{"public", name, "index", def.Owner, def.Name})
		}
	}
	return out
}

// list returns the relations that are asked for, by name.
func (d *describe) list(snap *app.Snapshot) []*catalog.Relation {
	var out []*catalog.Relation
	for _, def := range snap.Catalog.All() {
		if (d.kinds == "" || strings.Contains(d.kinds, "'"+relkind(def.Kind)+"'")) &&
			(d.name == nil || d.name.MatchString(def.Name)) {
			out = append(out, def)
		}
	}
	slices.SortFunc(out, func(a, b *catalog.Relation) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// relkind is PostgreSQL's letter for the nearest thing that it knows.
func relkind(k catalog.Kind) string {
	switch k {
	case catalog.View:
		return "m"
	case catalog.Late, catalog.Rejected, catalog.Errors, catalog.History:
		return "v"
	default:
		return "r"
	}
}

func typeName(k catalog.Kind) string {
	switch k {
	case catalog.Stream:
		return "stream"
	case catalog.Table:
		return "table"
	case catalog.View:
		return "materialized view"
	case catalog.Late:
		return "late rows"
	case catalog.Rejected:
		return "rejected rows"
	case catalog.History:
		return "history"
	default:
		return "erroneous rows"
	}
}
