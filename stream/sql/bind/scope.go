package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/value"
)

// column is a column that expressions can name.
type column struct {
	table, name string
	typ         value.Type
	index       int  // in the rows of the plan
	hidden      bool // named explicitly only
	merged      bool // the right side of a USING column: found only with its table's name
}

// scope is what the names of an expression can mean.
type scope struct {
	cols   []column
	tables []string // names of FROM items, in order
	star   []int    // indexes of cols that * shows, in its order
}

// find resolves a column reference.
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
		if !sc.has(table) {
			return scalar{}, b.errorf(at, stateNoTable,
				"missing FROM-clause entry for table %q", table)
		}
	case len(parts) > 2:
		return scalar{}, b.unsupported(at, "names with a schema are", "")
	}
	found := -1
	for i, c := range sc.cols {
		if c.name != name || table != "" && c.table != table || table == "" && c.merged {
			continue
		}
		// Hidden columns of several streams are ambiguous as any others are.
		if found >= 0 {
			return scalar{}, b.errorf(at, stateAmbiguousColumn,
				"column reference %q is ambiguous", name)
		}
		found = i
	}
	if found < 0 {
		return scalar{}, b.noColumn(sc, at, table, name)
	}
	c := sc.cols[found]
	return scalar{e: expr.Column{Index: c.index, T: c.typ}, at: at}, nil
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

// remapped returns a scope whose columns lie elsewhere in the rows.
func (sc *scope) remapped(pos func(int) int) *scope {
	out := &scope{tables: sc.tables, star: sc.star, cols: make([]column, len(sc.cols))}
	for i, c := range sc.cols {
		c.index = pos(c.index)
		out.cols[i] = c
	}
	return out
}
