package parse

import (
	"github.com/multigres/multigres/go/common/parser"
	"github.com/multigres/multigres/go/common/parser/ast"
)

// cutMatch takes MATCH_RECOGNIZE (...) out, wherever it stands; the item of FROM before it stays.
func (c *cutter) cutMatch() error {
	for i := 1; i+1 < len(c.toks); i++ {
		if !c.words(i, "match_recognize") || !c.punct(i+1, '(') {
			continue
		}
		end := c.closing(i + 1)
		if end < 0 {
			continue // the grammar will say what is wrong
		}
		m := Match{At: c.toks[i].start, Of: c.toks[c.itemBefore(i)].start}
		r := matchReader{c: c, at: i + 2, end: end, m: &m}
		if err := r.read(); err != nil {
			return err
		}
		c.clauses.Matches = append(c.clauses.Matches, m)
		c.cut(i, end+1)
		i--
	}
	return nil
}

// itemBefore returns the first token of the item of FROM that ends before token i: a name with a
// schema, or something in parentheses, with the name of a function before them.
func (c *cutter) itemBefore(i int) int {
	at := i - 1
	if c.punct(at, ')') {
		depth := 0
		for ; at > 0; at-- {
			if c.punct(at, ')') {
				depth++
			} else if c.punct(at, '(') {
				if depth--; depth == 0 {
					break
				}
			}
		}
		if at > 0 && c.toks[at-1].kind == parser.IDENT {
			at--
		}
		return at
	}
	for at > 1 && c.punct(at-1, '.') {
		at -= 2
	}
	return at
}

// matchReader reads the clauses in their order.
type matchReader struct {
	c       *cutter
	at, end int
	m       *Match
}

func (r *matchReader) words(w ...string) bool {
	if r.at+len(w) > r.end || !r.c.words(r.at, w...) {
		return false
	}
	r.at += len(w)
	return true
}

func (r *matchReader) read() (err error) {
	if r.words("partition", "by") {
		if r.m.PartitionBy, err = r.list(); err != nil {
			return err
		}
	}
	if !r.words("order", "by") {
		return r.wrong("MATCH_RECOGNIZE needs ORDER BY the time of its rows")
	}
	if r.m.OrderBy, err = r.list(); err != nil {
		return err
	}
	if r.words("measures") {
		if r.m.Measures, err = r.named(false); err != nil {
			return err
		}
	}
	if err := r.rows(); err != nil {
		return err
	}
	if r.words("after", "match", "skip") {
		if err := r.skip(); err != nil {
			return err
		}
	}
	if !r.words("pattern") {
		return r.wrong("MATCH_RECOGNIZE needs a PATTERN")
	}
	if err := r.pattern(); err != nil {
		return err
	}
	if r.words("subset") {
		if err := r.subsets(); err != nil {
			return err
		}
	}
	if r.words("define") {
		if r.m.Defines, err = r.named(true); err != nil {
			return err
		}
	}
	if r.at != r.end {
		return r.c.syntax(r.at)
	}
	return nil
}

// rows reads ONE ROW PER MATCH or ALL ROWS PER MATCH. No match is empty, so that what is said about
// empty ones changes nothing.
func (r *matchReader) rows() error {
	if r.words("all", "rows", "per", "match") {
		r.m.AllRows = true
		if r.c.words(r.at, "with", "unmatched") {
			return r.unsupported("WITH UNMATCHED ROWS is not supported",
				"Join the matches with the rows to find those without a match.")
		}
		_ = r.words("show", "empty", "matches") || r.words("omit", "empty", "matches")
		return nil
	}
	r.words("one", "row", "per", "match")
	return nil
}

// subsets reads S = (A, B), T = (C) behind SUBSET.
func (r *matchReader) subsets() (err error) {
	for {
		s := Subset{}
		if s.Name, err = r.c.name(r.at); err != nil {
			return err
		}
		if !r.c.punct(r.at+1, '=') || !r.c.punct(r.at+2, '(') {
			return r.c.syntax(r.at + 1)
		}
		for r.at += 2; !r.c.punct(r.at, ')'); r.at++ {
			if len(s.Symbols) > 0 && !r.c.punct(r.at, ',') {
				return r.c.syntax(r.at)
			}
			r.at++
			symbol, err := r.c.name(r.at)
			if err != nil || r.at >= r.end {
				return r.c.syntax(r.at)
			}
			s.Symbols = append(s.Symbols, symbol)
			if r.c.punct(r.at+1, ')') {
				r.at++
				break
			}
		}
		r.m.Subsets = append(r.m.Subsets, s)
		if r.at++; !r.c.punct(r.at, ',') {
			return nil
		}
		r.at++
	}
}

