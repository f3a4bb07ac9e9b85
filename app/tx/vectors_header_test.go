package tx

import (
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	weirv1 "weir/proto/weir/v1"
)

// headerVectors is docs/spec/vectors/header.json.
type headerVectors struct {
	Accepted []acceptedHeader `json:"accepted"`
	Refused  []refusedHeader  `json:"refused"`
}

type acceptedHeader struct {
	Name   string       `json:"name"`
	Header hexBytes     `json:"header"`
	Fields headerFields `json:"fields"`
}

type refusedHeader struct {
	Name   string   `json:"name"`
	Header hexBytes `json:"header"`
	Code   uint32   `json:"code"`
	Reason string   `json:"reason"`
}

// headerFields spells a header out: the names are those of header.proto, and what is not there
// has its default.
type headerFields struct {
	Signer     hexBytes          `json:"signer"`
	Role       string            `json:"role"`
	ValidUntil uint64            `json:"valid_until"`
	Nonce      uint64            `json:"nonce"`
	Operations []operationFields `json:"operations"`
}

type operationFields struct {
	Kind          string   `json:"kind"`
	Relation      uint32   `json:"relation,omitempty"`
	SchemaVersion uint32   `json:"schema_version,omitempty"`
	Writer        string   `json:"writer,omitempty"`
	FirstSeq      uint64   `json:"first_seq,omitempty"`
	Rows          uint32   `json:"rows,omitempty"`
	Previous      hexBytes `json:"previous,omitempty"`
	RowRoot       hexBytes `json:"row_root,omitempty"`
	PayloadHash   hexBytes `json:"payload_hash,omitempty"`
	PayloadLength uint32   `json:"payload_length,omitempty"`
	Compression   int32    `json:"compression,omitempty"`
	RawLength     uint32   `json:"raw_length,omitempty"`
	Close         bool     `json:"close,omitempty"`
	SQL           string   `json:"sql,omitempty"`
	Reason        string   `json:"reason,omitempty"`
}

func fieldsOf(h *weirv1.Header) headerFields {
	f := headerFields{
		Signer: h.GetSigner(), Role: h.GetRole(), ValidUntil: h.GetValidUntil(),
		Nonce: h.GetNonce(),
	}
	for _, op := range h.GetOperations() {
		f.Operations = append(f.Operations, fieldsOfOperation(op))
	}
	return f
}

func fieldsOfOperation(op *weirv1.Operation) (f operationFields) {
	switch k := op.GetKind().(type) {
	case *weirv1.Operation_Append:
		f.setRows("append", k.Append.GetRows())
		f.Close = k.Append.GetClose()
	case *weirv1.Operation_Change:
		f.setRows("change", k.Change.GetRows())
	case *weirv1.Operation_Statement:
		f.Kind, f.SQL = "statement", k.Statement.GetSql()
	case *weirv1.Operation_Govern:
		if s := k.Govern.GetSuspendView(); s != nil {
			f.Kind, f.Relation, f.Reason = "suspend_view", s.GetRelation(), s.GetReason()
		} else {
			f.Kind, f.Relation = "resume_view", k.Govern.GetResumeView().GetRelation()
		}
	}
	return f
}

func (f *operationFields) setRows(kind string, r *weirv1.Rows) {
	*f = operationFields{
		Kind: kind, Relation: r.GetRelation(), SchemaVersion: r.GetSchemaVersion(),
		Writer: r.GetWriter(), FirstSeq: r.GetFirstSeq(), Rows: r.GetRows(),
		Previous: r.GetPrevious(), RowRoot: r.GetRowRoot(), PayloadHash: r.GetPayloadHash(),
		PayloadLength: r.GetPayloadLength(), Compression: int32(r.GetCompression()),
		RawLength: r.GetRawLength(),
	}
}

func makeHeaderVectors(t *testing.T) (v headerVectors) {
	names, raws := acceptedEnvelopes(t)
	for i, raw := range raws {
		got := mustDecode(t, raw)
		v.Accepted = append(v.Accepted, acceptedHeader{
			Name: names[i], Header: got.HeaderBytes(), Fields: fieldsOf(got.Header),
		})
	}
	good, cases := notCanonicalCases()
	v.Accepted = append(v.Accepted, acceptedHeader{
		Name: "the canonical form of those refused", Header: good,
		Fields: fieldsOf(mustDecode(t, signLoose(good, nil)).Header),
	})
	for _, c := range cases {
		v.Refused = append(v.Refused, refusedHeader{Name: c.name, Header: c.header, Code: c.code})
	}
	for _, c := range limitCases() {
		c.header.Signer = testKey(1)[KeySize:]
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.header)
		if err != nil {
			t.Fatal(err)
		}
		v.Refused = append(v.Refused, refusedHeader{Name: c.name, Header: b, Code: c.code})
	}
	for i := range v.Refused {
		info, _ := Info(v.Refused[i].Code)
		v.Refused[i].Reason = info.Name
	}
	return v
}

