package term

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table writes rows under a header in aligned columns, as psql does. right marks the columns
// that are aligned at their right end; it may be shorter than header.
func Table(out io.Writer, header []string, rows [][]string, right []bool) {
	width := make([]int, len(header))
	for i, h := range header {
		width[i] = utf8.RuneCountInString(h)
	}
	for _, r := range rows {
		for i := range header {
			width[i] = max(width[i], utf8.RuneCountInString(r[i]))
		}
	}
	fmt.Fprintln(out, line(header, width, nil))
	rule := make([]string, len(width))
	for i, w := range width {
		rule[i] = strings.Repeat("-", w+2)
	}
	fmt.Fprintln(out, strings.Join(rule, "+"))
	for _, r := range rows {
		fmt.Fprintln(out, line(r, width, right))
	}
}

// line renders one row of a table.
func line(cells []string, width []int, right []bool) string {
	var b strings.Builder
	for i, w := range width {
		if i > 0 {
			b.WriteString("|")
		}
		pad := strings.Repeat(" ", w-utf8.RuneCountInString(cells[i]))
		if i < len(right) && right[i] {
			b.WriteString(" " + pad + cells[i] + " ")
		} else {
			b.WriteString(" " + cells[i] + pad + " ")
		}
	}
	return strings.TrimRight(b.String(), " ")
}
