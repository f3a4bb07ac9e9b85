package sqlfuzz

import (
	"fmt"
	"strings"
)

// maxTries bounds how many smaller cases Reduce runs.
const maxTries = 3000

// Reduce makes a case smaller as long as fails says that it fails in the same way: it leaves out
// steps, changes, and pieces of the query.
func Reduce(c *Case, fails func(*Case) bool) *Case {
	tries := 0
	try := func(next *Case) bool {
		tries++
		if tries > maxTries || !fails(next) {
			return false
		}
		c = next
		return true
	}
	for again := true; again && tries < maxTries; {
		again = false
		for i := len(c.Steps) - 1; i >= 0; i-- {
			again = try(&Case{c.Seed, c.query, dropStep(c.Steps, i)}) || again
		}
		for i := range c.Steps {
			for k := len(c.Steps[i]) - 1; k >= 0; k-- {
				again = try(&Case{c.Seed, c.query, dropChange(c.Steps, i, k)}) || again
			}
		}
		for c.query.smaller(func(q *piece) bool { return try(&Case{c.Seed, q, c.Steps}) }) {
			again = true
		}
	}
	return c
}

func dropStep(steps [][]Change, i int) [][]Change {
	return append(append([][]Change(nil), steps[:i]...), steps[i+1:]...)
}

func dropChange(steps [][]Change, i, k int) [][]Change {
	out := append([][]Change(nil), steps...)
	out[i] = append(append([]Change(nil), steps[i][:k]...), steps[i][k+1:]...)
	return out
}

// String writes the case as SQL that anyone can run.
func (c *Case) String() string {
	var b strings.Builder
	b.WriteString(Schema())
	fmt.Fprintf(&b, "-- query\n%s;\n", c.Query())
	for i, step := range c.Steps {
		fmt.Fprintf(&b, "-- step %d\n", i+1)
		for _, ch := range step {
			b.WriteString(ch.Statements())
		}
	}
	return b.String()
}

// Statements is a change as SQL.
func (ch Change) Statements() string {
	text := fmt.Sprintf("DELETE FROM t%d WHERE id = %d;\n", ch.Table, ch.Key)
	if ch.Delete {
		return text
	}
	number := func(v *int64) string {
		if v == nil {
			return "NULL"
		}
		return fmt.Sprint(*v)
	}
	s := "NULL"
	if ch.S != nil {
		s = "'" + *ch.S + "'"
	}
	return text + fmt.Sprintf("INSERT INTO t%d VALUES (%d, %s, %s, %s);\n", ch.Table, ch.Key,
		number(ch.A), number(ch.B), s)
}
