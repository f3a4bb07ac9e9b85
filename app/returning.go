package app

import (
	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/sql"
	"weir/stream/value"
)

// ReturningBytes is how many bytes of encoded rows the RETURNING of one statement may give; more
// is refused with 54000.
const ReturningBytes = 4 << 20

// returned collects the rows of RETURNING. Every node evaluates them, since an error in one
// refuses the statement; only the node whose client waits keeps them, outside agreed state. A nil
// collector, of a statement without RETURNING, takes nothing.
type returned struct {
	exprs []expr.Expr
	keep  bool
	size  int
	rows  [][]value.Datum
}

func (b *block) returning(t *tx.Tx, r *sql.Returning) *returned {
	if r == nil {
		return nil
	}
	return &returned{exprs: r.Exprs, keep: b.wants != nil && b.wants(t.Hash)}
}

// add evaluates RETURNING over one row.
func (r *returned) add(vals []value.Datum, env expr.Env) *tx.Reject {
	if r == nil {
		return nil
	}
	out, rej := evalAll(r.exprs, vals, env)
	if rej != nil {
		return rej
	}
	if r.size += len(row.AppendRowDatums(nil, out)); r.size > ReturningBytes {
		return tx.RejectSQL("54000", "RETURNING gives more than the limit allows")
	}
	if r.keep {
		r.rows = append(r.rows, out)
	}
	return nil
}

func (r *returned) take() [][]value.Datum {
	if r == nil {
		return nil
	}
	return r.rows
}

// readable refuses a query over a view that is not live.
func (b *block) readable(p plan.Node) *tx.Reject {
	return notLive(p, b.x.cat, func(id uint32) (catalog.Status, bool) {
		st := b.x.status[id]
		if st == nil {
			return catalog.Status{}, false
		}
		return *st, true
	})
}
