package node

import (
	"regexp"
	"strconv"
	"strings"

	"weir/app"
	"weir/internal/invariant"
	"weir/node/pgwire"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/value"
)

// \d NAME asks for the ids of the relations of that name, and then about each id for its kind, its
// columns, its indexes, its checks, and for things that Weir does not have.
var (
	plainName = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)
	lookup    = regexp.MustCompile(`(?s)^SELECT c\.oid,\s+n\.nspname,\s+c\.relname\s+` +
		`FROM pg_catalog\.pg_class c`)
	aboutKeys = regexp.MustCompile(`(?s)^SELECT a\.attname,.* AS is_key.*` +
		`WHERE a\.attrelid = '(\d+)'`)
	aboutIndex   = regexp.MustCompile(`(?s)^SELECT i\.indisunique,.* AND c\.oid = '(\d+)'`)
	aboutKind    = regexp.MustCompile(`(?s)^SELECT c\.relchecks,.*WHERE c\.oid = '(\d+)'`)
	aboutColumns = regexp.MustCompile(`(?s)^SELECT a\.attname,.*WHERE a\.attrelid = '(\d+)'`)
	aboutIndexes = regexp.MustCompile(`(?s)^SELECT c2\.relname,.*WHERE c\.oid = '(\d+)'`)
	aboutChecks  = regexp.MustCompile(`(?s)^SELECT r\.conname,.*WHERE r\.conrelid = '(\d+)'` +
		` AND r\.contype = 'c'`)
	aboutQuery  = regexp.MustCompile(`^SELECT pg_catalog\.pg_get_viewdef\('(\d+)'::`)
	aboutOthers = regexp.MustCompile(`(?s)^SELECT .*FROM pg_catalog\.pg_(?:policy pol|` +
		`statistic_ext|publication p|class c, pg_catalog\.pg_inherits i|rewrite r|trigger t)\s.*'(\d+)'`)
)

// question is one of those that \d NAME asks about a relation.
type question struct {
	shape *regexp.Regexp
	cols  []string
	rows  func(*app.Snapshot, *catalog.Relation) [][]string // "" is NULL
	index func(*app.Snapshot, *catalog.Index) [][]string    // of \d INDEX; nil: nothing
}

// questions lists what is asked and how it is answered, with the columns of psql 15.
func questions() []question {
	return []question{
		{aboutKind, []string{
			"relchecks", "relkind", "relhasindex", "relhasrules", "relhastriggers", "relrowsecurity",
			"relforcerowsecurity", "relhasoids", "relispartition", "reloptions", "reltablespace",
			"reloftype", "relpersistence", "relreplident", "amname",
		}, kindRow, indexKindRow},
		{
			aboutKeys,
			[]string{"attname", "format_type", "is_key", "indexdef", "attstorage", "attstattarget"},
			nil, indexColumnRows,
		},
		{aboutIndex, []string{
			"indisunique", "indisprimary", "indisclustered", "indisvalid", "condeferrable",
			"condeferred", "indisreplident", "indnullsnotdistinct", "amname", "relname", "pg_get_expr",
		}, nil, indexRow},
		{aboutColumns, []string{
			"attname", "format_type", "default", "attnotnull", "attcollation", "attidentity",
			"attgenerated", "attstorage", "attcompression", "attstattarget", "description",
		}, columnRows, nil},
		{aboutIndexes, []string{
			"relname", "indisprimary", "indisunique", "indisclustered", "indisvalid",
			"indexdef", "constraintdef", "contype", "condeferrable", "condeferred",
			"indisreplident", "reltablespace",
		}, indexRows, nil},
		{aboutChecks, []string{"conname", "constraintdef"}, checkRows, nil},
		{aboutQuery, []string{"pg_get_viewdef"}, queryRow, nil},
		{aboutOthers, []string{"name"}, nil, nil},
	}
}

// asked returns the question that a text asks and the id it is about.
func asked(text string) (*question, uint32) {
	for _, q := range questions() {
		if m := q.shape.FindStringSubmatch(text); m != nil {
			id, err := strconv.ParseUint(m[1], 10, 32)
			if err != nil {
				id = 0 // no relation has it
			}
			return &q, uint32(id)
		}
	}
	return nil, 0
}

// kindRow says what a relation is; those of a whole-row key have no index.
func kindRow(snap *app.Snapshot, def *catalog.Relation) [][]string {
	index := "f"
	if def.Kind == catalog.Table || len(snap.Catalog.Indexes(def.ID)) > 0 {
		index = "t"
	}
	return [][]string{{
		strconv.Itoa(len(def.Checks)), relkind(def.Kind), index, "f", "f", "f", "f", "f", "f", "", "0",
		"", "p", "d", "",
	}}
}

// columnRows are the columns that * shows.
func columnRows(_ *app.Snapshot, def *catalog.Relation) [][]string {
	var out [][]string
	for i, c := range def.Columns {
		if c.Hidden {
			continue
		}
		notNull, description := "f", ""
		if c.NotNull {
			notNull = "t"
		}
		for _, w := range def.Watermarks {
			if w.Column == i {
				delay := value.NewInterval(value.IntervalValue{Micros: w.DelayMicros})
				description = "watermark, delay " + string(value.AppendText(nil, delay))
			}
		}
		out = append(out, []string{
			c.Name, c.Type.String(), defaultText(c), notNull, "", "", "", "p", "", "",
			description,
		})
	}
	return out
}

// defaultText writes a column's default: a literal, unless it is not constant.
func defaultText(c catalog.Column) string {
	if len(c.Default) == 0 {
		return ""
	}
	e, _, err := expr.DecodeExpr(c.Default)
	invariant.Check(err == nil, "the default of column %q does not decode: %v", c.Name, err)
	if k, ok := e.(expr.Const); ok {
		return literal(k.D, k.T)
	}
	return "depends on now()"
}

// quoted writes a name as SQL does.
func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// indexRows are the primary key of a table, and the indexes; one that is being filled is not valid.
func indexRows(snap *app.Snapshot, def *catalog.Relation) (out [][]string) {
	if def.Kind == catalog.Table {
		out = append(out, []string{
			catalog.KeyName(def), "t", "t", "f", "t", keyText(def), "PRIMARY KEY " + keyColumns(def),
			"p", "f", "f", "f", "0",
		})
	}
	for _, x := range snap.Catalog.Indexes(def.ID) {
		valid := "f"
		if live(snap, x) {
			valid = "t"
		}
		out = append(out, []string{
			x.Name, "f", "f", "f", valid, indexText(def, x), "", "", "f", "f", "f", "0",
		})
	}
	return out
}

func checkRows(_ *app.Snapshot, def *catalog.Relation) [][]string {
	var out [][]string
	for _, c := range def.Checks {
		out = append(out, []string{c.Name, "CHECK " + c.SQL})
	}
	return out
}

// queryRow is the statement that created a view; psql shows it as the view's definition.
func queryRow(_ *app.Snapshot, def *catalog.Relation) [][]string { return [][]string{{def.SQL}} }

// textRow writes a row of an answer, "" as NULL.
func textRow(out pgwire.RowWriter, row []string) error {
	ds := make([]value.Datum, len(row))
	for i, s := range row {
		if s == "" {
			ds[i] = value.Datum{}
			continue
		}
		ds[i] = value.NewText(s)
	}
	return out.Row(ds)
}
