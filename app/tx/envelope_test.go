package tx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	weirv1 "weir/proto/weir/v1"
)

func TestSignDecodeVerify(t *testing.T) {
	a, c := testSpec("w1", 1, "rows of a", 3), testSpec("w2", 9, "changes of c", 1)
	a.Close = true
	c.Previous[5] = 1
	h := testHeader(AppendOp(a), StatementOp("INSERT INTO t VALUES (1)"), ChangeOp(c), ResumeOp(9))
	raw := mustSign(t, h, a.Payload, c.Payload)
	got, err := Decode(raw, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(got, testDomain()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Payloads[0], a.Payload) || !bytes.Equal(got.Payloads[2], c.Payload) {
		t.Error("payloads are not where they belong")
	}
	if got.Payloads[1] != nil || got.Payloads[3] != nil || !got.Laneless {
		t.Error("operations without a lane are misread")
	}
	if len(got.Batches) != 2 || got.Batches[0].Lane != (Lane{"alice", "w1", 1024}) ||
		!got.Batches[0].Close || !got.Batches[1].Change || got.Batches[1].Previous != c.Previous {
		t.Errorf("batches = %+v", got.Batches)
	}
	other := testDomain()
	other.ChainID = "weir-test2"
	wantCode(t, Verify(got, other), CodeBadSignature)
	other = testDomain()
	other.GenesisHash[0] ^= 1
	wantCode(t, Verify(got, other), CodeBadSignature)
}

// TestEveryBitCounts flips each bit: nothing but the signed transaction may pass.
func TestEveryBitCounts(t *testing.T) {
	s := testSpec("w", 1, "row", 1)
	raw := mustSign(t, testHeader(AppendOp(s)), s.Payload)
	for i := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		got, err := Decode(flipped, DefaultLimits())
		if err == nil {
			err = Verify(got, testDomain())
		}
		if AsReject(err) == nil {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
	for n := range len(raw) {
		if _, err := Decode(raw[:n], DefaultLimits()); AsReject(err) == nil {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	_, err := Decode(append(bytes.Clone(raw), 0), DefaultLimits())
	wantCode(t, err, CodeMalformed)
}

func TestRefusedForms(t *testing.T) {
	s := testSpec("w", 1, "row", 1)
	with := func(f func(*Spec)) *weirv1.Header {
		c := s
		f(&c)
		return testHeader(AppendOp(c))
	}
	for _, c := range []struct {
		name string
		h    *weirv1.Header
		code uint32
	}{
		{"no operation", testHeader(), CodeMalformed},
		{"no kind", testHeader(&weirv1.Operation{}), CodeMalformed},
		{"no rows", testHeader(&weirv1.Operation{Kind: &weirv1.Operation_Append{
			Append: &weirv1.Append{},
		}}), CodeMalformed},
		{"no valid_until", &weirv1.Header{
			Role: "r", Operations: []*weirv1.Operation{StatementOp("x")},
		}, CodeMalformed},
		{"quota", &weirv1.Header{
			Role: "r", ValidUntil: 1, Quota: 1,
			Operations: []*weirv1.Operation{StatementOp("x")},
		}, CodeQuota},
		{"no role", &weirv1.Header{
			ValidUntil: 1, Operations: []*weirv1.Operation{StatementOp("x")},
		}, CodeName},
		{"control character", with(func(s *Spec) { s.Writer = "a\nb" }), CodeName},
		{"no relation", with(func(s *Spec) { s.Relation = 0 }), CodeMalformed},
		{"no schema version", with(func(s *Spec) { s.SchemaVersion = 0 }), CodeMalformed},
		{"sequence 0", with(func(s *Spec) { s.FirstSeq = 0 }), CodeMalformed},
		{"sequence overflow", with(func(s *Spec) { s.FirstSeq = MaxSequence }), CodeMalformed},
		{"row root", with(func(s *Spec) { s.RowRoot = []byte{1} }), CodeMalformed},
		{"no rows, no close", with(func(s *Spec) { s.Rows, s.Payload = 0, nil }), CodeBatchRows},
		{"rows without bytes", with(func(s *Spec) { s.Payload = nil }), CodeRowCount},
		{"bytes without rows", with(func(s *Spec) { s.Rows, s.Close = 0, true }), CodeRowCount},
		{"raw length uncompressed", with(func(s *Spec) { s.RawLength = 3 }), CodeMalformed},
		{"no raw length", with(func(s *Spec) { s.Compression = 1 }), CodeMalformed},
		{"unknown compression", with(func(s *Spec) {
			s.Compression, s.RawLength = 2, 9
		}), CodeUnknownField},
		{"same lane twice", testHeader(AppendOp(s), ChangeOp(s)), CodeDuplicateLane},
		{"empty statement", testHeader(StatementOp("")), CodeStatementTooLong},
		{"govern nothing", testHeader(ResumeOp(0)), CodeMalformed},
		{"payload hash", testHeader(AppendOp(testSpec("w", 1, "wor", 1))), CodePayloadHash},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Sign(testKey(1), testDomain(), c.h, [][]byte{s.Payload})
			wantCode(t, err, c.code)
		})
	}
	raw := mustSign(t, testHeader(AppendOp(s)), s.Payload)
	for _, c := range []struct {
		at   int
		code uint32
	}{{0, CodeUnknownVersion}, {1, CodeUnknownScheme}} {
		b := bytes.Clone(raw)
		b[c.at]++
		_, err := Decode(b, DefaultLimits())
		wantCode(t, err, c.code)
	}
}

// notCanonicalCase is a header in an encoding that protobuf decoders tolerate and Decode refuses.
type notCanonicalCase struct {
	name   string
	header []byte
	code   uint32
}

// notCanonicalCases returns one canonical header, and what it may not be spelled like.
func notCanonicalCases() (good []byte, cases []notCanonicalCase) {
	key := testKey(1)[KeySize:]
	field := func(n protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
	text := func(n protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), v)
	}
	sql := text(3, text(1, []byte("SELECT 1")))
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	signer, role, until, ops := text(1, key), text(2, []byte("r")), field(3, 9), text(6, sql)
	good = join(signer, role, until, ops)
	return good, []notCanonicalCase{
		{"unknown field", join(good, field(7, 1)), CodeUnknownField},
		{"unknown deep field", join(signer, role, until,
			text(6, text(3, join(text(1, []byte("x")), field(2, 1))))), CodeUnknownField},
		{"unknown kind", join(signer, role, until, text(6, text(5, nil))), CodeUnknownField},
		{"out of order", join(role, signer, until, ops), CodeMalformed},
		{"twice", join(signer, role, until, until, ops), CodeMalformed},
		{"default written out", join(signer, role, until, field(4, 0), ops), CodeMalformed},
		{
			"empty text written out", join(signer, role, until, text(6, text(3, text(1, nil)))),
			CodeMalformed,
		},
		{"long varint", join(signer, role, []byte{3 << 3, 0x89, 0}, ops), CodeMalformed},
		{"long tag", join(signer, role, []byte{3<<3 | 0x80, 0, 9}, ops), CodeMalformed},
		{"long length", join(signer, []byte{2<<3 | 2, 0x81, 0, 'r'}, until, ops), CodeMalformed},
		{"wrong wire type", join(signer, role, text(3, []byte{9}), ops), CodeMalformed},
		{"two kinds", join(signer, role, until, text(6, join(text(1, nil), sql))), CodeMalformed},
		{"not UTF-8", join(signer, text(2, []byte{0xff}), until, ops), CodeMalformed},
		{"group", join(good, []byte{6<<3 | 3, 6<<3 | 4}), CodeMalformed},
		{
			"u32 overflow", join(signer, role, until, text(6, text(4, text(2, field(1, 1<<32))))),
			CodeMalformed,
		},
	}
}

// TestNotCanonical takes one header through every encoding that protobuf decoders tolerate.
func TestNotCanonical(t *testing.T) {
	good, cases := notCanonicalCases()
	if _, err := Decode(signLoose(good, nil), DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(signLoose(c.header, nil), DefaultLimits())
			wantCode(t, err, c.code)
		})
	}
}

