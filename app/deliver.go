package app

import (
	"weir/app/auth"
	"weir/app/lane"
	"weir/app/tx"
	"weir/internal/invariant"
	weirv1 "weir/proto/weir/v1"
)

// effect is an operation that has been checked: applying it cannot fail.
type effect interface {
	apply(b *block, txIndex int) OpResult
}

// deliver judges one transaction and applies it whole, or refuses it and changes nothing but the
// memory of refused bodies.
func (b *block) deliver(t *tx.Tx, index int) TxResult {
	res := TxResult{Hash: t.Hash}
	if hasStatement(t) {
		b.flush() // a segment ends before a statement, so that it sees every row before it
	}
	m := b.mark()
	effects, before, rej := b.guarded(t)
	switch {
	case rej != nil:
		b.undo(m)
		b.remember(t, rej)
		res.Rejected = rej
		return res
	case before != nil:
		res.Ops = resent(t, before)
		return res
	}
	var firsts []uint64
	for i, e := range effects {
		done := e.apply(b, index)
		res.Ops = append(res.Ops, done)
		if hasLane(t, i) {
			firsts = append(firsts, done.FirstOffset)
		}
	}
	err := lane.RecordBody(b.lanes, t, uint64(b.height), firsts)
	invariant.Check(err == nil, "the lanes of an accepted body cannot move: %v", err)
	return res
}

func hasLane(t *tx.Tx, op int) bool {
	for i := range t.Batches {
		if t.Batches[i].Operation == op {
			return true
		}
	}
	return false
}

// resent answers a body that applied before with its original receipts.
func resent(t *tx.Tx, o *lane.Outcome) []OpResult {
	out := make([]OpResult, len(t.Payloads))
	for i := range out {
		out[i] = OpResult{Height: int64(o.Height), Resend: true}
	}
	for i, r := range o.Receipts {
		op := &out[t.Batches[i].Operation]
		op.Rows, op.FirstOffset, op.Height = int64(r.Rows), r.FirstOffset, int64(r.Height)
	}
	return out
}

// remember keeps the hash of a refused body until it expires, so that what was refused cannot
// apply later. Bodies that cannot come back, and those of signers without a role, are left out.
func (b *block) remember(t *tx.Tx, rej *tx.Reject) {
	switch rej.Code {
	case tx.CodeAlreadyRejected, tx.CodeExpired, tx.CodeValidUntilTooFar, tx.CodeNonceUsed,
		tx.CodeTooManyNonces, tx.CodeUnknownRole, tx.CodeKeyNotInRole:
		return
	}
	err := lane.Remember(b.lanes, t, uint64(b.height))
	invariant.Check(err == nil, "a refused body cannot be remembered: %v", err)
}

// guarded checks a transaction behind the guard: a run-time panic becomes the rejection INTERNAL,
// the same on every replica. Broken invariants pass through and stop the node.
func (b *block) guarded(t *tx.Tx) (effects []effect, before *lane.Outcome, rej *tx.Reject) {
	defer func() {
		if p := recover(); p != nil {
			if invariant.Passes(p) {
				panic(p)
			}
			effects, before = nil, nil
			rej = tx.Rejectf(tx.CodeInternal, "the transaction met an internal error")
		}
	}()
	return b.check(t)
}

// check judges everything that a transaction asks for. It may write to overlays, which the
// caller takes back if it is refused. before is set for a body that applied already.
func (b *block) check(t *tx.Tx) (effects []effect, before *lane.Outcome, rej *tx.Reject) {
	m, err := auth.CheckBody(b.auth, t)
	if rej := refusal(err); rej != nil {
		return nil, nil, rej
	}
	b.member = m
	o, err := lane.JudgeBody(b.lanes, t, uint64(b.height), b.x.params.TxLimits())
	if rej := refusal(err); rej != nil {
		return nil, nil, rej
	}
	if o.Resend {
		return nil, &o, nil
	}
	effects, rej = b.checkOps(t)
	return effects, nil, rej
}

// hasStatement reports whether a body may change the catalog or read views: it holds statements or
// governance. It is a guess, made before anything is judged: it only decides where a segment
// ends, which changes no row.
func hasStatement(t *tx.Tx) bool { return t.Laneless }

// checkOps judges the operations one by one, in order.
func (b *block) checkOps(t *tx.Tx) ([]effect, *tx.Reject) {
	effects := make([]effect, 0, len(t.Header.GetOperations()))
	var ddl *ddlEffect
	lanes := t.Batches
	for i, op := range t.Header.GetOperations() {
		var e effect
		var rej *tx.Reject
		switch k := op.GetKind().(type) {
		case *weirv1.Operation_Append:
			e, rej = b.checkAppend(t, &lanes[0])
			lanes = lanes[1:]
		case *weirv1.Operation_Change:
			e, rej = b.checkChange(t, &lanes[0])
			lanes = lanes[1:]
		case *weirv1.Operation_Statement:
			e, ddl, rej = b.checkStatement(t, k.Statement.GetSql(), ddl)
		case *weirv1.Operation_Govern:
			e, rej = b.checkGovern(k.Govern)
		}
		if rej != nil {
			return nil, rej
		}
		invariant.Check(e != nil, "operation %d of an accepted body has no effect", i)
		effects = append(effects, e)
	}
	if ddl != nil && ddl.statements != len(effects) {
		return nil, tx.Rejectf(tx.CodeDDLNotAlone,
			"a body with DDL may hold nothing but DDL statements")
	}
	return effects, nil
}
