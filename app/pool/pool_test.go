package pool

import (
	stded25519 "crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/app/lane"
	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
)

type mapState map[string][]byte

func (m mapState) Probe(key []byte) ([]byte, bool, error) {
	v, ok := m[string(key)]
	return v, ok, nil
}
func (m mapState) Set(key, value []byte) { m[string(key)] = value }
func (m mapState) Delete(key []byte)     { delete(m, string(key)) }

func payload(seq uint64, size int) []byte {
	return append(fmt.Appendf(nil, "batch %d ", seq), make([]byte, size)...)
}

// append1 is the batch of one row with this number, by signer n in the lane of writer.
func append1(t testing.TB, n byte, writer string, seq, until uint64, size int) *tx.Tx {
	t.Helper()
	s := tx.Spec{
		Relation: 1024, SchemaVersion: 1, Writer: writer,
		FirstSeq: seq, Rows: 1, Payload: payload(seq, size),
	}
	if seq > 1 {
		s.Previous = sha256.Sum256(payload(seq-1, size))
	}
	return signed(t, n, until, seq, [][]byte{s.Payload}, tx.AppendOp(s))
}

func signed(t testing.TB, n byte, until, nonce uint64, payloads [][]byte,
	ops ...*weirv1.Operation,
) *tx.Tx {
	t.Helper()
	seed := sha256.Sum256([]byte{n})
	raw, err := tx.Sign(stded25519.NewKeyFromSeed(seed[:]), tx.Domain{ChainID: "c"},
		&weirv1.Header{Role: "r", ValidUntil: until, Nonce: nonce, Operations: ops}, payloads)
	if err != nil {
		t.Fatal(err)
	}
	got, err := open(raw)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func open(raw []byte) (*tx.Tx, error) {
	t, err := tx.Decode(raw, tx.DefaultLimits())
	if err == nil {
		err = tx.Verify(t, tx.Domain{ChainID: "c"})
	}
	return t, err
}

func wantCode(t testing.TB, err error, code uint32) {
	t.Helper()
	rej := tx.AsReject(err)
	if code == 0 && err != nil || code != 0 && (rej == nil || rej.Code != code) {
		t.Fatalf("error is %v, want code %d", err, code)
	}
}

func newPool(lim Limits, st lane.Reader) *Pool {
	return New(lim, tx.DefaultLimits(), st, 1)
}

func check(t testing.TB, p *Pool, body *tx.Tx, code uint32) {
	t.Helper()
	_, err := p.Check(body)
	wantCode(t, err, code)
}

func TestOrderAndRelease(t *testing.T) {
	st := mapState{}
	p := newPool(DefaultLimits(), st)
	b := make([]*tx.Tx, 5)
	for i := range b {
		b[i] = append1(t, 1, "w", uint64(i+1), 50, 0)
	}
	check(t, p, b[1], tx.CodeSeqGap)
	for _, i := range []int{3, 1, 2} {
		if _, ready, err := p.Offer(b[i]); ready || err != nil {
			t.Fatal(i, ready, err)
		}
	}
	if _, ready, err := p.Offer(b[0]); !ready || err != nil {
		t.Fatal(ready, err)
	}
	check(t, p, b[0], 0)
	check(t, p, b[0], 0)
	out, err := p.Released()
	if err != nil || len(out) != 3 || out[0] != b[1] || out[1] != b[2] || out[2] != b[3] {
		t.Fatal(out, err)
	}
	for _, r := range out {
		check(t, p, r, 0)
	}
	if n, bytes := p.Waiting(); n != 0 || bytes != 0 {
		t.Fatal(n, bytes)
	}
	for i := range 2 {
		if err := lane.RecordBody(st, b[i], 1, []uint64{0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Advance(st, 2); err != nil {
		t.Fatal(err)
	}
	if n, _ := p.Len(); n != 2 || p.Holds(b[1].Hash) || !p.Holds(b[2].Hash) {
		t.Fatal("the pool did not follow the commit", n)
	}
	if o, err := p.Check(b[0]); err != nil || !o.Resend || o.Height != 1 {
		t.Fatal(o, err)
	}
	if err := p.Remove(b[2].Hash); err != nil {
		t.Fatal(err)
	}
	if n, bytes := p.Len(); n != 0 || bytes != 0 {
		t.Fatal("a gap is left in the pool", n)
	}
	check(t, p, b[2], 0)
	if err := p.Advance(st, 51); err != nil {
		t.Fatal(err)
	}
	if n, _ := p.Len(); n != 0 {
		t.Fatal("an expired transaction is left", n)
	}
}

// TestGapsDoNotStopOthers: one key fills all the waiting it can get; others still wait and pass.
func TestGapsDoNotStopOthers(t *testing.T) {
	p := newPool(DefaultLimits(), mapState{})
	full := 0
	for w := range 12 {
		for seq := range uint64(20) {
			g := append1(t, 1, fmt.Sprint("w", w), seq+2, 50, 200<<10)
			if _, ready, err := p.Offer(g); ready {
				t.Fatal("a gap is ready")
			} else if err != nil {
				wantCode(t, err, tx.CodeWaitingFull)
				full++
			}
			check(t, p, g, tx.CodeSeqGap)
		}
	}
	if n, bytes := p.Waiting(); full == 0 || n < 16 || bytes > 16<<20 {
		t.Fatal(full, n, bytes)
	}
	if _, ready, err := p.Offer(append1(t, 2, "x", 2, 50, 0)); ready || err != nil {
		t.Fatal("another key may not wait", err)
	}
	check(t, p, append1(t, 2, "x", 1, 50, 0), 0)
	check(t, p, append1(t, 1, "y", 1, 50, 0), 0)
	if out, err := p.Released(); err != nil || len(out) != 1 {
		t.Fatal(out, err)
	}
}

// TestLimits takes every limit to n and n+1.
func TestLimits(t *testing.T) {
	b := make([]*tx.Tx, 5)
	for i := range b {
		b[i] = append1(t, 1, "w", uint64(i+1), 50, 100)
	}
	size := len(b[0].Raw)
	t.Run("transactions", func(t *testing.T) {
		lim := DefaultLimits()
		lim.Transactions = 2
		p := newPool(lim, mapState{})
		check(t, p, b[0], 0)
		check(t, p, b[1], 0)
		check(t, p, b[2], tx.CodePoolFull)
	})
	t.Run("bytes", func(t *testing.T) {
		lim := DefaultLimits()
		lim.Bytes = size
		p := newPool(lim, mapState{})
		check(t, p, b[0], 0)
		check(t, p, b[1], tx.CodePoolFull)
	})
	for name, set := range map[string]func(*Limits){
		"per lane":       func(l *Limits) { l.WaitingPerLane = 2 },
		"lane bytes":     func(l *Limits) { l.WaitingBytesPerLane = len(b[1].Raw) + len(b[2].Raw) },
		"per signer":     func(l *Limits) { l.WaitingPerSigner = len(b[1].Raw) + len(b[2].Raw) },
		"bytes in total": func(l *Limits) { l.WaitingBytes = len(b[1].Raw) + len(b[2].Raw) },
	} {
		t.Run(name, func(t *testing.T) {
			lim := DefaultLimits()
			set(&lim)
			p := newPool(lim, mapState{})
			for i, code := range []uint32{0, 0, tx.CodeWaitingFull} {
				_, _, err := p.Offer(b[i+1])
				wantCode(t, err, code)
			}
		})
	}
	lim := BlockLimits{
		Bytes: uint64(2 * size), Work: 4, Transactions: 2, Tx: tx.DefaultLimits(),
	}
	for code, lim := range map[uint32]BlockLimits{
		tx.CodeBlockTooLarge:       {uint64(2 * size), 99, 99, lim.Tx},
		tx.CodeBlockWork:           {1 << 20, 4, 99, lim.Tx},
		tx.CodeTooManyTransactions: {1 << 20, 99, 2, lim.Tx},
	} {
		if code == tx.CodeBlockTooLarge {
			lim.Bytes = uint64(len(b[0].Raw) + len(b[1].Raw))
		}
		raws := [][]byte{b[0].Raw, b[1].Raw, b[2].Raw}
		err := CheckProposal(open, NewBlock(mapState{}, 1, lim), raws[:2])
		wantCode(t, err, 0)
		wantCode(t, CheckProposal(open, NewBlock(mapState{}, 1, lim), raws), code)
	}
}

// TestSelectedIsAccepted: whatever candidates come, what Select returns is accepted by every
// node with the same committed state, and executes there without a gap or a repeat.
func TestSelectedIsAccepted(t *testing.T) {
	lim := BlockLimits{Bytes: 4000, Work: 40, Transactions: 12, Tx: tx.DefaultLimits()}
	lim.Tx.ValidUntilAhead = 6
	bodies := map[string]*tx.Tx{}
	draw := func(rt *rapid.T) *tx.Tx {
		w := rapid.IntRange(0, 2).Draw(rt, "writer")
		seq := uint64(rapid.IntRange(1, 9).Draw(rt, "seq"))
		until := uint64(rapid.IntRange(1, 12).Draw(rt, "until"))
		sql := rapid.IntRange(0, 5).Draw(rt, "sql") == 0
		key := fmt.Sprint(w, seq, until, sql)
		switch {
		case bodies[key] != nil:
		case sql:
			bodies[key] = signed(t, byte(w), until, seq, nil, tx.StatementOp("x"))
		default:
			bodies[key] = append1(t, byte(w), fmt.Sprint("w", w), seq, until, 0)
		}
		return bodies[key]
	}
	applied := 0
	rapid.Check(t, func(rt *rapid.T) {
		st := mapState{}
		for height := uint64(1); height <= 8; height++ {
			var candidates [][]byte
			for range rapid.IntRange(0, 30).Draw(rt, "candidates") {
				candidates = append(candidates, draw(rt).Raw)
			}
			candidates = append(candidates, []byte("garbage"))
			chosen, err := Select(open, NewBlock(st, height, lim), candidates, 3000,
				func(n int) int64 { return int64(n) + 4 })
			if err != nil {
				rt.Fatal(err)
			}
			if err := CheckProposal(open, NewBlock(st, height, lim), chosen); err != nil {
				rt.Fatal(err)
			}
			for _, raw := range chosen {
				body, err := open(raw)
				if err != nil {
					rt.Fatal(err)
				}
				o, err := lane.JudgeBody(st, body, height, lim.Tx)
				if err != nil || o.Resend {
					rt.Fatal(o, err)
				}
				err = lane.RecordBody(st, body, height, make([]uint64, len(body.Batches)))
				if err != nil {
					rt.Fatal(err)
				}
				applied++
			}
			if len(chosen) > 0 {
				twice := append(chosen, chosen[0])
				if CheckProposal(open, NewBlock(st, height, lim), twice) == nil {
					rt.Fatal("a repeat was accepted")
				}
			}
		}
	})
	if applied == 0 {
		t.Fatal("nothing was ever chosen")
	}
}
