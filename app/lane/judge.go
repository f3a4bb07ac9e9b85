package lane

import (
	"fmt"

	"weir/app/tx"
)

// Verdict says what becomes of a batch or body that is not rejected.
type Verdict struct {
	Resend  bool    // it has been applied before, as Receipt says; else it applies now
	Receipt Receipt // of the first time; for a body without a lane only Height is set
}

// Load returns the head of a lane, the zero Head if it has had no batch.
func Load(r Reader, l tx.Lane) (Head, error) {
	v, found, err := r.Probe(HeadKey(l))
	if err != nil || !found {
		return Head{}, err
	}
	h, err := DecodeHead(v)
	if err != nil {
		return Head{}, fmt.Errorf("head of lane %q/%q/%d: %w", l.Role, l.Writer, l.Relation, err)
	}
	return h, nil
}

// Follows returns nil if b is the batch that comes next after h, else a rejection that carries
// the expected number. It looks at the head alone, so a batch that has been applied before is
// rejected here too, as an overlap; Judge tells resends apart.
func (h Head) Follows(b *tx.Batch) *tx.Reject {
	next := h.LastSeq + 1
	switch {
	case b.FirstSeq > next:
		return expect(next, tx.CodeSeqGap, "sequence %d comes after a gap", b.FirstSeq)
	case b.FirstSeq < next || b.Rows == 0 && h.Closed:
		return expect(next, tx.CodeSeqOverlap, "sequence %d has been applied", b.FirstSeq)
	case b.Previous != h.LastHash:
		return expect(next, tx.CodePreviousMismatch,
			"sequence %d names another previous batch than the lane's last", b.FirstSeq)
	case uint64(b.Rows) > tx.MaxSequence-h.LastSeq:
		return expect(next, tx.CodeMalformed, "the lane is out of sequence numbers at %d", next)
	}
	return nil
}

// After returns the head after b, which must follow h; what it says of receipts is not kept up.
func (h Head) After(b *tx.Batch) Head {
	h.LastSeq += uint64(b.Rows)
	h.LastHash = b.PayloadHash
	h.Closed = b.Rows == 0
	return h
}

// Judge says whether b applies, has applied, or is rejected (a *tx.Reject with the expected
// number). Any other error is trouble of this node. Previous is judged only for a batch that
// would apply: a resend is known by lane, first sequence, rows and payload hash.
func Judge(r Reader, b *tx.Batch) (Verdict, error) {
	h, err := Load(r, b.Lane)
	if err != nil {
		return Verdict{}, err
	}
	return h.Judge(r, b)
}

// Judge is the function Judge for a head that is loaded already.
func (h Head) Judge(r Reader, b *tx.Batch) (Verdict, error) {
	rej := h.Follows(b)
	if rej == nil {
		return Verdict{}, nil
	}
	if rej.Code != tx.CodeSeqOverlap {
		return Verdict{}, rej
	}
	if h.olderThanReceipts(b) {
		return Verdict{}, expect(h.LastSeq+1, tx.CodeSeqTooOld,
			"sequence %d is older than the last %d batches of the lane", b.FirstSeq, Receipts)
	}
	v, found, err := r.Probe(ReceiptKey(b.Lane, b.FirstSeq, b.Rows > 0))
	if err != nil {
		return Verdict{}, err
	}
	if !found {
		return Verdict{}, expect(h.LastSeq+1, tx.CodeSeqOverlap,
			"sequence %d starts within rows that have been applied", b.FirstSeq)
	}
	old, err := DecodeReceipt(b.FirstSeq, v)
	if err != nil {
		return Verdict{}, fmt.Errorf("receipt %d of lane %q/%q/%d: %w",
			b.FirstSeq, b.Lane.Role, b.Lane.Writer, b.Lane.Relation, err)
	}
	switch {
	case old.Rows != b.Rows:
		return Verdict{}, expect(h.LastSeq+1, tx.CodeSeqOverlap,
			"sequence %d has been applied with %d rows, not %d", b.FirstSeq, old.Rows, b.Rows)
	case old.PayloadHash != b.PayloadHash:
		return Verdict{}, expect(h.LastSeq+1, tx.CodeSeqConflict,
			"sequence %d has been applied with other rows", b.FirstSeq)
	}
	return Verdict{Resend: true, Receipt: old}, nil
}

// olderThanReceipts compares in the order of batches, in which a close without rows comes before
// the rows of the same number.
func (h Head) olderThanReceipts(b *tx.Batch) bool {
	return h.Kept > 0 &&
		(b.FirstSeq < h.Oldest || b.FirstSeq == h.Oldest && b.Rows == 0 && h.OldRows)
}

func expect(next uint64, code uint32, format string, args ...any) *tx.Reject {
	rej := tx.Rejectf(code, format, args...)
	rej.Expected = next
	rej.Message += fmt.Sprintf("; the next is %d", next)
	return rej
}
