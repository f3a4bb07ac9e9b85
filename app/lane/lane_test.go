package lane

import (
	"bytes"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
)

// TestReceiptsLimit: the receipt of the 256th batch back is there, that of the 257th is not.
func TestReceiptsLimit(t *testing.T) {
	st := mapState{}
	var prev [32]byte
	for i := range Receipts {
		b := batch(uint64(i+1), byte(i), 1, prev)
		if err := Record(st, b, 1, 0); err != nil {
			t.Fatal(err)
		}
		prev = b.PayloadHash
	}
	first := batch(1, 0, 1, [32]byte{})
	if v, err := Judge(st, first); err != nil || !v.Resend {
		t.Fatalf("with %d batches: %+v, %v", Receipts, v, err)
	}
	if err := Record(st, batch(Receipts+1, 0, 1, prev), 1, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Judge(st, first); codeOf(t, err) != tx.CodeSeqTooOld {
		t.Fatalf("with %d batches: %v", Receipts+1, err)
	}
}

// TestResendWhateverTheSignature: another key, nonce and valid_until, the same rows.
func TestResendWhateverTheSignature(t *testing.T) {
	st, lim := mapState{}, tx.DefaultLimits()
	s := tx.Spec{
		Relation: 1024, SchemaVersion: 1, Writer: "w", FirstSeq: 1, Rows: 2, Payload: []byte("x"),
	}
	make := func(key byte, nonce, until uint64) *tx.Tx {
		return body(t, key, &weirv1.Header{
			Role: "r", Nonce: nonce, ValidUntil: until,
			Operations: []*weirv1.Operation{tx.AppendOp(s)},
		}, s.Payload)
	}
	first := make(1, 1, 10)
	if o, err := JudgeBody(st, first, 5, lim); err != nil || o.Resend {
		t.Fatal(o, err)
	}
	if err := RecordBody(st, first, 5, []uint64{77}); err != nil {
		t.Fatal(err)
	}
	for _, again := range []*tx.Tx{first, make(2, 9, 1000)} {
		o, err := JudgeBody(st, again, 500, lim)
		if err != nil || !o.Resend || o.Height != 5 || o.Receipts[0].FirstOffset != 77 {
			t.Fatal(o, err)
		}
	}
}

func TestMixedBodies(t *testing.T) {
	st, lim := mapState{}, tx.DefaultLimits()
	a := tx.Spec{
		Relation: 1, SchemaVersion: 1, Writer: "a", FirstSeq: 1, Rows: 1, Payload: []byte("a"),
	}
	b := a
	b.Writer, b.Payload = "b", []byte("b")
	make := func(nonce uint64, payloads [][]byte, ops ...*weirv1.Operation) *tx.Tx {
		return body(t, 1, &weirv1.Header{
			Role: "r", Nonce: nonce, ValidUntil: 10, Operations: ops,
		}, payloads...)
	}
	one := [][]byte{a.Payload}
	withSQL := make(1, one, tx.AppendOp(a), tx.StatementOp("x"))
	if err := RecordBody(st, withSQL, 3, []uint64{0}); err != nil {
		t.Fatal(err)
	}
	if o, err := JudgeBody(st, withSQL, 4, lim); err != nil || !o.Resend || o.Height != 3 {
		t.Fatal(o, err)
	}
	both := make(2, [][]byte{a.Payload, b.Payload}, tx.AppendOp(a), tx.AppendOp(b))
	if _, err := JudgeBody(st, both, 4, lim); codeOf(t, err) != tx.CodeMixedResend {
		t.Fatal(err)
	}
	otherSQL := make(3, one, tx.AppendOp(a), tx.StatementOp("y"))
	if _, err := JudgeBody(st, otherSQL, 4, lim); codeOf(t, err) != tx.CodeMixedResend {
		t.Fatal(err)
	}
	sameNonce := make(1, one, tx.AppendOp(a), tx.StatementOp("y"))
	if _, err := JudgeBody(st, sameNonce, 4, lim); codeOf(t, err) != tx.CodeNonceUsed {
		t.Fatal(err)
	}
}

// TestRemembered: what was refused cannot apply later, and is forgotten after valid_until.
func TestRemembered(t *testing.T) {
	st, lim := mapState{}, tx.DefaultLimits()
	lim.SignerRecords = 2
	a := statement(t, 1, 1, 10, "a")
	if err := Remember(st, a, 4); err != nil {
		t.Fatal(err)
	}
	if _, err := JudgeBody(st, a, 5, lim); codeOf(t, err) != tx.CodeAlreadyRejected {
		t.Fatal(err)
	}
	b, c := statement(t, 1, 2, 10, "b"), statement(t, 1, 3, 20, "c")
	if _, err := JudgeBody(st, b, 5, lim); err != nil {
		t.Fatalf("room for record 2: %v", err)
	}
	if err := RecordBody(st, b, 5, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := JudgeBody(st, c, 5, lim); codeOf(t, err) != tx.CodeTooManyNonces {
		t.Fatalf("room for record 3: %v", err)
	}
	if _, err := JudgeBody(st, statement(t, 2, 3, 20, "c"), 5, lim); err != nil {
		t.Fatalf("another signer: %v", err)
	}
	if n, err := Sweep(st, 10, 100); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := Sweep(st, 11, 1); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := JudgeBody(st, c, 11, lim); err != nil {
		t.Fatal(err)
	}
	if n, err := Sweep(st, 11, 100); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if len(st) != 1 {
		t.Fatalf("%d entries are left", len(st))
	}
	before := maps.Clone(st)
	if n, err := Sweep(st, 5000, 100); n != 0 || err != nil || !sameState(st, before) {
		t.Fatal("an idle sweep changed the state", n, err)
	}
}

// TestNoncesAgreeWithModel runs statements of few nonces through many heights.
func TestNoncesAgreeWithModel(t *testing.T) {
	lim := tx.DefaultLimits()
	pool := map[[3]byte]*tx.Tx{}
	rapid.Check(t, func(rt *rapid.T) {
		st := mapState{}
		type rec struct {
			until, height uint64
			body          [32]byte
		}
		model := map[uint64]rec{}
		for height := uint64(1); height < 60; height++ {
			k := [3]byte{
				byte(rapid.IntRange(0, 2).Draw(rt, "nonce")),
				byte(int(height) + rapid.IntRange(-2, 9).Draw(rt, "ahead")),
				byte(rapid.IntRange(0, 1).Draw(rt, "sql")),
			}
			if k[1] == 0 || k[1] > 200 {
				k[1] = 1
			}
			if pool[k] == nil {
				pool[k] = statement(t, 1, uint64(k[0]), uint64(k[1]), string(rune('a'+k[2])))
			}
			s := pool[k]
			if _, err := Sweep(st, height, SweepEntries); err != nil {
				rt.Fatal(err)
			}
			old, taken := model[uint64(k[0])]
			taken = taken && old.until >= height
			var want uint32
			switch {
			case taken && old.body == s.Body:
			case uint64(k[1]) < height:
				want = tx.CodeExpired
			case taken:
				want = tx.CodeNonceUsed
			}
			o, err := JudgeBody(st, s, height, lim)
			if codeOf(t, err) != want {
				rt.Fatalf("height %d, %v: %v, want code %d", height, k, err, want)
			}
			if resend := taken && old.body == s.Body; o.Resend != resend {
				rt.Fatalf("height %d, %v: resend %v, want %v", height, k, o.Resend, resend)
			}
			if err == nil && !o.Resend {
				if err := RecordBody(st, s, height, nil); err != nil {
					rt.Fatal(err)
				}
				model[uint64(k[0])] = rec{uint64(k[1]), height, s.Body}
			}
		}
		if _, err := Sweep(st, 1000, SweepEntries); err != nil || len(st) > 1 {
			rt.Fatalf("%d entries are left, %v", len(st), err)
		}
	})
}

func FuzzDecodeHead(f *testing.F) {
	f.Add(Head{LastSeq: 3, Kept: 2, Oldest: 1, OldRows: true}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := DecodeHead(b); err == nil && !bytes.Equal(h.Encode(), b) {
			t.Fatalf("%+v encodes to other bytes", h)
		}
		if r, err := DecodeReceipt(1, b); err == nil && !bytes.Equal(r.Encode(), b) {
			t.Fatalf("%+v encodes to other bytes", r)
		}
		if r, err := decodeRecord(b); err == nil && !bytes.Equal(r.encode(), b) {
			t.Fatalf("%+v encodes to other bytes", r)
		}
	})
}
