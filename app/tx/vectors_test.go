package tx

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	weirv1 "weir/proto/weir/v1"
)

var rewriteVectors = flag.Bool("vectors", false, "write docs/spec/vectors anew")

// hexBytes is written as lower-case hexadecimal.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, h), nil
}

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// envelopeVectors is docs/spec/vectors/envelope.json.
type envelopeVectors struct {
	ChainID        string            `json:"chain_id"`
	GenesisHash    hexBytes          `json:"genesis_hash"`
	PrivateKeySeed hexBytes          `json:"private_key_seed"`
	Accepted       []acceptedVector  `json:"accepted"`
	Refused        []refusedEnvelope `json:"refused"`
}

type acceptedVector struct {
	Name      string     `json:"name"`
	Envelope  hexBytes   `json:"envelope"`
	Digest    hexBytes   `json:"digest"`
	Signature hexBytes   `json:"signature"`
	Header    hexBytes   `json:"header"`
	Payloads  []hexBytes `json:"payloads"`
	Hash      hexBytes   `json:"hash"`
	Body      hexBytes   `json:"body"`
	Owner     bool       `json:"key_may_own"`
}

type refusedEnvelope struct {
	Name     string   `json:"name"`
	Envelope hexBytes `json:"envelope"`
	Code     uint32   `json:"code"`
	Reason   string   `json:"reason"`
}

// readVectors reads a file of docs/spec/vectors into v, a pointer, after it has compared the file
// with want. To accept a change of protocol: go test ./app/tx -run Vectors -vectors
func readVectors(t *testing.T, file string, want, v any) {
	t.Helper()
	b, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	path := filepath.Join("..", "..", "docs", "spec", "vectors", file)
	if *rewriteVectors {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%s differs from what the code makes (%v)", file, err)
	}
	if err := json.Unmarshal(got, v); err != nil {
		t.Fatal(err)
	}
}

// zstdRow is a Zstandard frame of one raw block that holds "row", built by RFC 8878 by hand.
const zstdRow = "\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00row"

// acceptedEnvelopes lists transactions by name.
func acceptedEnvelopes(t *testing.T) (names []string, raws [][]byte) {
	add := func(name string, raw []byte) { names, raws = append(names, name), append(raws, raw) }
	one := testSpec("w1", 1, "row", 1)
	next := testSpec("w1", 2, "two rows", 2)
	next.Previous = [HashSize]byte(mustDecode(t, mustSign(t,
		testHeader(AppendOp(one)), one.Payload)).Batches[0].PayloadHash)
	other := testSpec("w2", 7, "change", 1)
	end := testSpec("w1", 4, "", 0)
	end.Close = true
	packed := testSpec("w1", 1, zstdRow, 1)
	packed.Compression, packed.RawLength = weirv1.Compression_COMPRESSION_ZSTD, 3
	add("one append", mustSign(t, testHeader(AppendOp(one)), one.Payload))
	add("append, statement, change: payloads without gaps", mustSign(t,
		testHeader(AppendOp(next), StatementOp("DELETE FROM t"), ChangeOp(other)),
		next.Payload, other.Payload))
	add("close without rows: an empty payload", mustSign(t, testHeader(AppendOp(end))))
	add("compressed payload", mustSign(t, testHeader(AppendOp(packed)), packed.Payload))
	add("statement", mustSign(t, testHeader(StatementOp("CREATE STREAM s (a int)"))))
	add("governance", mustSign(t, testHeader(SuspendOp(1024, "wrong rate"), ResumeOp(1025))))
	return append(names, "a key of order 8: any message verifies, so it may own nothing"),
		append(raws, smallOrderEnvelope(t))
}

// smallOrderEnvelope is signed by nobody: the key has order 8, the signature is (identity, 0).
func smallOrderEnvelope(t *testing.T) []byte {
	key, err := hex.DecodeString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
	if err != nil {
		t.Fatal(err)
	}
	raw := mustSign(t, testHeader(StatementOp("SELECT 1")))
	copy(raw[headerAt+2:], key) // the signer is the first field
	copy(raw[signatureAt:lengthAt], make([]byte, SignatureSize))
	raw[signatureAt] = 1
	return raw
}

