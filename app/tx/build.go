package tx

import (
	"crypto/sha256"

	weirv1 "weir/proto/weir/v1"
)

// Spec describes a batch to be sent.
type Spec struct {
	Relation      uint32
	SchemaVersion uint32
	Writer        string
	FirstSeq      uint64         // of the first row, from 1 on
	Rows          uint32         // 0 only with Close
	Previous      [HashSize]byte // payload hash of the lane's previous batch; zero for the first
	RowRoot       []byte         // empty, or 32 bytes
	Payload       []byte         // as it will be transmitted
	Compression   weirv1.Compression
	RawLength     uint32 // of the payload after decompression; 0 when not compressed
	Close         bool   // for an Append only
}

func (s *Spec) rows() *weirv1.Rows {
	hash := sha256.Sum256(s.Payload)
	r := &weirv1.Rows{
		Relation:      s.Relation,
		SchemaVersion: s.SchemaVersion,
		Writer:        s.Writer,
		FirstSeq:      s.FirstSeq,
		Rows:          s.Rows,
		RowRoot:       s.RowRoot,
		PayloadHash:   hash[:],
		PayloadLength: uint32(len(s.Payload)),
		Compression:   s.Compression,
		RawLength:     s.RawLength,
	}
	if s.Previous != [HashSize]byte{} {
		r.Previous = append([]byte(nil), s.Previous[:]...)
	}
	return r
}

// AppendOp makes the operation that adds the batch to a stream.
func AppendOp(s Spec) *weirv1.Operation {
	return &weirv1.Operation{Kind: &weirv1.Operation_Append{
		Append: &weirv1.Append{Rows: s.rows(), Close: s.Close},
	}}
}

// ChangeOp makes the operation that applies the batch of changes to a keyed table.
func ChangeOp(s Spec) *weirv1.Operation {
	return &weirv1.Operation{Kind: &weirv1.Operation_Change{
		Change: &weirv1.Change{Rows: s.rows()},
	}}
}

// StatementOp makes the operation that runs a SQL statement.
func StatementOp(sql string) *weirv1.Operation {
	return &weirv1.Operation{Kind: &weirv1.Operation_Statement{
		Statement: &weirv1.Statement{Sql: sql},
	}}
}

// SuspendOp makes the governance operation that stops a view.
func SuspendOp(relation uint32, reason string) *weirv1.Operation {
	return governOp(&weirv1.Govern{Kind: &weirv1.Govern_SuspendView{
		SuspendView: &weirv1.SuspendView{Relation: relation, Reason: reason},
	}})
}

// ResumeOp makes the governance operation that rebuilds a suspended view.
func ResumeOp(relation uint32) *weirv1.Operation {
	return governOp(&weirv1.Govern{Kind: &weirv1.Govern_ResumeView{
		ResumeView: &weirv1.ResumeView{Relation: relation},
	}})
}

func governOp(g *weirv1.Govern) *weirv1.Operation {
	return &weirv1.Operation{Kind: &weirv1.Operation_Govern{Govern: g}}
}
