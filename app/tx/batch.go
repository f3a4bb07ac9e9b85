package tx

import (
	"math"

	weirv1 "weir/proto/weir/v1"
)

// Lane is a sequence of batches that applies in order, each once: one writer of one role into
// one relation. Keys are authorised for writers and may change in the middle of a lane.
type Lane struct {
	Role     string
	Writer   string
	Relation uint32
}

// MaxSequence is the greatest sequence number: it fits a bigint.
const MaxSequence = math.MaxInt64

// Batch is what an Append or a Change claims about its rows.
type Batch struct {
	Operation     int  // its index in the body
	Change        bool // a Change, else an Append
	Lane          Lane
	SchemaVersion uint32
	FirstSeq      uint64
	Rows          uint32
	Previous      [HashSize]byte // payload hash of the lane's previous batch; zero for the first
	RowRoot       []byte         // 32 bytes, or empty without row proofs
	PayloadHash   [HashSize]byte
	PayloadLength uint32
	RawLength     uint32 // bytes of the payload after decompression
	Compression   weirv1.Compression
	Close         bool
}

// readOperations checks every operation and lists the ones with a lane.
func (t *Tx) readOperations(lim Limits) *Reject {
	for i, op := range t.Header.GetOperations() {
		var rows *weirv1.Rows
		b := Batch{Operation: i}
		switch k := op.GetKind().(type) {
		case *weirv1.Operation_Append:
			rows, b.Close = k.Append.GetRows(), k.Append.GetClose()
		case *weirv1.Operation_Change:
			rows, b.Change = k.Change.GetRows(), true
		case *weirv1.Operation_Statement:
			t.Laneless = true
			if rej := checkStatement(k.Statement, lim); rej != nil {
				return rej
			}
			continue
		case *weirv1.Operation_Govern:
			t.Laneless = true
			if rej := checkGovern(k.Govern, lim); rej != nil {
				return rej
			}
			continue
		default:
			return Rejectf(CodeMalformed, "operation %d has no kind", i)
		}
		if rows == nil {
			return Rejectf(CodeMalformed, "operation %d has no rows", i)
		}
		if rej := b.read(t.Header.GetRole(), rows, lim); rej != nil {
			return rej
		}
		if t.hasLane(b.Lane) {
			return Rejectf(CodeDuplicateLane,
				"operation %d names the lane of an earlier operation", i)
		}
		t.Batches = append(t.Batches, b)
	}
	return nil
}

func (t *Tx) hasLane(l Lane) bool {
	for i := range t.Batches {
		if t.Batches[i].Lane == l {
			return true
		}
	}
	return false
}

// read fills the batch from its message, and checks it by itself.
func (b *Batch) read(role string, r *weirv1.Rows, lim Limits) *Reject {
	b.Lane = Lane{Role: role, Writer: r.GetWriter(), Relation: r.GetRelation()}
	b.SchemaVersion = r.GetSchemaVersion()
	b.FirstSeq, b.Rows = r.GetFirstSeq(), r.GetRows()
	b.RowRoot = r.GetRowRoot()
	b.PayloadLength, b.RawLength = r.GetPayloadLength(), r.GetRawLength()
	b.Compression = r.GetCompression()
	if rej := checkName("writer", b.Lane.Writer, lim); rej != nil {
		return rej
	}
	if b.Lane.Relation == 0 || b.SchemaVersion == 0 {
		return Rejectf(CodeMalformed,
			"operation %d lacks a relation id or schema version", b.Operation)
	}
	if rej := b.checkSequence(lim); rej != nil {
		return rej
	}
	if !readHash(&b.PayloadHash, r.GetPayloadHash()) {
		return Rejectf(CodeMalformed, "operation %d has no payload hash", b.Operation)
	}
	if len(r.GetPrevious()) > 0 && !readHash(&b.Previous, r.GetPrevious()) {
		return Rejectf(CodeMalformed, "operation %d has a broken previous hash", b.Operation)
	}
	if n := len(b.RowRoot); n != 0 && n != HashSize {
		return Rejectf(CodeMalformed, "operation %d has a broken row root", b.Operation)
	}
	return b.checkLength(lim)
}

// readHash copies a hash; the zero hash is no hash.
func readHash(to *[HashSize]byte, from []byte) bool {
	return len(from) == HashSize && copy(to[:], from) == HashSize && *to != [HashSize]byte{}
}

func (b *Batch) checkSequence(lim Limits) *Reject {
	if b.Rows > lim.BatchRows {
		return Rejectf(CodeBatchRows, "operation %d has %d rows, more than %d",
			b.Operation, b.Rows, lim.BatchRows)
	}
	if b.Rows == 0 && !b.Close {
		return Rejectf(CodeBatchRows, "operation %d has no rows and closes nothing", b.Operation)
	}
	if b.FirstSeq == 0 || b.FirstSeq > MaxSequence-uint64(b.Rows) {
		return Rejectf(CodeMalformed, "operation %d has a sequence number out of range",
			b.Operation)
	}
	return nil
}

func (b *Batch) checkLength(lim Limits) *Reject {
	if (b.Rows == 0) != (b.PayloadLength == 0) {
		return Rejectf(CodeRowCount, "operation %d has %d rows in %d bytes",
			b.Operation, b.Rows, b.PayloadLength)
	}
	if (b.Compression == weirv1.Compression_COMPRESSION_NONE) != (b.RawLength == 0) {
		return Rejectf(CodeMalformed,
			"operation %d has a raw length exactly when it is not compressed", b.Operation)
	}
	if b.RawLength == 0 {
		b.RawLength = b.PayloadLength
	}
	if b.PayloadLength == 0 && b.RawLength != 0 {
		return Rejectf(CodeMalformed, "operation %d compresses nothing", b.Operation)
	}
	if b.RawLength > lim.RawPayload {
		return Rejectf(CodePayloadTooLarge, "operation %d unpacks to %d bytes, more than %d",
			b.Operation, b.RawLength, lim.RawPayload)
	}
	return nil
}
