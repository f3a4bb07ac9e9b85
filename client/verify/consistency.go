package verify

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/client/verify/wire"
	"weir/ledger/proof"
	"weir/stream/catalog"
)

// ConsistencyVersion is the version of the format of consistency files.
const ConsistencyVersion = 0

// consistencyMagic opens every consistency file.
const consistencyMagic = "WEIRCONS"

// Consistency is the content of a file that shows that the log of a stream at one height continues
// what it was at an earlier one: nothing was changed, taken out or put in between.
type Consistency struct {
	ChainID     string
	GenesisHash comet.Hash
	Relation    Relation // the stream, by its catalog entries at the new height
	Old, New    Anchor
	Proof       []byte // proof.Consistency
}

// Anchor is a state height with the units that are proven under its app hash, and its headers.
type Anchor struct {
	Height int64
	Units  []byte // of the log; of the new one, the catalog too
	Chain  comet.Chain
}

// ConsistencyReport is what an accepted file shows.
type ConsistencyReport struct {
	Stream   *catalog.Relation
	Old, New Report // of the two headers
	// OldState and NewState are the log at the two heights.
	OldState, NewState proof.LogState
	// CompleteFrom is the first offset from which the stream is complete at the new height.
	CompleteFrom uint64
}

// IsConsistency reports whether a file says that it is a consistency file.
func IsConsistency(file []byte) bool {
	return strings.HasPrefix(string(file[:min(len(file), len(consistencyMagic))]), consistencyMagic)
}

// BuildConsistency encodes a file. It refuses what DecodeConsistency would refuse.
func BuildConsistency(c *Consistency) ([]byte, error) {
	b := append([]byte(consistencyMagic), ConsistencyVersion)
	b = wire.AppendShort(b, []byte(c.ChainID))
	b = append(b, c.GenesisHash[:]...)
	b = wire.AppendBlob(binary.BigEndian.AppendUint32(b, c.Relation.ID), c.Relation.Catalog)
	for _, a := range []*Anchor{&c.Old, &c.New} {
		b = binary.BigEndian.AppendUint64(b, uint64(a.Height))
		b = a.Chain.Append(wire.AppendBlob(b, a.Units))
	}
	b = wire.AppendBlob(b, c.Proof)
	if _, err := DecodeConsistency(b); err != nil {
		return nil, err
	}
	return b, nil
}

// DecodeConsistency reads a file without judging what it shows. Byte strings alias b.
func DecodeConsistency(b []byte) (*Consistency, error) {
	if len(b) > MaxFile {
		return nil, refusal.New(refusal.TooLarge, "the file has %d bytes, the limit is %d",
			len(b), MaxFile)
	}
	r := wire.NewReader(b)
	if string(r.Take(len(consistencyMagic))) != consistencyMagic {
		return nil, refusal.New(refusal.Malformed, "this is not a consistency file")
	}
	if v := r.U8(); r.Err() == nil && v != ConsistencyVersion {
		return nil, refusal.New(refusal.Version, "the file has format %d, only %d is known",
			v, ConsistencyVersion)
	}
	c := &Consistency{ChainID: string(r.Short(comet.MaxChainID, "the chain id"))}
	copy(c.GenesisHash[:], r.Take(comet.HashSize))
	c.Relation = Relation{r.U32(), r.Blob(MaxFile, "a catalog proof")}
	for _, a := range []*Anchor{&c.Old, &c.New} {
		if a.Height = r.I64(); a.Height <= 0 {
			r.Fail(refusal.Malformed, "the file is about height %d", a.Height)
		}
		a.Units = r.Blob(MaxFile, "the proof of units")
		a.Chain = comet.DecodeChain(r)
	}
	c.Proof = r.Blob(MaxFile, "the consistency proof")
	if err := r.Done(); err != nil {
		return nil, err
	}
	return c, nil
}

