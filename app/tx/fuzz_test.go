package tx

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
)

// FuzzDecode: no panic, and what passes is framed exactly and has a canonical header.
func FuzzDecode(f *testing.F) {
	s := testSpec("w", 1, "row", 1)
	f.Add(mustSign(f, testHeader(AppendOp(s), StatementOp("x")), s.Payload))
	f.Add(mustSign(f, testHeader(ResumeOp(3))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Decode(raw, DefaultLimits())
		if err != nil {
			if AsReject(err) == nil {
				t.Fatal(err)
			}
			return
		}
		b := append([]byte(nil), raw[:headerAt]...)
		b = append(b, got.HeaderBytes()...)
		for _, p := range got.Payloads {
			b = append(b, p...)
		}
		if !bytes.Equal(b, raw) {
			t.Fatal("the parts are not the whole")
		}
	})
}

// FuzzHeader: a header that passes is the very encoding that the stock encoder writes.
func FuzzHeader(f *testing.F) {
	h := testHeader(AppendOp(testSpec("w", 1, "row", 1)), SuspendOp(3, "why"))
	h.Signer = testKey(1)[KeySize:]
	b, err := proto.Marshal(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, rej := decodeHeader(b, DefaultLimits())
		if rej != nil {
			return
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(h)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x\n%x\n%v", b, again, err)
		}
	})
}
