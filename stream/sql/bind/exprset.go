package bind

import "weir/stream/expr"

// exprSet numbers expressions; equal ones have one number. It compares encodings, so that many
// expressions cost no more than their size.
type exprSet struct {
	list []expr.Expr
	at   map[string]int
}

// find returns the number of an expression, -1 if it has none.
func (s *exprSet) find(e expr.Expr) int {
	if len(s.at) == 0 {
		return -1
	}
	if i, ok := s.at[string(expr.AppendExpr(nil, e))]; ok {
		return i
	}
	return -1
}

// add returns the number of an expression, and whether it is new.
func (s *exprSet) add(e expr.Expr) (int, bool) {
	key := string(expr.AppendExpr(nil, e))
	if i, ok := s.at[key]; ok {
		return i, false
	}
	if s.at == nil {
		s.at = map[string]int{}
	}
	s.at[key] = len(s.list)
	s.list = append(s.list, e)
	return len(s.list) - 1, true
}
