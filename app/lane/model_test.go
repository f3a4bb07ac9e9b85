package lane

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/app/tx"
)

// model is the naive lane: the list of everything that applied, searched from the front.
type model struct{ applied []Receipt }

func (m *model) next() uint64 {
	n := uint64(1)
	for _, r := range m.applied {
		n += uint64(r.Rows)
	}
	return n
}

func (m *model) last() (h [32]byte) {
	if len(m.applied) > 0 {
		h = m.applied[len(m.applied)-1].PayloadHash
	}
	return h
}

// judge returns a code, and the receipt of a resend.
func (m *model) judge(b *tx.Batch) (uint32, *Receipt) {
	kept := m.applied[max(0, len(m.applied)-Receipts):]
	same := func(r Receipt) bool {
		return r.FirstSeq == b.FirstSeq && (r.Rows == 0) == (b.Rows == 0)
	}
	if i := slices.IndexFunc(kept, same); i >= 0 {
		switch r := kept[i]; {
		case r.Rows != b.Rows:
			return tx.CodeSeqOverlap, nil
		case r.PayloadHash != b.PayloadHash:
			return tx.CodeSeqConflict, nil
		default:
			return 0, &r
		}
	}
	switch {
	case b.FirstSeq > m.next():
		return tx.CodeSeqGap, nil
	case b.FirstSeq == m.next() && b.Previous != m.last():
		return tx.CodePreviousMismatch, nil
	case b.FirstSeq == m.next():
		return 0, nil
	case b.FirstSeq < kept[0].FirstSeq:
		return tx.CodeSeqTooOld, nil
	case b.FirstSeq == kept[0].FirstSeq && b.Rows == 0:
		return tx.CodeSeqTooOld, nil
	}
	return tx.CodeSeqOverlap, nil
}

// draw makes a claim near something interesting: the next batch mostly, else an old one changed.
func (m *model) draw(t *rapid.T) *tx.Batch {
	rows := uint32(rapid.IntRange(0, 3).Draw(t, "rows"))
	b := batch(m.next(), byte(rapid.IntRange(0, 2).Draw(t, "payload")), rows, m.last())
	if rapid.IntRange(0, 3).Draw(t, "kind") > 0 || len(m.applied) == 0 {
		return b
	}
	old := m.applied[rapid.IntRange(0, len(m.applied)-1).Draw(t, "old")]
	switch rapid.IntRange(0, 5).Draw(t, "change") {
	case 0:
		b.FirstSeq, b.Rows, b.PayloadHash = old.FirstSeq, old.Rows, old.PayloadHash
	case 1:
		b.FirstSeq = old.FirstSeq
	case 2:
		b.FirstSeq = old.FirstSeq + 1
	case 3:
		b.FirstSeq += uint64(rapid.IntRange(1, 3).Draw(t, "ahead"))
	case 4:
		b.Previous[0] ^= 1
	case 5:
		b.FirstSeq, b.Rows = old.FirstSeq, old.Rows
	}
	return b
}

func TestJudgeAgreesWithModel(t *testing.T) {
	steps := 700
	if testing.Short() {
		steps = 300
	}
	rapid.Check(t, func(t *rapid.T) {
		st, m := mapState{}, &model{}
		for i := range steps {
			b := m.draw(t)
			code, receipt := m.judge(b)
			v, err := Judge(st, b)
			var got uint32
			if err != nil {
				rej := tx.AsReject(err)
				if rej == nil {
					t.Fatal(err)
				}
				if got = rej.Code; rej.Expected != m.next() {
					t.Fatalf("expected number is %d, want %d", rej.Expected, m.next())
				}
			}
			if got != code || v.Resend != (receipt != nil) ||
				receipt != nil && v.Receipt != *receipt {
				t.Fatalf("step %d, %+v: code %d, %+v; model says %d, %+v",
					i, b, got, v, code, receipt)
			}
			if code != 0 || receipt != nil {
				continue
			}
			if err := Record(st, b, uint64(i+1), uint64(100*i)); err != nil {
				t.Fatal(err)
			}
			m.applied = append(m.applied, Receipt{
				b.FirstSeq, b.Rows, b.PayloadHash, uint64(i + 1), uint64(100 * i),
			})
			if want := min(len(m.applied), Receipts) + 1; len(st) != want {
				t.Fatalf("state has %d entries, want %d", len(st), want)
			}
		}
	})
}
