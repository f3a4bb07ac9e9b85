package app

import (
	"weir/app/tx"
	"weir/stream/catalog"
)

// charge counts the metered rows of a view's step towards its budget of this block, and the entries
// of its indexes that changed.
func (b *block) charge(id uint32, rows int64) {
	if b.metered == nil {
		b.metered = map[uint32]uint64{}
	}
	b.metered[id] += uint64(rows)
}

// settle closes the books of the block: what a view did beyond its budget (the parameter
// step_rows) becomes its debt, what it left of it pays debt off, and a view that owes more than
// step_debt is suspended with the reason BUDGET, what reads it with it.
func (b *block) settle() {
	for _, id := range sortedKeys(b.x.status) {
		st := b.x.status[id]
		if st.State != catalog.Live || b.metered[id] <= b.x.params.StepRows && st.Debt == 0 {
			continue
		}
		before := st.Debt
		st.Debt += b.metered[id]
		st.Debt -= min(st.Debt, b.x.params.StepRows)
		if st.Debt != before {
			b.x.touched[id] = true
		}
		if st.Debt > b.x.params.StepDebt {
			b.suspend(id, ReasonBudget)
		}
	}
}

// ReasonBudget is why a view is suspended that has done more than its budget for too long.
const ReasonBudget = "BUDGET"

// admit refuses views beyond what the network can keep: the budgets of all views that are not
// suspended, and the share of backfills, fit the parameter view_work.
func (d *ddlEffect) admit(b *block, more int) *tx.Reject {
	p := b.x.params
	views := uint64(more)
	for _, r := range d.cat.All() {
		st := b.x.status[r.ID]
		if r.Kind == catalog.View &&
			(st == nil || st.State != catalog.Suspended || d.resumed[r.ID]) {
			views++
		}
	}
	if views <= (p.ViewWork-p.BackfillRows)/p.StepRows {
		return nil
	}
	rej := tx.RejectSQL("54000",
		"the work of one more view would not fit the network's limit, view_work")
	rej.Hint = "Drop or suspend a view."
	return rej
}
