package sql_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// queryGen draws random queries over the tables r, s and t, each (id, a, b, c) of integers, of
// which id is the key and never NULL.
type queryGen struct {
	*rand.Rand
	full  bool // also LATERAL, ANY, ALL, LIMIT, set operations, many rows for a scalar
	names int
	subs  int
}

// source is a table in scope: its alias and columns.
type source struct {
	alias string
	cols  []string
}

func (g *queryGen) alias() string {
	g.names++
	return fmt.Sprintf("q%d", g.names)
}

func (g *queryGen) one(list ...string) string { return list[g.IntN(len(list))] }

// column draws a column of a scope, most often of the innermost sources.
func (g *queryGen) column(scope []source) string {
	if len(scope) == 0 {
		return fmt.Sprint(g.IntN(4))
	}
	s := scope[len(scope)-1-min(g.IntN(len(scope)), g.IntN(len(scope)))]
	return s.alias + "." + s.cols[g.IntN(len(s.cols))]
}

// term is an integer.
func (g *queryGen) term(scope []source, depth int) string {
	switch n := g.IntN(12); {
	case n < 7:
		return g.column(scope)
	case n < 8:
		return fmt.Sprint(g.IntN(4))
	case n < 9:
		return "(" + g.column(scope) + " + " + g.column(scope) + ")"
	case n < 10:
		return "coalesce(" + g.column(scope) + ", " + g.column(scope) + ")"
	case depth > 0:
		return g.scalar(scope, depth-1)
	}
	return g.column(scope)
}

// scalar is a subquery with a value.
func (g *queryGen) scalar(scope []source, depth int) string {
	if g.subs++; g.subs > 8 {
		return g.column(scope)
	}
	from, in := g.from(scope, depth)
	all := append(append([]source(nil), scope...), in...)
	where := g.where(all, depth)
	switch n := g.IntN(10); {
	case n < 2:
		return "(SELECT count(*) FROM " + from + where + ")"
	case n < 7:
		fn := g.one("sum", "min", "max", "count")
		out := fn + "(" + g.column(in) + ")"
		if g.IntN(4) == 0 {
			out += " + " + g.column(scope)
		}
		having := ""
		if g.IntN(5) == 0 {
			having = " HAVING count(*) > " + fmt.Sprint(g.IntN(3))
		}
		return "(SELECT " + out + " FROM " + from + where + having + ")"
	case n < 8 && g.full && g.IntN(3) == 0: // may have several rows
		return "(SELECT " + g.term(all, 0) + " FROM " + from + where + ")"
	case n < 9:
		c := g.column(in)
		return "(SELECT " + c + " FROM " + from + where + " ORDER BY " + c + g.one("", " DESC") +
			" NULLS LAST LIMIT 1" + g.one("", " OFFSET 1") + ")"
	}
	q := g.alias()
	return fmt.Sprintf("(SELECT %s.a FROM s AS %s WHERE %s.id = %s)", q, q, q, g.column(scope))
}

// cond is a condition.
func (g *queryGen) cond(scope []source, depth int) string {
	if depth == 0 || g.IntN(3) == 0 || g.subs > 8 {
		return g.compare(scope, 0)
	}
	switch n := g.IntN(12); {
	case n < 2:
		return g.compare(scope, depth)
	case n < 3:
		return "(" + g.cond(scope, depth-1) + " AND " + g.cond(scope, depth-1) + ")"
	case n < 4:
		return "(" + g.cond(scope, depth-1) + " OR " + g.cond(scope, depth-1) + ")"
	case n < 5:
		return "NOT (" + g.cond(scope, depth-1) + ")"
	case n < 7:
		return g.one("", "NOT ") + "EXISTS (" + g.sub(scope, depth-1, 1) + ")"
	case n < 10:
		return g.term(scope, 0) + g.one(" IN (", " NOT IN (") + g.sub(scope, depth-1, 1) + ")"
	case n < 11:
		return "(" + g.term(scope, 0) + ", " + g.term(scope, 0) + ")" + g.one(" IN (", " NOT IN (") +
			g.sub(scope, depth-1, 2) + ")"
	case g.full:
		return g.term(scope, 0) + g.one(" < ", " >= ", " = ", " <> ") + g.one("ANY", "ALL", "SOME") +
			" (" + g.sub(scope, depth-1, 1) + ")"
	}
	return g.compare(scope, depth)
}

func (g *queryGen) compare(scope []source, depth int) string {
	switch g.IntN(8) {
	case 0:
		return g.term(scope, depth) + g.one(" IS NULL", " IS NOT NULL")
	case 1:
		return g.column(scope) + g.one(" < ", " <> ", " >= ") + g.term(scope, depth)
	}
	return g.column(scope) + " = " + g.term(scope, depth)
}

