package term

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table writes rows under a header in aligned columns, as psql does. right marks the columns
// that are aligned at their right end; it may be shorter than header. Control characters are
// written as escapes.
func Table(out io.Writer, header []string, rows [][]string, right []bool) {
	header, rows = slices.Clone(header), slices.Clone(rows)
	for i := range header {
		header[i] = Printable(header[i])
	}
	for i, r := range rows {
		rows[i] = make([]string, len(r))
		for j := range r {
			rows[i][j] = Printable(r[j])
		}
	}
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

// Printable writes control characters as \xNN (line ends as \n), so that text from elsewhere
// cannot steer the terminal or imitate other lines.
func Printable(s string) string {
	control := func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case control(r):
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