// VerifyConsistency judges a consistency file. Every error is a *refusal.Error; a panic is one
// too. Options judge the age of the new header.
func VerifyConsistency(file []byte, root comet.Root, opts Options) (
	rep *ConsistencyReport, err error,
) {
	defer func() {
		if p := recover(); p != nil {
			rep, err = nil, refusal.New(refusal.Panic, "the verifier failed on this file: %v", p)
		}
	}()
	c, err := DecodeConsistency(file)
	if err != nil {
		return nil, err
	}
	if c.Old.Height > c.New.Height {
		return nil, refusal.New(refusal.Height, "height %d comes after height %d", c.Old.Height,
			c.New.Height)
	}
	rep = &ConsistencyReport{}
	oldRoot, _, err := c.logRoot(&c.Old, &root, &Options{}, &rep.Old)
	if err != nil {
		return nil, err
	}
	newRoot, units, err := c.logRoot(&c.New, &root, &opts, &rep.New)
	if err != nil {
		return nil, err
	}
	if err := c.stream(units, rep); err != nil {
		return nil, err
	}
	p, err := proof.DecodeConsistency(c.Proof)
	if err != nil {
		return nil, refusal.New(refusal.Proof, "the consistency proof does not decode: %v", err)
	}
	if err := p.Verify(oldRoot, newRoot); err != nil {
		return nil, refusal.New(refusal.Proof, "the log does not continue its older state: %v", err)
	}
	rep.OldState, rep.NewState = p.Old, p.New
	return rep, nil
}

// units are those proven under one app hash.
type units struct {
	proof   *proof.Units
	appHash proof.Hash
}

// logRoot verifies the headers of a height and proves the root of the log.
func (c *Consistency) logRoot(a *Anchor, root *comet.Root, opts *Options, rep *Report) (
	proof.Hash, *units, error,
) {
	e := &Evidence{
		ChainID: c.ChainID, GenesisHash: c.GenesisHash, Height: a.Height, Chain: a.Chain,
	}
	rep.ChainID, rep.Root, rep.Height, rep.SQLChecked = c.ChainID, root.String(), a.Height, true
	appHash, err := e.header(root, opts, rep)
	if err != nil {
		return appHash, nil, err
	}
	u, err := proof.DecodeUnits(a.Units)
	if err != nil {
		return appHash, nil, refusal.New(refusal.Proof, "the proof of units does not decode: %v", err)
	}
	h, err := u.LogRoot(appHash, LogUnit(c.Relation.ID))
	if err != nil {
		return h, nil, refusal.New(refusal.Proof, "the log of relation %d is not proven at height %d: %v",
			c.Relation.ID, a.Height, err)
	}
	return h, &units{u, appHash}, nil
}

// stream proves what the log is that of.
func (c *Consistency) stream(u *units, rep *ConsistencyReport) error {
	catalogRoot, err := u.proof.TreeRoot(u.appHash, CatalogUnit())
	if err != nil {
		return refusal.New(refusal.Proof, "the catalog is not proven: %v", err)
	}
	def, status, err := c.Relation.leaves(catalogRoot)
	if err != nil {
		return err
	}
	if def.Kind != catalog.Stream {
		return refusal.New(refusal.Catalog, "relation %d %q is not a stream", def.ID, def.Name)
	}
	rep.Stream = def
	if len(status.CompleteFrom) > 0 {
		rep.CompleteFrom = status.CompleteFrom[0]
	}
	return nil
}

// Claim states in sentences what was shown.
func (r *ConsistencyReport) Claim() string {
	var b strings.Builder
	at := func(rep *Report, s proof.LogState) {
		fmt.Fprintf(&b, "Height %d, header of %s: %d batches, offsets to below %d, tree hash %x.\n",
			rep.Height, rep.HeaderTime.Format(time.RFC3339Nano), s.Size, s.Next, s.MTH)
	}
	fmt.Fprintf(&b, "Stream %s (relation %d): the log at height %d continues that at height %d.\n",
		r.Stream.Name, r.Stream.ID, r.New.Height, r.Old.Height)
	at(&r.Old, r.OldState)
	at(&r.New, r.NewState)
	fmt.Fprintf(&b, "Nodes have its rows complete from offset %d on.\n", r.CompleteFrom)
	return b.String()
}
