package plan

import (
	"fmt"
	"strings"

	"weir/stream/expr"
)

// Print writes a plan as an indented tree, one node a line, as EXPLAIN shows it.
func Print(n Node) string {
	var b strings.Builder
	printNode(&b, n, 0)
	return b.String()
}

func printNode(b *strings.Builder, n Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(describe(n))
	b.WriteByte('\n')
	for _, c := range n.Children() {
		printNode(b, c, depth+1)
	}
}

// describe is the line of one node.
func describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return "Scan " + scanName(n) + " [" + strings.Join(names(n.Fields), ", ") + "]"
	case *Filter:
		return "Filter " + expr.Print(n.Pred, names(n.Input.Schema()))
	case *Project:
		return "Project " + projectList(n)
	case *Window:
		return windowText(n)
	case *Aggregate:
		return aggregateText(n)
	case *EmitOnClose:
		return "EmitOnClose " + n.Input.Schema()[n.WindowEnd].Name
	case *Join:
		return joinText(n)
	case *UnionAll:
		return "UnionAll"
	case *Values:
		return fmt.Sprintf("Values %d rows [%s]", len(n.Rows), strings.Join(names(n.Fields), ", "))
	case *Sort:
		return sortText(n)
	default:
		return "?"
	}
}

func names(fields []Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

func pick(fields []Field, cols []int) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = fields[c].Name
	}
	return out
}

func scanName(n *Scan) string {
	if n.Name == "" {
		return fmt.Sprintf("#%d", n.Relation)
	}
	return n.Name
}

func projectList(n *Project) string {
	in := names(n.Input.Schema())
	list := make([]string, len(n.Exprs))
	for i, e := range n.Exprs {
		list[i] = expr.Print(e, in)
		if list[i] != n.Names[i] {
			list[i] += " AS " + n.Names[i]
		}
		if n.Hide != nil && n.Hide[i] {
			list[i] += " (hidden)"
		}
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func windowText(n *Window) string {
	kind := map[WindowKind]string{Tumble: "tumble", Hop: "hop", Cumulate: "cumulate"}[n.Kind]
	text := fmt.Sprintf("Window %s(%s, size %s", kind, n.Input.Schema()[n.TimeCol].Name,
		seconds(n.SizeMicros))
	if n.Kind != Tumble {
		text += ", step " + seconds(n.SlideMicros)
	}
	if n.OffsetMicros != 0 {
		text += ", offset " + seconds(n.OffsetMicros)
	}
	return text + ")"
}

// seconds writes microseconds as seconds.
func seconds(micros int64) string {
	s := fmt.Sprintf("%d.%06d", micros/1_000_000, micros%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "s"
}

var aggNames = map[AggFunc]string{
	CountStar: "count", Count: "count", Sum: "sum", Min: "min", Max: "max", Avg: "avg",
}

func aggregateText(n *Aggregate) string {
	in := n.Input.Schema()
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		arg := "*"
		if c.Arg >= 0 {
			arg = in[c.Arg].Name
		}
		if c.Distinct {
			arg = "DISTINCT " + arg
		}
		calls[i] = aggNames[c.Func] + "(" + arg + ")"
		if c.Filter >= 0 {
			calls[i] += " FILTER (" + in[c.Filter].Name + ")"
		}
		if name := n.Names[len(n.GroupBy)+i]; name != calls[i] {
			calls[i] += " AS " + name
		}
	}
	text := "Aggregate"
	if len(n.GroupBy) > 0 {
		text += " by [" + strings.Join(pick(in, n.GroupBy), ", ") + "]"
	}
	if len(calls) > 0 {
		text += " [" + strings.Join(calls, ", ") + "]"
	}
	return text
}

func joinText(n *Join) string {
	l, r := pick(n.Left.Schema(), n.LeftKeys), pick(n.Right.Schema(), n.RightKeys)
	on := make([]string, len(l))
	for i := range l {
		on[i] = l[i] + " = " + r[i]
	}
	text := "Join on " + strings.Join(on, ", ")
	if n.Residual != nil {
		text += " where " + expr.Print(n.Residual, names(n.Schema()))
	}
	return text
}

func sortText(n *Sort) string {
	fields := n.Input.Schema()
	keys := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = fields[k.Col].Name
		if k.Desc {
			keys[i] += " DESC"
		}
		if k.NullsFirst != k.Desc { // PostgreSQL's default: last, first when descending
			keys[i] += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		}
	}
	text := "Sort [" + strings.Join(keys, ", ") + "]"
	if n.Limit >= 0 {
		text += fmt.Sprintf(" limit %d", n.Limit)
	}
	if n.Offset > 0 {
		text += fmt.Sprintf(" offset %d", n.Offset)
	}
	return text
}
