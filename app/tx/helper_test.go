package tx

import (
	stded25519 "crypto/ed25519"
	"crypto/sha256"
	"testing"

	weirv1 "weir/proto/weir/v1"
)

func testKey(n byte) stded25519.PrivateKey {
	seed := sha256.Sum256([]byte{'k', n})
	return stded25519.NewKeyFromSeed(seed[:])
}

func testDomain() Domain {
	return Domain{ChainID: "weir-test", GenesisHash: sha256.Sum256([]byte("genesis"))}
}

func testSpec(writer string, first uint64, payload string, rows uint32) Spec {
	return Spec{
		Relation: 1024, SchemaVersion: 1, Writer: writer,
		FirstSeq: first, Rows: rows, Payload: []byte(payload),
	}
}

func testHeader(ops ...*weirv1.Operation) *weirv1.Header {
	return &weirv1.Header{Role: "alice", ValidUntil: 100, Nonce: 7, Operations: ops}
}

func mustSign(t testing.TB, h *weirv1.Header, payloads ...[]byte) []byte {
	t.Helper()
	raw, err := Sign(testKey(1), testDomain(), h, payloads)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// signLoose builds an envelope around any header bytes, with a right signature.
func signLoose(header []byte, payload []byte) []byte {
	priv, d := testKey(1), testDomain()
	digest := d.Digest(header)
	raw := append([]byte{Version, SchemeEd25519}, stded25519.Sign(priv, digest[:])...)
	n := len(header)
	raw = append(raw, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	return append(append(raw, header...), payload...)
}

func wantCode(t testing.TB, err error, code uint32) {
	t.Helper()
	rej := AsReject(err)
	if rej == nil {
		t.Fatalf("error is %v, want a rejection with code %d", err, code)
	}
	if rej.Code != code {
		t.Fatalf("rejection is %d %v, want code %d", rej.Code, rej, code)
	}
}
