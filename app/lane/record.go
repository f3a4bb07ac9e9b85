package lane

import (
	"fmt"

	"weir/app/tx"
	"weir/internal/invariant"
)

// Record writes that b applied in the block of the given height, its first row at firstOffset.
// Judge must have said that it applies in this very state. The oldest receipt makes room.
func Record(st State, b *tx.Batch, height, firstOffset uint64) error {
	h, err := Load(st, b.Lane)
	if err != nil {
		return err
	}
	rej := h.Follows(b)
	invariant.Check(rej == nil, "lane: recording a batch that is not next: %v", rej)
	if h.Kept == 0 {
		h.Oldest, h.OldRows = b.FirstSeq, b.Rows > 0
	}
	if h.Kept == Receipts {
		if h, err = dropOldest(st, b.Lane, h); err != nil {
			return err
		}
	}
	r := Receipt{
		FirstSeq: b.FirstSeq, Rows: b.Rows, PayloadHash: b.PayloadHash,
		Height: height, FirstOffset: firstOffset,
	}
	st.Set(ReceiptKey(b.Lane, b.FirstSeq, b.Rows > 0), r.Encode())
	h = h.After(b)
	h.Kept++
	st.Set(HeadKey(b.Lane), h.Encode())
	return nil
}

// dropOldest deletes the oldest of many receipts and finds the next one: batches follow each
// other without a hole, and a close without rows precedes the rows of its number.
func dropOldest(st State, l tx.Lane, h Head) (Head, error) {
	key := ReceiptKey(l, h.Oldest, h.OldRows)
	v, found, err := st.Probe(key)
	if err != nil {
		return h, err
	}
	invariant.Check(found, "lane: receipt %d is missing", h.Oldest)
	r, err := DecodeReceipt(h.Oldest, v)
	if err != nil {
		return h, fmt.Errorf("oldest receipt %d: %w", h.Oldest, err)
	}
	st.Delete(key)
	h.Kept--
	h.Oldest += uint64(r.Rows)
	h.OldRows = true
	if r.Rows > 0 {
		_, closeNext, err := st.Probe(ReceiptKey(l, h.Oldest, false))
		if err != nil {
			return h, err
		}
		h.OldRows = !closeNext
	}
	return h, nil
}
