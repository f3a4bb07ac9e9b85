package lane

import "weir/app/tx"

// Outcome says what becomes of a body that is not rejected.
type Outcome struct {
	Resend   bool      // applied before: Height and Receipts are those of the first time
	Height   uint64    // of the block in which it applied, for a resend
	Receipts []Receipt // one per entry of Tx.Batches, for a resend
}

// JudgeBody judges all that numbers, nonces and memory say about a body in the block of the
// given height: a resend is a success even after its valid_until; then come height, remembered
// rejection and room; then every lane must have its next batch, for a body applies whole or not
// at all. A rejection is a *tx.Reject; any other error is trouble of this node.
func JudgeBody(r Reader, t *tx.Tx, height uint64, lim tx.Limits) (Outcome, error) {
	o, laneFault, err := judgeLanes(r, t)
	if err != nil {
		return Outcome{}, err
	}
	if t.Laneless {
		v, err := JudgeNonce(r, t, height)
		switch {
		case tx.AsReject(err) != nil:
			laneFault = tx.AsReject(err)
		case err != nil:
			return Outcome{}, err
		case v.Resend:
			o.Resend, o.Height = true, v.Receipt.Height
			return o, nil
		}
	} else if o.Resend {
		return o, nil
	}
	if err := t.CheckHeight(height, lim); err != nil {
		return Outcome{}, err
	}
	if err := CheckRemembered(r, t); err != nil {
		return Outcome{}, err
	}
	if err := CheckRoom(r, t, lim); err != nil {
		return Outcome{}, err
	}
	if laneFault != nil {
		return Outcome{}, laneFault
	}
	if len(o.Receipts) > 0 {
		return Outcome{}, tx.Rejectf(tx.CodeMixedResend,
			"%d of %d batches have been applied in another body", len(o.Receipts), len(t.Batches))
	}
	return Outcome{}, nil
}

// judgeLanes judges every batch. Resend means all of them have been applied, and only then does
// every receipt belong to the batch of its index. laneFault is the first rejection.
func judgeLanes(r Reader, t *tx.Tx) (o Outcome, laneFault *tx.Reject, err error) {
	for i := range t.Batches {
		v, err := Judge(r, &t.Batches[i])
		switch rej := tx.AsReject(err); {
		case rej != nil && laneFault == nil:
			laneFault = rej
		case rej != nil:
		case err != nil:
			return Outcome{}, nil, err
		case v.Resend:
			o.Receipts = append(o.Receipts, v.Receipt)
			o.Height = max(o.Height, v.Receipt.Height)
		}
	}
	o.Resend = len(t.Batches) > 0 && len(o.Receipts) == len(t.Batches)
	return o, laneFault, nil
}

// RecordBody writes that t applied in the block of the given height: its lanes move, and its
// nonce is taken if some operation has no lane. firstOffsets has the offset of the first row of
// every entry of t.Batches, 0 for a Change. JudgeBody must have said that t applies.
func RecordBody(st State, t *tx.Tx, height uint64, firstOffsets []uint64) error {
	for i := range t.Batches {
		if err := Record(st, &t.Batches[i], height, firstOffsets[i]); err != nil {
			return err
		}
	}
	if !t.Laneless {
		return nil
	}
	return RecordNonce(st, t, height)
}