func (g *queryGen) where(scope []source, depth int) string {
	n := g.IntN(3)
	if n == 0 {
		return ""
	}
	list := []string{g.cond(scope, depth)}
	for range n - 1 {
		list = append(list, g.cond(scope, min(depth, 1)))
	}
	return " WHERE " + strings.Join(list, " AND ")
}

// sub is a query of some columns that may read its scope.
func (g *queryGen) sub(scope []source, depth, width int) string {
	g.subs++
	from, in := g.from(scope, depth)
	all := append(append([]source(nil), scope...), in...)
	outs := make([]string, width)
	for i := range outs {
		outs[i] = g.term(all, 0)
	}
	list := strings.Join(outs, ", ")
	text := "SELECT " + g.one("", "", "DISTINCT ") + list + " FROM " + from + g.where(all, depth)
	switch n := g.IntN(12); {
	case n == 0:
		text = "SELECT " + strings.Join(g.columns(in, width), ", ") + " FROM " + from +
			g.where(all, depth) + " GROUP BY " + strings.Join(g.columns(in, 0), ", ")
	case n == 1 && g.full:
		order := make([]string, width)
		for i := range order {
			order[i] = fmt.Sprint(i + 1)
		}
		text += " ORDER BY " + strings.Join(order, ", ") + fmt.Sprintf(" LIMIT %d", 1+g.IntN(3))
	case n < 4 && g.full && depth > 0:
		text = "(" + text + ")" + g.setWord() + "(" + g.sub(scope, depth-1, width) + ")"
	}
	return text
}

// columns are the first columns of the first source, all three for width 0.
func (g *queryGen) columns(in []source, width int) []string {
	if width == 0 {
		width = len(in[0].cols)
	}
	out := make([]string, width)
	for i := range out {
		out[i] = in[0].alias + "." + in[0].cols[i]
	}
	return out
}

func (g *queryGen) setWord() string {
	words := []string{" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT "}
	if g.full {
		words = append(words, " INTERSECT ALL ", " EXCEPT ALL ")
	}
	return g.one(words...)
}

// from is a FROM clause of one to three items.
func (g *queryGen) from(scope []source, depth int) (string, []source) {
	text, in := g.item(scope, nil, depth)
	for g.IntN(3) == 0 && len(in) < 3 {
		lateral := in
		word := g.one(" JOIN ", " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", ", ")
		if word == " RIGHT JOIN " || word == " FULL JOIN " {
			lateral = nil
		}
		next, more := g.item(scope, lateral, depth)
		in = append(append([]source(nil), in...), more...)
		if text += word + next; word == ", " {
			continue
		}
		on := g.column(in[:len(in)-1]) + " = " + g.column(more)
		if g.IntN(3) == 0 && word != " FULL JOIN " {
			on += " AND " + g.compare(in, 0)
		}
		text += " ON " + on
	}
	return text, in
}

// item is a table or a query.
func (g *queryGen) item(scope, left []source, depth int) (string, []source) {
	q := g.alias()
	if depth > 0 && g.IntN(4) == 0 && g.subs < 8 {
		cols := []string{"x", "y"}
		lateral := ""
		seen := scope
		if g.full && len(left) > 0 && g.IntN(2) == 0 {
			lateral = "LATERAL "
			seen = append(append([]source(nil), scope...), left...)
		}
		if g.full {
			return lateral + "(" + g.sub(seen, depth-1, 2) + ") AS " + q + " (x, y)",
				[]source{{q, cols}}
		}
		text := "(SELECT z.a AS x, z.b AS y FROM s AS z" + g.where([]source{{"z", tableCols}}, 0) + ")"
		return text + " AS " + q, []source{{q, cols}}
	}
	return g.one("r", "s", "t") + " AS " + q, []source{{q, tableCols}}
}

var tableCols = []string{"a", "b", "c", "id"}

// query is a whole query.
func (g *queryGen) query() string {
	depth := 2
	from, in := g.from(nil, depth)
	if g.IntN(4) == 0 {
		key := g.column(in)
		text := "SELECT " + key + ", count(*), " + g.one("sum", "max") + "(" + g.column(in) + ")"
		if g.IntN(2) == 0 {
			text += ", " + g.scalar([]source{{key[:strings.Index(key, ".")], []string{
				key[strings.Index(key, ".")+1:],
			}}}, 1)
		}
		text += " FROM " + from + g.where(in, 1) + " GROUP BY " + key
		if g.IntN(3) == 0 {
			text += " HAVING count(*) > " + g.scalar(nil, 0)
		}
		return text
	}
	outs := []string{g.term(in, depth), g.term(in, 1)}
	if g.IntN(2) == 0 {
		outs = append(outs, "CAST(("+g.cond(in, depth)+") AS integer)")
	}
	text := "SELECT " + g.one("", "", "DISTINCT ") + strings.Join(outs, ", ") + " FROM " + from +
		g.where(in, depth)
	if g.IntN(6) == 0 && len(outs) == 2 {
		text += g.setWord() + "SELECT a, b FROM " + g.one("r", "s", "t")
	}
	return text
}
