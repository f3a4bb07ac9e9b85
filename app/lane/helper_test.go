package lane

import (
	"bytes"
	stded25519 "crypto/ed25519"
	"crypto/sha256"
	"maps"
	"testing"

	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
)

// mapState is agreed state in memory.
type mapState map[string][]byte

func (m mapState) Probe(key []byte) ([]byte, bool, error) {
	v, ok := m[string(key)]
	return v, ok, nil
}
func (m mapState) Set(key, value []byte) { m[string(key)] = value }
func (m mapState) Delete(key []byte)     { delete(m, string(key)) }

func sameState(a, b mapState) bool { return maps.EqualFunc(a, b, bytes.Equal) }

func testKey(n byte) stded25519.PrivateKey {
	seed := sha256.Sum256([]byte{'k', n})
	return stded25519.NewKeyFromSeed(seed[:])
}

// body signs and decodes a body of signer n.
func body(t testing.TB, n byte, h *weirv1.Header, payloads ...[]byte) *tx.Tx {
	t.Helper()
	raw, err := tx.Sign(testKey(n), tx.Domain{ChainID: "c"}, h, payloads)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tx.Decode(raw, tx.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func statement(t testing.TB, signer byte, nonce, until uint64, sql string) *tx.Tx {
	return body(t, signer, &weirv1.Header{
		Role: "r", ValidUntil: until, Nonce: nonce,
		Operations: []*weirv1.Operation{tx.StatementOp(sql)},
	})
}

// batch makes a claim without an envelope around it.
func batch(first uint64, payload byte, rows uint32, previous [32]byte) *tx.Batch {
	b := &tx.Batch{
		Lane:     tx.Lane{Role: "r", Writer: "w", Relation: 1024},
		FirstSeq: first, Rows: rows, Previous: previous, Close: rows == 0,
	}
	b.PayloadHash = sha256.Sum256([]byte{payload})
	if rows == 0 {
		b.PayloadHash = sha256.Sum256(nil)
	}
	return b
}

func codeOf(t testing.TB, err error) uint32 {
	t.Helper()
	if err == nil {
		return 0
	}
	rej := tx.AsReject(err)
	if rej == nil {
		t.Fatalf("not a rejection: %v", err)
	}
	return rej.Code
}
