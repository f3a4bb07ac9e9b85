package node

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cometbft/cometbft/types"

	"weir/app"
	"weir/client/api"
	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/consensus"
	"weir/node/pgwire"
	"weir/stream/access"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql"
)

// prover makes evidence files from committed state and this node's own blocks.
type prover struct {
	app     *app.App
	hub     *hub
	chain   *consensus.Node
	domain  domain
	initial int64 // the first height of the chain
}

// prove makes the evidence file of one query's answer at the last committed height. The header
// that signs that state is the next one, which CometBFT makes by itself after a change.
func (p *prover) prove(ctx context.Context, text string) (file []byte, err error) {
	defer app.Recover(&err)
	snap := p.app.Snapshot()
	if snap == nil {
		return nil, &api.Error{SQLState: "57P03", Message: "the network has no block yet"}
	}
	raws, err := sql.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(raws) == 1 && raws[0].Clauses.AsOf != nil {
		if snap, err = p.app.SnapshotAt(int64(min(*raws[0].Clauses.AsOf, math.MaxInt64))); err != nil {
			return nil, err
		}
	}
	e, err := p.evidence(snap, text)
	if err != nil {
		return nil, err
	}
	if err := p.hub.reach(ctx, snap.Height()+1); err != nil {
		return nil, fmt.Errorf("waiting for the header that signs height %d: %w",
			snap.Height(), err)
	}
	if e.Chain, err = p.trust(snap.Height() + 1); err != nil {
		return nil, err
	}
	return verify.Build(e)
}

// evidence is all of the file but the headers.
func (p *prover) evidence(snap *app.Snapshot, text string) (*verify.Evidence, error) {
	st, err := bindQuery(snap, text)
	if err != nil {
		return nil, err
	}
	if st.Functions {
		return nil, &pgwire.Error{
			SQLState: "0A000", Message: "the proof of a query that calls a function is not supported",
			Hint: "A verifier binds the text itself: write the expression out, or prove a view.",
		}
	}
	if err := snap.Readable(st.Plan); err != nil {
		return nil, err
	}
	e := &verify.Evidence{
		ChainID: p.domain.ChainID, GenesisHash: comet.Hash(p.domain.GenesisHash),
		SQL: text, PlanCodec: plan.CodecVersion, Functions: expr.LibraryVersion,
		Plan: plan.Encode(st.Plan), Height: snap.Height(),
	}
	v := snap.Version
	ids := plan.Inputs(st.Plan)
	slices.Sort(ids)
	units := []app.Unit{app.CatalogUnit()}
	for _, id := range slices.Compact(ids) {
		def := snap.Catalog.ByID(id)
		if !def.Stored() {
			return nil, &api.Error{
				SQLState: "0A000", Message: fmt.Sprintf("%q is a stream", def.Name),
				Hint: "Prove an answer over a view or a table.",
			}
		}
		lo, hi := verify.CatalogRange(id)
		leaves, err := v.ProveRange(app.CatalogUnit(), lo, hi)
		if err != nil {
			return nil, err
		}
		e.Relations = append(e.Relations, verify.Relation{ID: id, Catalog: leaves})
		units = append(units, app.RowsUnit(id))
	}
	paths := engine.Paths(st.Plan, snap)
	through, err := proveIndexes(e, snap, paths)
	if err != nil {
		return nil, err
	}
	if e.Units, err = v.ProveUnits(append(units, through...)...); err != nil {
		return nil, err
	}
	e.Ranges, err = ranges(v.ProveRange, paths)
	return e, err
}

// proveIndexes proves the definitions of the indexes that rows are read through, and returns their
// units.
func proveIndexes(e *verify.Evidence, snap *app.Snapshot, paths []access.Path) (
	units []app.Unit, err error,
) {
	e.Through = make([]uint32, len(paths))
	for i, p := range paths {
		if p.Index != nil {
			e.Through[i] = p.Index.ID
		}
	}
	ids := slices.Clone(e.Through)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id == 0 {
			continue
		}
		lo, hi := verify.IndexRange(id)
		leaves, err := snap.Version.ProveRange(app.CatalogUnit(), lo, hi)
		if err != nil {
			return nil, err
		}
		e.Indexes = append(e.Indexes, verify.Index{ID: id, Catalog: leaves})
		units = append(units, app.IndexUnit(id))
	}
	return units, nil
}

