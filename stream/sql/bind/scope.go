package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/value"
)

// column is a column that expressions can name.
type column struct {
	table, name string
	typ         value.Type
	index       int  // in the rows of the plan
	hidden      bool // named explicitly only
	merged      bool // the right side of a USING column: found only with its table's name

	optional bool // on the nullable side of an outer join
	marker   bool // true in each row of the item (see marked); it has no name
	joined   bool // of a join with an alias, whose row is never NULL
	sole     bool // of a function of one value, which is its row
}

// scope is what the names of an expression can mean.
type scope struct {
	cols   []column
	tables []string // names of FROM items, in order
	star   []int    // indexes of cols that * shows, in its order
	outer  *scope   // of the query around, whose names are seen too; nil: none
	space  *space   // the rows that the columns are of; nil: subqueries cannot stand here
}

// space is what columns are numbered in: the items of a FROM clause side by side, or the rows
// that came of them. Columns of an enclosing query are known by their space.
type space struct {
	width      int // columns of a FROM clause so far
	subqueries int // that stand in expressions over it
}

// find resolves a column reference: in its own query, else in the queries around it.
func (b *binder) find(sc *scope, ref *ast.ColumnRef) (scalar, error) {
	at := ref.Location()
	parts, star := nameParts(ref.Fields)
	if star {
		return scalar{}, b.errorf(at, stateSyntax, "* is only allowed in a select list")
	}
	table, name := "", parts[len(parts)-1]
	switch {
	case len(parts) == 2:
		table = parts[0]
	case len(parts) > 2:
		return scalar{}, b.unsupported(at, "names with a schema are", "")
	}
	for level := sc; level != nil; level = level.outer {
		if table != "" && !level.has(table) {
			continue
		}
		found, err := b.findIn(level, at, table, name)
		switch {
		case err != nil:
			return scalar{}, err
		case found >= 0 && level == sc:
			return sc.cols[found].scalar(at), nil
		case found >= 0:
			return b.outerColumn(level, level.cols[found], at)
		case table != "":
			return scalar{}, b.noColumn(level, at, table, name)
		}
	}
	if s, ok, err := b.wholeRow(sc, name, at); ok && table == "" {
		return s, err
	}
	if table != "" {
		return scalar{}, b.errorf(at, stateNoTable, "missing FROM-clause entry for table %q", table)
	}
	return scalar{}, b.noColumn(sc, at, table, name)
}

// findIn returns the number of a column among those of one query, -1 if there is none.
func (b *binder) findIn(sc *scope, at int, table, name string) (int, error) {
	found := -1
	for i, c := range sc.cols {
		if c.name != name || table != "" && c.table != table || table == "" && c.merged {
			continue
		}
		// Hidden columns of several streams are ambiguous as any others are.
		if found >= 0 {
			return 0, b.errorf(at, stateAmbiguousColumn, "column reference %q is ambiguous", name)
		}
		found = i
	}
	return found, nil
}

func (sc *scope) has(table string) bool {
	for _, t := range sc.tables {
		if t == table {
			return true
		}
	}
	return false
}

// noColumn says that a column does not exist, with the nearest name as a hint.
func (b *binder) noColumn(sc *scope, at int, table, name string) error {
	full := name
	if table != "" {
		full = table + "." + name
	}
	e := b.errorf(at, stateNoColumn, "column %q does not exist", full)
	if table != "" {
		e.Message = "column " + full + " does not exist"
	}
	best, dist := "", len(name)/2+1
	for _, c := range sc.cols {
		if table != "" && c.table != table || c.hidden {
			continue
		}
		if d := distance(name, c.name); d < dist {
			best, dist = c.table+"."+c.name, d
		}
	}
	if best != "" {
		e.Hint = "Perhaps you meant to reference the column \"" + strings.TrimPrefix(best, ".") + "\"."
	}
	return e
}

// distance is the Levenshtein distance of two names.
func distance(a, b string) int {
	if len(a) > 63 || len(b) > 63 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// nameParts returns the parts of a dotted name, and whether it ends in a star.
func nameParts(fields *ast.NodeList) (parts []string, star bool) {
	if fields == nil {
		return []string{""}, false
	}
	for _, f := range fields.Items {
		switch f := f.(type) {
		case *ast.String:
			parts = append(parts, f.SVal)
		case *ast.A_Star:
			star = true
		}
	}
	if len(parts) == 0 && !star {
		parts = []string{""}
	}
	return parts, star
}

// remapped returns a scope whose columns lie elsewhere, in rows of their own.
func (sc *scope) remapped(pos func(int) int) *scope {
	out := &scope{
		tables: sc.tables, star: sc.star, outer: sc.outer, space: &space{},
		cols: make([]column, len(sc.cols)),
	}
	for i, c := range sc.cols {
		c.index = pos(c.index)
		out.cols[i] = c
	}
	return out
}

// concat puts the columns of two scopes side by side.
func concat(l, r *scope) *scope {
	out := &scope{
		tables: append(append([]string(nil), l.tables...), r.tables...),
		cols:   append(append([]column(nil), l.cols...), r.cols...),
		star:   append([]int(nil), l.star...),
		outer:  l.outer, space: l.space,
	}
	for _, i := range r.star {
		out.star = append(out.star, len(l.cols)+i)
	}
	return out
}
