package lane

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weir/app/tx"
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

// laneVectors is docs/spec/vectors/lane.json: what becomes of transactions, one after the other,
// from an empty state. A transaction that applies is recorded with its rows at the offset that
// the rows applied before it have reached; a rejected one is remembered where the page says so.
type laneVectors struct {
	Steps []laneStep `json:"steps"`
}

type laneStep struct {
	Name     string       `json:"name"`
	Height   uint64       `json:"height"`
	Envelope hexBytes     `json:"envelope,omitempty"` // none: only a sweep
	Outcome  string       `json:"outcome"`            // applies, resend, swept, or a reason
	Code     uint32       `json:"code"`
	Expected uint64       `json:"expected,omitempty"` // next sequence of the lane, if refused
	Resent   uint64       `json:"resent_height,omitempty"`
	Changes  []laneChange `json:"changes"` // of the state, ascending by key
}

// laneChange is an entry after a step; without a value it was deleted.
type laneChange struct {
	Key   hexBytes `json:"key"`
	Value hexBytes `json:"value,omitempty"`
}

// changes lists what differs in after.
func changes(before, after mapState) []laneChange {
	all := maps.Clone(before)
	maps.Copy(all, after)
	list := []laneChange{}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		was, had := before[k]
		is, has := after[k]
		if had != has || !bytes.Equal(was, is) {
			list = append(list, laneChange{hexBytes(k), is})
		}
	}
	return list
}

// forgettable has the codes of those rejections that can be made here and are not remembered.
var forgettable = []uint32{
	tx.CodeAlreadyRejected, tx.CodeExpired, tx.CodeValidUntilTooFar, tx.CodeNonceUsed,
	tx.CodeTooManyNonces,
}