// ranges proves every range of rows that a plan reads.
func ranges(prove func(u app.Unit, lo, hi []byte) ([]byte, error), paths []access.Path) (
	[][]byte, error,
) {
	var out [][]byte
	for _, p := range paths {
		u := app.RowsUnit(p.Relation)
		if p.Index != nil {
			u = app.IndexUnit(p.Index.ID)
		}
		b, err := prove(u, p.Lo, p.Hi)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// bindQuery binds a text that must be one query.
func bindQuery(snap *app.Snapshot, text string) (*sql.Select, error) {
	raws, err := sql.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(raws) != 1 {
		return nil, &api.Error{SQLState: "42601", Message: "give exactly one statement"}
	}
	stmt, err := sql.Bind(raws[0], snap.Catalog, sql.Options{})
	if err != nil {
		return nil, err
	}
	st, ok := stmt.(*sql.Select)
	if !ok {
		return nil, &api.Error{
			SQLState: "25006", Message: stmt.Tag() + " is not a query",
			Hint: "Sign it as a transaction: weir sql does.",
		}
	}
	if st.Unbound {
		return nil, &api.Error{SQLState: "08P01", Message: "a query may not have parameters here"}
	}
	return st, nil
}

// trust is the chain of headers from genesis to one height: one for each change of the
// validator set, and the last.
func (p *prover) trust(height int64) (comet.Chain, error) {
	var c comet.Chain
	changes, err := p.chain.Transitions(p.initial, height)
	if err != nil {
		return c, err
	}
	for _, t := range changes { // the header before names the next set
		set, err := cometSet(t.First.ValidatorSet)
		if err != nil {
			return c, err
		}
		c.Links = append(c.Links, comet.Link{
			SignedHeader: cometSigned(t.Before.SignedHeader), Next: set,
		})
	}
	final, err := p.chain.LightBlock(height)
	if err != nil {
		return c, err
	}
	c.Final = cometSigned(final.SignedHeader)
	return c, nil
}

// cometSigned converts CometBFT's signed header to the verifier's.
func cometSigned(s *types.SignedHeader) comet.SignedHeader {
	return comet.SignedHeader{Header: cometHeader(s.Header), Commit: cometCommit(s.Commit)}
}

func cometHeader(h *types.Header) comet.Header {
	return comet.Header{
		VersionBlock: h.Version.Block, VersionApp: h.Version.App, ChainID: h.ChainID,
		Height: h.Height, Time: cometTime(h.Time), LastBlockID: cometBlockID(h.LastBlockID),
		LastCommitHash: h.LastCommitHash, DataHash: h.DataHash,
		ValidatorsHash: h.ValidatorsHash, NextValidatorsHash: h.NextValidatorsHash,
		ConsensusHash: h.ConsensusHash, AppHash: h.AppHash,
		LastResultsHash: h.LastResultsHash, EvidenceHash: h.EvidenceHash,
		Proposer: comet.Address(h.ProposerAddress),
	}
}

func cometTime(t time.Time) comet.Time {
	return comet.Time{Seconds: t.Unix(), Nanos: int32(t.Nanosecond())}
}

func cometBlockID(id types.BlockID) comet.BlockID {
	return comet.BlockID{
		Hash: id.Hash, PartsTotal: id.PartSetHeader.Total, PartsHash: id.PartSetHeader.Hash,
	}
}

func cometCommit(c *types.Commit) comet.Commit {
	out := comet.Commit{Height: c.Height, Round: c.Round, BlockID: cometBlockID(c.BlockID)}
	for _, s := range c.Signatures {
		sig := comet.CommitSig{Flag: comet.Flag(s.BlockIDFlag)}
		if s.BlockIDFlag != types.BlockIDFlagAbsent {
			copy(sig.Address[:], s.ValidatorAddress)
			copy(sig.Signature[:], s.Signature)
			sig.Time = cometTime(s.Timestamp)
		}
		out.Signatures = append(out.Signatures, sig)
	}
	return out
}

func cometSet(s *types.ValidatorSet) (comet.Set, error) {
	var out comet.Set
	for _, v := range s.Validators {
		b := v.PubKey.Bytes()
		if len(b) != comet.KeySize {
			return nil, errors.New("a validator's key is not Ed25519")
		}
		out = append(out, comet.Validator{Key: [32]byte(b), Power: v.VotingPower})
	}
	return out, nil
}