// TestCanonicalIsTheStockEncoding: whatever passes is what a stock encoder writes, so a header
// has one encoding, and whatever a stock encoder writes passes.
func TestCanonicalIsTheStockEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := testHeader()
		h.Signer = testKey(1)[KeySize:]
		h.Nonce = rapid.Uint64().Draw(t, "nonce")
		for range rapid.IntRange(1, 4).Draw(t, "ops") {
			s := testSpec(rapid.StringMatching("[a-z]{1,9}").Draw(t, "writer"),
				rapid.Uint64().Draw(t, "first"), "p", rapid.Uint32().Draw(t, "rows"))
			s.Close = rapid.Bool().Draw(t, "close")
			h.Operations = append(h.Operations, rapid.SampledFrom([]*weirv1.Operation{
				AppendOp(s), ChangeOp(s), StatementOp("x"), SuspendOp(3, "why"), ResumeOp(4),
			}).Draw(t, "op"))
		}
		b, err := proto.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if rej := checkCanonical(h.ProtoReflect().Descriptor(), b); rej != nil {
			t.Fatal(rej)
		}
	})
}

func TestUnpack(t *testing.T) {
	u, err := NewUnpacker(DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte(strings.Repeat("a long row, ", 1000))
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		packed []byte
		raw    int
		ok     bool
	}{
		{"right", enc.EncodeAll(plain, nil), len(plain), true},
		{"longer than said", enc.EncodeAll(plain, nil), len(plain) - 1, false},
		{"shorter than said", enc.EncodeAll(plain, nil), len(plain) + 1, false},
		{"garbage", plain, len(plain), false},
		{"bomb", enc.EncodeAll(make([]byte, 64<<20), nil), 4 << 20, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := testSpec("w", 1, string(c.packed), 1)
			s.Compression, s.RawLength = weirv1.Compression_COMPRESSION_ZSTD, uint32(c.raw)
			got, err := Decode(mustSign(t, testHeader(AppendOp(s)), s.Payload), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			raw, err := u.Payload(got, &got.Batches[0])
			if !c.ok {
				wantCode(t, err, CodeBadPayload)
			} else if err != nil || !bytes.Equal(raw, plain) {
				t.Fatalf("%d bytes, %v", len(raw), err)
			}
		})
	}
}
