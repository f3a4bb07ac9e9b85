package access

import (
	"bytes"
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/index"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// Access is a scan of a stored relation and the keys that it needs: Lo <= key < Hi.
type Access struct {
	Scan   *plan.Scan
	Lo, Hi []byte

	found []limit // by column of the scan
}

// Of returns the stored scans of a plan from left to right, each with its range. The range is
// the whole relation unless filters directly above the scan (projections of plain columns may
// lie between) fix the leading key columns by equality with constants; a comparison of the next
// key column with constants narrows it further. Scans of logs are left out.
func Of(n plan.Node) []Access { return walk(nil, n, nil) }

// walk collects accesses; above holds the filters and projections over n, nearest last.
func walk(out []Access, n plan.Node, above []plan.Node) []Access {
	switch n := n.(type) {
	case *plan.Scan:
		if !n.Stored {
			return out
		}
		found := limits(n, above)
		lo, hi := keyRange(n, found)
		return append(out, Access{n, lo, hi, found})
	case *plan.Filter:
		return walk(out, n.Input, append(above, n))
	case *plan.Project:
		return walk(out, n.Input, append(above, n))
	}
	for _, c := range n.Children() {
		out = walk(out, c, nil)
	}
	return out
}

// limit is what the filters say about one column: lo and hi are where its values lie between, nil
// for no bound; point is the key part of the one value that passes, null says that NULL does.
type limit struct {
	lo, hi *index.Edge
	point  []byte
	null   bool
}

// limits reads the filters from the scan upwards until an expression that can fail.
func limits(scan *plan.Scan, above []plan.Node) []limit {
	found := make([]limit, len(scan.Fields))
	at := make([]int, len(scan.Fields)) // the scan's column of each column at hand, or -1
	for i := range at {
		at[i] = i
	}
	for _, n := range slices.Backward(above) {
		switch n := n.(type) {
		case *plan.Filter:
			for _, c := range conjuncts(n.Pred, nil) {
				if !safe(c) {
					return found
				}
				note(found, scan, at, c)
			}
		case *plan.Project:
			next := make([]int, len(n.Exprs))
			for i, e := range n.Exprs {
				if !safe(e) {
					return found
				}
				next[i] = -1
				if c, ok := e.(expr.Column); ok {
					next[i] = at[c.Index]
				}
			}
			at = next
		}
	}
	return found
}

// conjuncts flattens AND, left to right.
func conjuncts(e expr.Expr, out []expr.Expr) []expr.Expr {
	and, ok := e.(*expr.And)
	if !ok {
		return append(out, e)
	}
	for _, a := range and.Args {
		out = conjuncts(a, out)
	}
	return out
}

// harmless are the functions that have a result for every argument of their types.
const harmless = " eq ne lt le gt ge is_distinct is_not_distinct not is_null is_not_null" +
	" is_true is_not_true is_false is_not_false is_unknown is_not_unknown "

// safe reports whether evaluating e cannot raise a scalar error.
func safe(e expr.Expr) bool {
	var args []expr.Expr
	switch e := e.(type) {
	case expr.Column, expr.Const:
		return true
	case *expr.And:
		args = e.Args
	case *expr.Or:
		args = e.Args
	case *expr.Coalesce:
		args = e.Args
	case *expr.Call:
		if !strings.Contains(harmless, " "+function(e)+" ") {
			return false
		}
		args = e.Args
	default:
		return false
	}
	return !slices.ContainsFunc(args, func(a expr.Expr) bool { return !safe(a) })
}

// function is the name of a call without its argument kinds.
func function(c *expr.Call) string {
	name, _, _ := strings.Cut(string(c.Fn), "(")
	return name
}

// mirrored is the comparison with its sides swapped.
func mirrored(op string) string {
	switch op {
	case "lt":
		return "gt"
	case "le":
		return "ge"
	case "gt":
		return "lt"
	case "ge":
		return "le"
	}
	return op
}

// note narrows a column's limit by a conjunct that compares it with a constant of its kind.
func note(found []limit, scan *plan.Scan, at []int, e expr.Expr) {
	call, ok := e.(*expr.Call)
	if !ok || len(call.Args) == 0 {
		return
	}
	op := function(call)
	if col, ok := call.Args[0].(expr.Column); ok && op == "is_null" && at[col.Index] >= 0 {
		found[at[col.Index]].null = true
	}
	if len(call.Args) != 2 {
		return
	}
	col, isCol := call.Args[0].(expr.Column)
	con, isCon := call.Args[1].(expr.Const)
	if !isCol || !isCon {
		col, isCol = call.Args[1].(expr.Column)
		con, isCon = call.Args[0].(expr.Const)
		op = mirrored(op)
	}
	if !isCol || !isCon || at[col.Index] < 0 {
		return
	}
	i := at[col.Index]
	if kind := scan.Fields[i].Type.Kind; col.T.Kind != kind || con.D.Kind != kind {
		return // also a NULL constant
	}
	found[i].add(op, con.D)
}

// add narrows the limit by "column op d".
func (l *limit) add(op string, d value.Datum) {
	part := row.AppendKeyDatum(nil, d)
	switch op {
	case "eq":
		l.point = part
	case "gt":
		l.raise(index.Edge{Part: part, Past: true})
	case "ge":
		l.raise(index.Edge{Part: part})
	case "lt":
		l.lower(index.Edge{Part: part})
	case "le":
		l.lower(index.Edge{Part: part, Past: true})
	}
}

func (l *limit) raise(lo index.Edge) {
	if l.lo == nil || bytes.Compare(lo.Bytes(), l.lo.Bytes()) > 0 {
		l.lo = &lo
	}
}

func (l *limit) lower(hi index.Edge) {
	if l.hi == nil || bytes.Compare(hi.Bytes(), l.hi.Bytes()) < 0 {
		l.hi = &hi
	}
}

// keyRange joins the limits of the key's columns. The parts of a key are prefix-free, so the
// keys whose first columns are fixed are exactly those with one prefix.
func keyRange(scan *plan.Scan, found []limit) (lo, hi []byte) {
	prefix := []byte{row.KeyTag}
	for _, k := range scan.Key {
		l := found[k]
		if l.point != nil {
			prefix = append(prefix, l.point...)
			continue
		}
		lo, hi = prefix, index.After(prefix)
		if l.lo != nil {
			lo = slices.Concat(prefix, l.lo.Bytes())
		}
		if l.hi != nil {
			hi = slices.Concat(prefix, l.hi.Bytes())
		}
		if bytes.Compare(lo, hi) > 0 {
			hi = lo // the filters contradict each other: an empty range
		}
		return lo, hi
	}
	return prefix, index.After(prefix)
}
