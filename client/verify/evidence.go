package verify

import (
	"encoding/binary"
	"unicode/utf8"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/client/verify/wire"
)

// Limits of evidence files.
const (
	MaxFile      = 16 << 20 // bytes of a file
	MaxSQL       = 64 << 10 // bytes of SQL text
	MaxPlan      = 1 << 20  // bytes of a bound plan
	MaxRelations = 256      // relations read
	MaxIndexes   = 256      // indexes that rows are read through
	MaxRanges    = 1024     // ranges of rows
	MaxWitnesses = 64       // cosignatures
	MaxAnswer    = 1 << 20  // rows of an answer, weights counted
)

// Versions of the file format.
const (
	FormatVersion = 0 // of evidence without indexes
	FormatIndexes = 1 // of evidence that goes through indexes
)

// magic opens every evidence file.
const magic = "WEIREVID"

// Smallest encodings of repeated items, in bytes.
const (
	minRelation = 4 + 4
	minRange    = 4
	witnessSize = comet.KeySize + comet.SignatureSize
)

// Evidence is the content of an evidence file.
type Evidence struct {
	ChainID     string
	GenesisHash comet.Hash
	SQL         string
	PlanCodec   uint32 // version under which Plan is encoded
	Functions   uint32 // version of the function library that Plan is bound to
	Plan        []byte
	Height      int64 // of the state; the header that has its app hash is one above
	Units       []byte
	Relations   []Relation // every relation that the plan scans, ascending by id
	// Ranges are proofs of rows, one for each different (relation, range) of the plan's
	// accesses, in the order of their first use. Which ranges they are stands nowhere.
	Ranges    [][]byte
	Indexes   []Index  // those that ranges go through, ascending by id
	Through   []uint32 // of each range: the index, 0 for the relation itself; nil without Indexes
	Chain     comet.Chain
	Witnesses []Witness // ascending by key
}

// Relation carries the catalog entries of one relation.
type Relation struct {
	ID      uint32
	Catalog []byte // range proof over CatalogRange
}

// Witness is a cosignature of the final header by somebody outside the validator set: Ed25519
// over "weir/witness/1" and the header's hash.
type Witness struct {
	Key       [comet.KeySize]byte
	Signature [comet.SignatureSize]byte
}

// Build encodes an evidence file. It refuses what Decode would refuse.
func Build(e *Evidence) ([]byte, error) {
	b := append([]byte(magic), FormatVersion)
	if len(e.Indexes) > 0 {
		b[len(magic)] = FormatIndexes
	}
	b = wire.AppendShort(b, []byte(e.ChainID))
	b = append(b, e.GenesisHash[:]...)
	b = wire.AppendBlob(b, []byte(e.SQL))
	b = binary.BigEndian.AppendUint32(b, e.PlanCodec)
	b = binary.BigEndian.AppendUint32(b, e.Functions)
	b = wire.AppendBlob(b, e.Plan)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Height))
	b = wire.AppendBlob(b, e.Units)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Relations)))
	for _, r := range e.Relations {
		b = wire.AppendBlob(binary.BigEndian.AppendUint32(b, r.ID), r.Catalog)
	}
	b, err := e.appendRanges(b)
	if err != nil {
		return nil, err
	}
	b = e.Chain.Append(b)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Witnesses)))
	for i := range e.Witnesses {
		b = append(append(b, e.Witnesses[i].Key[:]...), e.Witnesses[i].Signature[:]...)
	}
	if _, err := Decode(b); err != nil {
		return nil, err
	}
	return b, nil
}

// Decode reads an evidence file without judging what it shows. Byte strings alias b.
func Decode(b []byte) (*Evidence, error) {
	if len(b) > MaxFile {
		return nil, refusal.New(refusal.TooLarge, "the file has %d bytes, the limit is %d",
			len(b), MaxFile)
	}
	r := wire.NewReader(b)
	if string(r.Take(len(magic))) != magic {
		return nil, refusal.New(refusal.Malformed, "this is not an evidence file")
	}
	format := r.U8()
	if r.Err() == nil && format > FormatIndexes {
		return nil, refusal.New(refusal.Version, "the file has format %d, only 0 to %d are known",
			format, FormatIndexes)
	}
	e := &Evidence{}
	e.ChainID = string(r.Short(comet.MaxChainID, "the chain id"))
	copy(e.GenesisHash[:], r.Take(comet.HashSize))
	e.SQL = string(r.Blob(MaxSQL, "the SQL text"))
	if !utf8.ValidString(e.SQL) {
		r.Fail(refusal.Malformed, "the SQL text is not UTF-8")
	}
	e.PlanCodec, e.Functions = r.U32(), r.U32()
	e.Plan = r.Blob(MaxPlan, "the plan")
	if e.Height = r.I64(); e.Height <= 0 {
		r.Fail(refusal.Malformed, "the file is about height %d", e.Height)
	}
	e.Units = r.Blob(MaxFile, "the proof of units")
	e.decodeRelations(r)
	e.decodeRanges(r, format)
	e.Chain = comet.DecodeChain(r)
	e.decodeWitnesses(r)
	if err := r.Done(); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Evidence) decodeRelations(r *wire.Reader) {
	e.Relations = make([]Relation, r.Count(MaxRelations, minRelation, "relations"))
	for i := range e.Relations {
		e.Relations[i] = Relation{r.U32(), r.Blob(MaxFile, "a catalog proof")}
		if i > 0 && e.Relations[i].ID <= e.Relations[i-1].ID {
			r.Fail(refusal.Malformed, "the relations are not in order")
		}
	}
}

func (e *Evidence) decodeWitnesses(r *wire.Reader) {
	e.Witnesses = make([]Witness, r.Count(MaxWitnesses, witnessSize, "witnesses"))
	for i := range e.Witnesses {
		w := &e.Witnesses[i]
		copy(w.Key[:], r.Take(comet.KeySize))
		copy(w.Signature[:], r.Take(comet.SignatureSize))
		if i > 0 && string(w.Key[:]) <= string(e.Witnesses[i-1].Key[:]) {
			r.Fail(refusal.Malformed, "the witnesses are not in order")
		}
	}
}
