package sqlfuzz

import "strings"

// sort says where a piece of SQL may stand.
type sort uint8

const (
	intExpr  sort = iota + 1
	textExpr      // of type text
	boolExpr      // a condition
	fromItem
	wholeQuery
	other // replaced by nothing
)

// piece is a piece of SQL: text with a % for each of its parts.
type piece struct {
	sort  sort
	text  string
	parts []*piece
	// list: the parts are items joined by sep, of which at least least must stay; text is then
	// not used.
	list  bool
	sep   string
	least int
	// sqlite, postgres: the system cannot run it.
	noLite, noPostgres bool
}

func lit(s sort, text string) *piece { return &piece{sort: s, text: text} }

func put(s sort, text string, parts ...*piece) *piece {
	return &piece{sort: s, text: text, parts: parts}
}

func listOf(sep string, least int, parts ...*piece) *piece {
	return &piece{sort: other, list: true, sep: sep, least: least, parts: parts}
}

// String writes the SQL.
func (p *piece) String() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *piece) write(b *strings.Builder) {
	if p.list {
		for i, q := range p.parts {
			if i > 0 {
				b.WriteString(p.sep)
			}
			q.write(b)
		}
		return
	}
	k := 0
	for _, c := range p.text {
		if c == '%' {
			p.parts[k].write(b)
			k++
			continue
		}
		b.WriteRune(c)
	}
}

// any reports whether a piece or a part of it has a property.
func (p *piece) any(has func(*piece) bool) bool {
	if has(p) {
		return true
	}
	for _, q := range p.parts {
		if q.any(has) {
			return true
		}
	}
	return false
}

// size counts pieces.
func (p *piece) size() int {
	n := 1
	for _, q := range p.parts {
		n += q.size()
	}
	return n
}

// with returns a copy in which part i is another.
func (p *piece) with(i int, part *piece) *piece {
	c := *p
	c.parts = append([]*piece(nil), p.parts...)
	c.parts[i] = part
	return &c
}

// without returns a copy of a list that lacks item i.
func (p *piece) without(i int) *piece {
	c := *p
	c.parts = append(append([]*piece(nil), p.parts[:i]...), p.parts[i+1:]...)
	return &c
}

// smallest are the pieces that any of a sort can become.
var smallest = map[sort][]*piece{
	intExpr:  {lit(intExpr, "1"), lit(intExpr, "CAST(NULL AS bigint)")},
	textExpr: {lit(textExpr, "'a'"), lit(textExpr, "CAST(NULL AS text)")},
	boolExpr: {lit(boolExpr, "true"), lit(boolExpr, "false")},
}

// smaller calls try with every piece that is a step smaller, larger cuts first, until try takes
// one; it reports whether one was taken.
func (p *piece) smaller(try func(*piece) bool) bool {
	for _, s := range smallest[p.sort] {
		if p.size() > 1 && try(s) {
			return true
		}
	}
	if p.sort != other {
		found := false
		p.inner(p.sort, func(q *piece) { found = found || try(q) })
		if found {
			return true
		}
	}
	if p.list && len(p.parts) > p.least {
		for i := range p.parts {
			if try(p.without(i)) {
				return true
			}
		}
	}
	for i, q := range p.parts {
		if q.smaller(func(r *piece) bool { return try(p.with(i, r)) }) {
			return true
		}
	}
	return false
}

// inner visits the nearest pieces of a sort below p.
func (p *piece) inner(s sort, visit func(*piece)) {
	for _, q := range p.parts {
		if q.sort == s {
			visit(q)
		} else {
			q.inner(s, visit)
		}
	}
}
