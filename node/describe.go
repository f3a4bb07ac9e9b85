package node

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"weir/app"
	"weir/node/pgwire"
	"weir/stream/catalog"
	"weir/stream/value"
)

// psql lists relations with queries over pg_catalog, which joins tables that Weir does not have.
// The listing of \d, \dt, \dm and \dv is recognised by its shape and answered from the catalog of
// the session's snapshot; \d NAME finds nothing.

var (
	listing = regexp.MustCompile(`(?s)c\.relname as "Name".*` +
		`FROM pg_catalog\.pg_class c.*c\.relkind IN \(([^)]*)\)`)
	lookup = regexp.MustCompile(`(?s)^SELECT c\.oid,\s+n\.nspname,\s+c\.relname\s+` +
		`FROM pg_catalog\.pg_class c`)
	byName   = regexp.MustCompile(`c\.relname OPERATOR\(pg_catalog\.~\) '([^']*)'`)
	listCols = []string{"Schema", "Name", "Type", "Owner"}
)

// describe is a prepared listing of relations.
type describe struct {
	s     *session
	kinds string         // the quoted relkinds that are listed
	name  *regexp.Regexp // nil: every name
	cols  []string
}

var _ pgwire.Prepared = (*describe)(nil)

// asDescribe returns a listing if a text asks for one.
func (s *session) asDescribe(text string) *describe {
	d := &describe{s: s, cols: listCols}
	if m := listing.FindStringSubmatch(text); m != nil {
		d.kinds = m[1]
	} else if lookup.MatchString(text) {
		d.cols = []string{"oid", "nspname", "relname"}
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
	for _, def := range d.list(snap) {
		err := out.Row([]value.Datum{
			value.NewText("public"), value.NewText(def.Name), value.NewText(typeName(def.Kind)),
			value.NewText(def.Owner),
		})
		if err != nil {
			return "", err
		}
	}
	return "SELECT", nil
}

// list returns the relations that are asked for, by name.
func (d *describe) list(snap *app.Snapshot) []*catalog.Relation {
	if d.kinds == "" {
		return nil
	}
	var out []*catalog.Relation
	for _, def := range snap.Catalog.All() {
		if strings.Contains(d.kinds, "'"+relkind(def.Kind)+"'") &&
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
	case catalog.Late, catalog.Rejected, catalog.Errors:
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
	default:
		return "erroneous rows"
	}
}
