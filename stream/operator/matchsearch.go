package operator

import (
	"weir/stream/expr"
	"weir/stream/value"
)

// The numbers of these kinds are those of plans.
type (
	// MatchPatternKind is a form of a pattern.
	MatchPatternKind uint8
	// MatchNavKind says which row a navigation reads.
	MatchNavKind uint8
	// MatchSkip says where a search goes on after a match.
	MatchSkip uint8
)

// The kinds.
const (
	MatchSymbol MatchPatternKind = 1
	MatchConcat MatchPatternKind = 2
	MatchAlt    MatchPatternKind = 3
	MatchRepeat MatchPatternKind = 4

	MatchLast       MatchNavKind = 1
	MatchFirst      MatchNavKind = 2
	MatchAggregate  MatchNavKind = 3
	MatchNumber     MatchNavKind = 4
	MatchClassifier MatchNavKind = 5

	MatchPastLast MatchSkip = 0
	MatchToNext   MatchSkip = 1
	MatchToFirst  MatchSkip = 2
	MatchToLast   MatchSkip = 3
)

// MatchPattern is a row pattern.
type MatchPattern struct {
	Kind      MatchPatternKind
	Symbol    int
	Parts     []*MatchPattern
	Min, Max  int
	Reluctant bool
}

// MatchNav is a value read from the rows of a match. Fold computes MatchAggregate from the rows
// of its symbol.
type MatchNav struct {
	Kind                       MatchNavKind
	Symbol, Col, Offset, Shift int
	Final                      bool
	Fold                       func(rows [][]value.Datum) (value.Datum, *value.Error)
}

// matchSearch looks for matches in the rows of one partition, in the order that the pattern
// prefers, by backtracking. Every step of the search counts against the bound of the context,
// since patterns can be made that take exponential time.
type matchSearch struct {
	ctx   *Context
	spec  *MatchSpec
	rows  [][]value.Datum
	at    []int // rows of the match so far
	sym   []int // and their symbols
	steps int
	errs  []matchError
	known map[matchErrorKey]bool
}

// matchError is a definition that failed on a row.
type matchError struct {
	row         int
	name, state string
}

type matchErrorKey struct{ row, symbol int }

func newMatchSearch(ctx *Context, spec *MatchSpec, rows [][]value.Datum) *matchSearch {
	return &matchSearch{ctx: ctx, spec: spec, rows: rows, known: map[matchErrorKey]bool{}}
}

// from finds the match that starts at a row and returns the row after it, -1 if there is none.
func (s *matchSearch) from(start int) int {
	s.at, s.sym = s.at[:0], s.sym[:0]
	end := -1
	s.try(s.spec.Pattern, start, func(next int) bool {
		end = next
		return true
	})
	return end
}

// try matches a pattern from row next on; then goes on with what follows, and comes back for
// another way if that fails.
func (s *matchSearch) try(p *MatchPattern, next int, then func(next int) bool) bool {
	s.steps++
	s.ctx.Bound(s.steps)
	switch p.Kind {
	case MatchSymbol:
		return s.one(p.Symbol, next, then)
	case MatchConcat:
		return s.sequence(p.Parts, next, then)
	case MatchAlt:
		for _, q := range p.Parts {
			if s.try(q, next, then) {
				return true
			}
		}
		return false
	}
	return s.repeat(p, 0, next, then)
}

func (s *matchSearch) sequence(parts []*MatchPattern, next int, then func(int) bool) bool {
	if len(parts) == 0 {
		return then(next)
	}
	return s.try(parts[0], next, func(n int) bool { return s.sequence(parts[1:], n, then) })
}

// repeat has matched the part count times.
func (s *matchSearch) repeat(p *MatchPattern, count, next int, then func(int) bool) bool {
	more := func() bool {
		return (p.Max < 0 || count < p.Max) && s.try(p.Parts[0], next, func(n int) bool {
			return s.repeat(p, count+1, n, then)
		})
	}
	if count < p.Min {
		return more()
	}
	if p.Reluctant {
		return then(next) || more()
	}
	return more() || then(next)
}

// one takes row next as a symbol if its definition and the bound in time allow that.
func (s *matchSearch) one(symbol, next int, then func(int) bool) bool {
	if next >= len(s.rows) {
		return false
	}
	if w := s.spec.Within; w > 0 && len(s.at) > 0 {
		c := s.spec.TimeCol
		if s.rows[next][c].I-s.rows[s.at[0]][c].I > w {
			return false
		}
	}
	s.at, s.sym = append(s.at, next), append(s.sym, symbol)
	if s.defined(symbol, next) && then(next+1) {
		return true
	}
	s.at, s.sym = s.at[:len(s.at)-1], s.sym[:len(s.sym)-1]
	return false
}

func (s *matchSearch) defined(symbol, at int) bool {
	e := s.spec.Defines[symbol]
	if e == nil {
		return true
	}
	d, err := expr.EvalRow(e, s.navs(0), s.ctx.Env)
	if err != nil {
		if k := (matchErrorKey{at, symbol}); !s.known[k] {
			s.known[k] = true
			s.errs = append(s.errs, matchError{at, s.spec.defineName(symbol), err.SQLState})
		}
		return false
	}
	return d.Bool()
}

// next is where the search goes on after a match from at to the row before end.
func (s *matchSearch) next(at, end int) int {
	switch s.spec.Skip {
	case MatchToNext:
		return at + 1
	case MatchToFirst, MatchToLast:
		to := -1
		for i, sym := range s.sym {
			if s.spec.covers(s.spec.SkipTo, sym) && (to < 0 || s.spec.Skip == MatchToLast) {
				to = s.at[i]
			}
		}
		if to > at { // a skip to where the match began would never end
			return to
		}
		return at + 1
	}
	return end
}

// navs reads all navigations from the rows so far.
func (s *matchSearch) navs(number int) []value.Datum {
	out := make([]value.Datum, len(s.spec.Navs))
	for i, v := range s.spec.Navs {
		switch v.Kind {
		case MatchNumber:
			out[i] = value.NewInt8(int64(number))
		case MatchClassifier:
			out[i] = value.NewText(s.spec.Symbols[s.sym[len(s.sym)-1]])
		case MatchAggregate:
			// an aggregate that fails is NULL in a definition or measure
			out[i], _ = v.Fold(s.of(v.Symbol))
		default:
			out[i] = s.nav(v)
		}
	}
	return out
}

// of returns the rows of a symbol so far; -1: of all.
func (s *matchSearch) of(symbol int) (rows [][]value.Datum) {
	for i, at := range s.at {
		if s.spec.covers(symbol, s.sym[i]) {
			rows = append(rows, s.rows[at])
		}
	}
	return rows
}

func (s *matchSearch) nav(v MatchNav) value.Datum {
	skip, step, i := v.Offset, 1, 0
	if v.Kind == MatchLast {
		step, i = -1, len(s.at)-1
	}
	for ; i >= 0 && i < len(s.at); i += step {
		if !s.spec.covers(v.Symbol, s.sym[i]) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if at := s.at[i] + v.Shift; at >= 0 && at < len(s.rows) {
			return s.rows[at][v.Col]
		}
		break
	}
	return value.NullDatum
}