func (r *matchReader) wrong(message string) error {
	return &Error{
		SQLState: stateSyntax, Message: message,
		Position: position(r.c.source, r.c.toks[min(r.at, r.end)].start),
	}
}

func (r *matchReader) unsupported(message, hint string) error {
	return &Error{
		SQLState: "0A000", Message: message, Hint: hint,
		Position: position(r.c.source, r.c.toks[r.at].start),
	}
}

// clauseWords begin the clauses of MATCH_RECOGNIZE.
var clauseWords = [...]string{
	"partition", "order", "measures", "one", "all", "after", "pattern", "within", "subset", "define",
}

// piece returns the end of the list element at r.at: a comma or the next clause.
func (r *matchReader) piece() int {
	depth := 0
	for i := r.at; i < r.end; i++ {
		t := r.c.toks[i]
		switch {
		case t.punct('('):
			depth++
		case t.punct(')'):
			depth--
		case depth > 0:
		case t.punct(','):
			return i
		default:
			for _, w := range clauseWords {
				if i > r.at && t.is(w) && !r.c.words(i-1, "as") && !r.c.punct(i-1, '.') {
					return i
				}
			}
		}
	}
	return r.end
}

// list reads expressions; ASC may follow each.
func (r *matchReader) list() (out []ast.Node, err error) {
	for {
		end := r.piece()
		last := end
		if last > r.at && r.c.words(last-1, "asc") {
			last--
		}
		if last <= r.at {
			return nil, r.c.syntax(r.at)
		}
		if r.c.words(last-1, "desc") {
			r.at = last - 1
			return nil, r.unsupported("descending order in MATCH_RECOGNIZE is not supported", "")
		}
		e, err := r.c.expression(r.c.toks[r.at:last])
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if r.at = end; !r.c.punct(r.at, ',') || r.at >= r.end {
			return out, nil
		}
		r.at++
	}
}

// named reads expression AS name, or with first name AS expression.
func (r *matchReader) named(first bool) (out []NamedExpr, err error) {
	for {
		end := r.piece()
		from, to, as, name := r.at, end-2, end-2, end-1
		if first {
			from, to, as, name = r.at+2, end, r.at+1, r.at
		}
		if end-r.at < 3 || !r.c.words(as, "as") {
			return nil, r.c.syntax(min(end, r.end))
		}
		n := NamedExpr{}
		if n.Name, err = r.c.name(name); err != nil {
			return nil, err
		}
		if n.Expr, n.Final, err = r.semantics(from, to, first); err != nil {
			return nil, err
		}
		out = append(out, n)
		if r.at = end; !r.c.punct(r.at, ',') || r.at >= r.end {
			return out, nil
		}
		r.at++
	}
}

// semantics reads an expression in which RUNNING and FINAL may stand before functions, or before
// the column that is all of it. A condition has no FINAL.
func (r *matchReader) semantics(from, to int, condition bool) (e ast.Node, final []int, err error) {
	toks := make([]token, 0, to-from)
	var drop []token
	for i := from; i < to; i++ {
		is := r.c.words(i, "running") || r.c.words(i, "final") && !condition
		call := i+2 < to && r.c.toks[i+1].word() && r.c.punct(i+2, '(')
		if !is || !call && (i > from || i+1 >= to || !r.c.toks[i+1].word()) {
			toks = append(toks, r.c.toks[i])
			continue
		}
		drop = append(drop, r.c.toks[i])
		if r.c.words(i, "final") {
			final = append(final, r.c.toks[i+1].start)
		}
	}
	e, err = r.c.expression(toks, drop...)
	return e, final, err
}

// skip reads what follows AFTER MATCH SKIP.
func (r *matchReader) skip() (err error) {
	switch {
	case r.words("past", "last", "row"):
		return nil
	case r.words("to", "next", "row"):
		r.m.Skip = SkipToNext
		return nil
	case r.words("to", "first"):
		r.m.Skip = SkipToFirst
	case r.words("to", "last"), r.words("to"):
		r.m.Skip = SkipToLast
	default:
		return r.c.syntax(r.at)
	}
	r.m.SkipTo, err = r.c.name(r.at)
	r.at++
	return err
}

// pattern reads PATTERN (...) [WITHIN interval].
func (r *matchReader) pattern() (err error) {
	close := r.c.closing(r.at)
	if !r.c.punct(r.at, '(') || close < 0 || close >= r.end {
		return r.c.syntax(r.at)
	}
	p := patternReader{c: r.c, toks: r.c.toks[r.at+1 : close], after: close}
	if r.m.Pattern, err = p.read(); err != nil {
		return err
	}
	r.at = close + 1
	if !r.words("within") {
		return nil
	}
	end := r.piece()
	if end <= r.at {
		return r.c.syntax(r.at)
	}
	r.m.Within, err = r.c.expression(r.c.toks[r.at:end])
	r.at = end
	return err
}