// take judges and records one step over st, and fills in all but its name, height and envelope.
func take(t *testing.T, st mapState, offset *uint64, s laneStep) laneStep {
	t.Helper()
	before, lim := maps.Clone(st), tx.DefaultLimits()
	s.Code, s.Expected, s.Resent = 0, 0, 0
	if len(s.Envelope) == 0 {
		if _, err := Sweep(st, s.Height, SweepEntries); err != nil {
			t.Fatal(err)
		}
		s.Outcome, s.Changes = "swept", changes(before, st)
		return s
	}
	b, err := tx.Decode(s.Envelope, lim)
	if err != nil {
		t.Fatal(err)
	}
	o, err := JudgeBody(st, b, s.Height, lim)
	switch rej := tx.AsReject(err); {
	case rej != nil:
		s.Outcome, s.Code, s.Expected = rej.Name(), rej.Code, rej.Expected
		if !slices.Contains(forgettable, rej.Code) {
			err = Remember(st, b, s.Height)
		} else {
			err = nil
		}
	case err != nil:
	case o.Resend:
		s.Outcome, s.Resent = "resend", o.Height
	default:
		s.Outcome = "applies"
		firsts := make([]uint64, len(b.Batches))
		for i := range b.Batches {
			firsts[i] = *offset
			*offset += uint64(b.Batches[i].Rows)
		}
		err = RecordBody(st, b, s.Height, firsts)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Changes = changes(before, st)
	return s
}

// script builds the steps of the vectors.
type script struct {
	t     *testing.T
	steps []laneStep
}

func (s *script) add(name string, height uint64, envelope []byte) {
	s.steps = append(s.steps, laneStep{Name: name, Height: height, Envelope: envelope})
}

// rows describes a batch of the writer; previous is the payload before it.
func rows(writer string, first uint64, n uint32, payload string, previous ...string) tx.Spec {
	s := tx.Spec{
		Relation: 1024, SchemaVersion: 1, Writer: writer, FirstSeq: first, Rows: n,
		Payload: []byte(payload), Close: n == 0,
	}
	for _, p := range previous {
		s.Previous = sha256.Sum256([]byte(p))
	}
	return s
}

// sign makes a transaction of the batches, signed by the key-th test key.
func (s *script) sign(key byte, until, nonce uint64, batches ...tx.Spec) []byte {
	h := &weirv1.Header{Role: "alice", ValidUntil: until, Nonce: nonce}
	var payloads [][]byte
	for _, b := range batches {
		h.Operations = append(h.Operations, tx.AppendOp(b))
		payloads = append(payloads, b.Payload)
	}
	return body(s.t, key, h, payloads...).Raw
}

func (s *script) sql(until, nonce uint64, text string) []byte {
	return statement(s.t, 1, nonce, until, text).Raw
}

// laneScript is the story that the vectors tell.
func laneScript(t *testing.T) []laneStep {
	s := &script{t: t}
	first, second := rows("w1", 1, 2, "a"), rows("w1", 3, 1, "b", "a")
	s.add("the first batch of a lane", 10, s.sign(1, 100, 0, first))
	s.add("the same bytes again", 11, s.sign(1, 100, 0, first))
	s.add("the same rows, signed by another key, expired", 12, s.sign(2, 9, 5, first))
	s.add("other rows with the same numbers", 12, s.sign(1, 100, 1, rows("w1", 1, 2, "A")))
	s.add("that body again", 13, s.sign(1, 100, 1, rows("w1", 1, 2, "A")))
	s.add("the same start, another count", 13, s.sign(1, 100, 2, rows("w1", 1, 1, "a")))
	s.add("a start within applied rows", 13, s.sign(1, 100, 2, rows("w1", 2, 2, "b", "a")))
	s.add("a gap", 13, s.sign(1, 100, 2, rows("w1", 4, 1, "c", "b")))
	s.add("another previous batch", 13, s.sign(1, 100, 2, rows("w1", 3, 1, "b", "x")))
	s.add("no previous batch", 13, s.sign(1, 100, 2, rows("w1", 3, 1, "b")))
	s.add("valid until the block before", 14, s.sign(1, 13, 3, second))
	s.add("valid_until too far ahead", 14, s.sign(1, 1015, 3, second))
	s.add("valid_until as far ahead as can be", 14, s.sign(1, 1014, 3, second))
	s.add("a close without rows", 15, s.sign(1, 100, 3, rows("w1", 4, 0, "", "b")))
	s.add("the close again", 16, s.sign(2, 100, 3, rows("w1", 4, 0, "", "b")))
	s.add("a close after a gap", 16, s.sign(2, 100, 3, rows("w1", 5, 0, "", "")))
	s.add("rows after the close", 17, s.sign(1, 100, 3, rows("w1", 4, 1, "c", "")))
	third, other := rows("w1", 4, 1, "c", ""), rows("w2", 1, 1, "z")
	s.add("two lanes, one applied before", 18, s.sign(1, 100, 4, third, other))
	fourth := rows("w1", 5, 1, "d", "c")
	s.add("two lanes", 19, s.sign(1, 100, 5, fourth, other))
	s.add("two lanes again", 20, s.sign(1, 100, 5, fourth, other))
	s.add("a statement", 20, s.sql(30, 7, "DELETE FROM t"))
	s.add("the statement again", 21, s.sql(30, 7, "DELETE FROM t"))
	s.add("another statement with its nonce", 30, s.sql(30, 7, "DELETE FROM u"))
	s.add("the nonce after its valid_until", 31, s.sql(40, 7, "DELETE FROM u"))
	s.add("nothing has expired but the first record of the nonce", 31, nil)
	s.add("all has expired", 101, nil)
	return s.steps
}

func makeLaneVectors(t *testing.T) (v laneVectors) {
	st, offset := mapState{}, uint64(0)
	for _, s := range laneScript(t) {
		v.Steps = append(v.Steps, take(t, st, &offset, s))
	}
	return v
}

// TestLaneVectors replays the file, and compares it with the code. To accept a change of
// protocol: go test ./app/lane -run Vectors -vectors
func TestLaneVectors(t *testing.T) {
	b, err := json.MarshalIndent(makeLaneVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	path := filepath.Join("..", "..", "docs", "spec", "vectors", "lane.json")
	if *rewriteVectors {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(file, b) {
		t.Fatalf("%s differs from what the code makes (%v)", path, err)
	}
	var v laneVectors
	if err := json.Unmarshal(file, &v); err != nil {
		t.Fatal(err)
	}
	st, offset := mapState{}, uint64(0)
	for _, want := range v.Steps {
		got := take(t, st, &offset, want)
		if got.Outcome != want.Outcome || got.Code != want.Code ||
			got.Expected != want.Expected || got.Resent != want.Resent ||
			!slices.EqualFunc(got.Changes, want.Changes, func(a, b laneChange) bool {
				return bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value)
			}) {
			t.Errorf("%s: %+v, want %+v", want.Name, got, want)
		}
	}
}