func mustDecode(t *testing.T, raw []byte) *Tx {
	t.Helper()
	got, err := Decode(raw, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// refusedEnvelopes lists what is wrong with the envelope alone; header.json has the rest.
func refusedEnvelopes(t *testing.T) []refusedEnvelope {
	one := testSpec("w1", 1, "row", 1)
	good := mustSign(t, testHeader(AppendOp(one)), one.Payload)
	edit := func(f func(b []byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return b
	}
	last := len(good) - 1
	list := []refusedEnvelope{
		{Name: "no bytes", Envelope: nil, Code: CodeMalformed},
		{Name: "fixed part cut short", Envelope: good[:headerAt-1], Code: CodeMalformed},
		{Name: "version 0", Envelope: edit(func(b []byte) { b[0] = 0 }), Code: CodeUnknownVersion},
		{Name: "version 2", Envelope: edit(func(b []byte) { b[0] = 2 }), Code: CodeUnknownVersion},
		{Name: "scheme 2", Envelope: edit(func(b []byte) { b[1] = 2 }), Code: CodeUnknownScheme},
		{
			Name:     "header longer than the limit",
			Envelope: edit(func(b []byte) { b[lengthAt+1] = 2; b[lengthAt+3] = 1 }),
			Code:     CodeHeaderTooLarge,
		},
		{
			Name:     "header longer than the rest",
			Envelope: edit(func(b []byte) { b[lengthAt+2]++ }), Code: CodeMalformed,
		},
		{Name: "payload cut short", Envelope: good[:last], Code: CodeMalformed},
		{
			Name:     "a byte after the last payload",
			Envelope: append(bytes.Clone(good), 0), Code: CodeMalformed,
		},
		{
			Name:     "payload flipped",
			Envelope: edit(func(b []byte) { b[last] ^= 1 }), Code: CodePayloadHash,
		},
		{
			Name:     "signature of other bytes",
			Envelope: edit(func(b []byte) { b[signatureAt] ^= 1 }), Code: CodeBadSignature,
		},
		{
			Name:     "signature with S not below the group order",
			Envelope: edit(func(b []byte) { b[lengthAt-1] |= 0x10 }), Code: CodeBadSignature,
		},
		{
			Name: "signed for another network",
			Envelope: edit(func(b []byte) {
				d := testDomain()
				d.ChainID = "weir-tess"
				raw, err := Sign(testKey(1), d, testHeader(AppendOp(one)), [][]byte{one.Payload})
				if err != nil {
					t.Fatal(err)
				}
				copy(b, raw)
			}),
			Code: CodeBadSignature,
		},
	}
	for i := range list {
		info, _ := Info(list[i].Code)
		list[i].Reason = info.Name
	}
	return list
}

func makeEnvelopeVectors(t *testing.T) envelopeVectors {
	d := testDomain()
	v := envelopeVectors{
		ChainID: d.ChainID, GenesisHash: d.GenesisHash[:], PrivateKeySeed: testKey(1).Seed(),
		Refused: refusedEnvelopes(t),
	}
	names, raws := acceptedEnvelopes(t)
	for i, raw := range raws {
		got := mustDecode(t, raw)
		digest := d.Digest(got.HeaderBytes())
		a := acceptedVector{
			Name: names[i], Envelope: raw, Digest: digest[:], Signature: got.Signature(),
			Header: got.HeaderBytes(), Payloads: []hexBytes{},
			Hash: got.Hash[:], Body: got.Body[:],
			Owner: CheckKey(got.Header.GetSigner()) == nil,
		}
		for _, b := range got.Batches {
			a.Payloads = append(a.Payloads, got.Payloads[b.Operation])
		}
		v.Accepted = append(v.Accepted, a)
	}
	return v
}

// TestEnvelopeVectors judges what the file says, and compares the file with the code.
func TestEnvelopeVectors(t *testing.T) {
	var v envelopeVectors
	readVectors(t, "envelope.json", makeEnvelopeVectors(t), &v)
	d := Domain{ChainID: v.ChainID, GenesisHash: [HashSize]byte(v.GenesisHash)}
	for _, a := range v.Accepted {
		t.Run(a.Name, func(t *testing.T) {
			got := mustDecode(t, a.Envelope)
			if err := Verify(got, d); err != nil {
				t.Fatal(err)
			}
			digest := d.Digest(a.Header)
			if !bytes.Equal(got.HeaderBytes(), a.Header) || !bytes.Equal(digest[:], a.Digest) ||
				!bytes.Equal(got.Hash[:], a.Hash) || !bytes.Equal(got.Body[:], a.Body) ||
				!bytes.Equal(got.Signature(), a.Signature) ||
				a.Owner != (CheckKey(got.Header.GetSigner()) == nil) {
				t.Errorf("decodes to %+v", got)
			}
			whole := append(hexBytes{Version, SchemeEd25519}, a.Signature...)
			n := len(a.Header)
			whole = append(whole, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
			whole = append(whole, a.Header...)
			for _, p := range a.Payloads {
				whole = append(whole, p...)
			}
			if !bytes.Equal(whole, a.Envelope) {
				t.Errorf("the parts make %x", whole)
			}
		})
	}
	for _, r := range v.Refused {
		t.Run(r.Name, func(t *testing.T) {
			got, err := Decode(r.Envelope, DefaultLimits())
			if err == nil {
				err = Verify(got, d)
			}
			wantCode(t, err, r.Code)
			if AsReject(err).Name() != r.Reason {
				t.Errorf("reason %s, want %s", AsReject(err).Name(), r.Reason)
			}
		})
	}
}
