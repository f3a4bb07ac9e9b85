package tx

import (
	"encoding/hex"
	"testing"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
)

// TestSmallOrderKey signs 64 messages with a key of order 8 and the signature (identity, 0),
// which ZIP-215 accepts for every message: one by one, in a batch, and as CometBFT does. Such a
// key may own nothing.
func TestSmallOrderKey(t *testing.T) {
	key, err := hex.DecodeString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, CheckKey(key), CodeBadKey)
	wantCode(t, CheckKey(key[:31]), CodeBadKey)
	if err := CheckKey(testKey(1)[KeySize:]); err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, SignatureSize)
	sig[0] = 1
	var txs []*Tx
	for i := range 64 {
		h := testHeader(StatementOp("x"))
		h.Signer, h.Nonce = key, uint64(i)
		txs = append(txs, &Tx{Header: h, headerBytes: []byte{byte(i)}, signature: sig})
	}
	s := testSpec("w", 1, "row", 1)
	good, err := Decode(mustSign(t, testHeader(AppendOp(s)), s.Payload), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	wrong := *good
	wrong.signature = sig
	for _, set := range [][]*Tx{txs, append(txs, good), append(txs, &wrong, good), {&wrong}, nil} {
		for i, got := range VerifyAll(set, testDomain()) {
			one := Verify(set[i], testDomain())
			if (got == nil) != (one == nil) || (one != nil) != (set[i] == &wrong) {
				t.Fatalf("%d: single %v, batch %v", i, one, got)
			}
			digest := testDomain().Digest(set[i].headerBytes)
			pub := cmted25519.PubKey(set[i].Header.GetSigner())
			if pub.VerifySignature(digest[:], set[i].signature) != (one == nil) {
				t.Fatalf("%d: CometBFT judges otherwise", i)
			}
		}
	}
}

// TestVerifierRemembers: hits give the same answers, and the cache stays within its bounds.
func TestVerifierRemembers(t *testing.T) {
	v := NewVerifier(testDomain(), DefaultLimits(), CacheLimits{Transactions: 2, Bytes: 1 << 20})
	var raws [][]byte
	for i := range 5 {
		h := testHeader(StatementOp("x"))
		h.Nonce = uint64(i)
		raws = append(raws, mustSign(t, h))
	}
	for range 2 {
		for _, raw := range raws {
			got, err := v.Open(raw)
			if err != nil || !v.Known(got.Hash) {
				t.Fatal(err)
			}
			if again, err := v.Open(raw); err != nil || again != got {
				t.Fatal("not remembered", err)
			}
			if len(v.young) > 2 || len(v.old) > 2 {
				t.Fatal("the cache is over its bounds")
			}
		}
	}
	bad := append([]byte(nil), raws[0]...)
	bad[5] ^= 1
	for range 2 {
		_, err := v.Open(bad)
		wantCode(t, err, CodeBadSignature)
	}
}

func BenchmarkOpenMiss(b *testing.B) { benchmarkOpen(b, 0) }
func BenchmarkOpenHit(b *testing.B)  { benchmarkOpen(b, 10) }

func benchmarkOpen(b *testing.B, remembered int) {
	s := testSpec("w", 1, string(make([]byte, 64<<10)), 1000)
	raw := mustSign(b, testHeader(AppendOp(s)), s.Payload)
	v := NewVerifier(testDomain(), DefaultLimits(), CacheLimits{remembered, 1 << 20})
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Open(raw); err != nil {
			b.Fatal(err)
		}
	}
}
