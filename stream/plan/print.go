package plan

import "strings"

// Print writes a plan as an indented tree, one node a line, as EXPLAIN shows it.
func Print(n Node) string {
	var b strings.Builder
	printNode(&b, n, 0)
	return b.String()
}

func printNode(b *strings.Builder, n Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(n.describe())
	b.WriteByte('\n')
	for _, c := range n.Children() {
		printNode(b, c, depth+1)
	}
}

// Describe is the line of one node in EXPLAIN.
func Describe(n Node) string { return n.describe() }

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