type limitCase struct {
	name   string
	header *weirv1.Header
	code   uint32
}

// limitCases lists canonical headers that say what none may say.
func limitCases() []limitCase {
	row := testSpec("w", 1, "row", 1)
	edit := func(f func(s *Spec)) *weirv1.Header {
		s := row
		f(&s)
		return testHeader(AppendOp(s))
	}
	resume := ResumeOp(1)
	noRole, noEnd, quota := testHeader(resume), testHeader(resume), testHeader(resume)
	noRole.Role, noEnd.ValidUntil, quota.Quota = "", 0, 1
	many := make([]*weirv1.Operation, 17)
	for i := range many {
		many[i] = ResumeOp(1)
	}
	return []limitCase{
		{"no operation", testHeader(), CodeMalformed},
		{"17 operations", testHeader(many...), CodeTooManyOperations},
		{"no role", noRole, CodeName},
		{"no valid_until", noEnd, CodeMalformed},
		{"quota", quota, CodeQuota},
		{"a lane twice", testHeader(AppendOp(row), ChangeOp(row)), CodeDuplicateLane},
		{"no relation", edit(func(s *Spec) { s.Relation = 0 }), CodeMalformed},
		{"no schema version", edit(func(s *Spec) { s.SchemaVersion = 0 }), CodeMalformed},
		{"no writer", edit(func(s *Spec) { s.Writer = "" }), CodeName},
		{"long writer", edit(func(s *Spec) { s.Writer = strings.Repeat("w", 65) }), CodeName},
		{"control character", edit(func(s *Spec) { s.Writer = "w\n" }), CodeName},
		{"sequence 0", edit(func(s *Spec) { s.FirstSeq = 0 }), CodeMalformed},
		{"sequence 2^63-1", edit(func(s *Spec) { s.FirstSeq = MaxSequence }), CodeMalformed},
		{"8193 rows", edit(func(s *Spec) { s.Rows = 8193 }), CodeBatchRows},
		{"rows without bytes", edit(func(s *Spec) { s.Payload = nil }), CodeRowCount},
		{
			"nothing and no close",
			edit(func(s *Spec) { s.Rows, s.Payload = 0, nil }), CodeBatchRows,
		},
		{"short row root", edit(func(s *Spec) { s.RowRoot = make([]byte, 31) }), CodeMalformed},
		{"raw length of plain rows", edit(func(s *Spec) { s.RawLength = 3 }), CodeMalformed},
		{"no SQL", testHeader(&weirv1.Operation{Kind: &weirv1.Operation_Statement{
			Statement: &weirv1.Statement{},
		}}), CodeStatementTooLong},
		{"govern without a kind", testHeader(governOp(&weirv1.Govern{})), CodeMalformed},
		{"govern without a relation", testHeader(ResumeOp(0)), CodeMalformed},
		{"operation without a kind", testHeader(&weirv1.Operation{}), CodeMalformed},
	}
}

// TestHeaderVectors judges what the file says, and compares the file with the code. Payloads do
// not follow these headers, so they are read by decodeHeader and readOperations.
func TestHeaderVectors(t *testing.T) {
	var v headerVectors
	readVectors(t, "header.json", makeHeaderVectors(t), &v)
	read := func(b []byte) (*weirv1.Header, *Reject) {
		h, rej := decodeHeader(b, DefaultLimits())
		if rej != nil {
			return nil, rej
		}
		return h, (&Tx{Header: h}).readOperations(DefaultLimits())
	}
	for _, a := range v.Accepted {
		t.Run(a.Name, func(t *testing.T) {
			h, rej := read(a.Header)
			if rej != nil {
				t.Fatal(rej)
			}
			got, err := json.Marshal(fieldsOf(h))
			if err != nil {
				t.Fatal(err)
			}
			want, err := json.Marshal(a.Fields)
			if err != nil || string(got) != string(want) {
				t.Errorf("fields %s, want %s, %v", got, want, err)
			}
		})
	}
	for _, r := range v.Refused {
		t.Run(r.Name, func(t *testing.T) {
			_, rej := read(r.Header)
			if rej == nil || rej.Code != r.Code || rej.Name() != r.Reason {
				t.Errorf("rejection %v, want %d %s", rej, r.Code, r.Reason)
			}
		})
	}
}
