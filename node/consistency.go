package node

import (
	"context"
	"fmt"

	"weir/app"
	"weir/client/api"
	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/stream/catalog"
)

// consistency makes the file that shows that the log of a stream at the last committed height
// continues what it was at an earlier one, which this node must still keep.
func (p *prover) consistency(ctx context.Context, stream string, from int64) (
	file []byte, err error,
) {
	defer app.Recover(&err)
	now := p.app.Snapshot()
	if now == nil {
		return nil, &api.Error{SQLState: "57P03", Message: "the network has no block yet"}
	}
	def := now.Catalog.Lookup(stream)
	if def == nil || def.Kind != catalog.Stream {
		return nil, &api.Error{
			SQLState: "42P01", Message: fmt.Sprintf("there is no stream %q", stream),
		}
	}
	then, err := p.app.SnapshotAt(from)
	if err != nil {
		return nil, err
	}
	unit := app.LogUnit(def.ID)
	oldLog := then.Version.Log(unit)
	if oldLog == nil {
		return nil, &api.Error{
			SQLState: "22023", Message: fmt.Sprintf("%q was not there at height %d", stream, from),
		}
	}
	c := &verify.Consistency{
		ChainID: p.domain.ChainID, GenesisHash: comet.Hash(p.domain.GenesisHash),
		Old: verify.Anchor{Height: then.Height()}, New: verify.Anchor{Height: now.Height()},
	}
	proven, err := now.Version.Log(unit).ProveConsistency(oldLog.State())
	if err != nil {
		return nil, err
	}
	if c.Proof, err = proven.AppendBinary(nil); err != nil {
		return nil, err
	}
	lo, hi := verify.CatalogRange(def.ID)
	c.Relation.ID = def.ID
	if c.Relation.Catalog, err = now.Version.ProveRange(app.CatalogUnit(), lo, hi); err != nil {
		return nil, err
	}
	if c.Old.Units, err = then.Version.ProveUnits(unit); err != nil {
		return nil, err
	}
	if c.New.Units, err = now.Version.ProveUnits(app.CatalogUnit(), unit); err != nil {
		return nil, err
	}
	if err := p.hub.reach(ctx, now.Height()+1); err != nil {
		return nil, fmt.Errorf("waiting for the header that signs height %d: %w", now.Height(), err)
	}
	for _, a := range []*verify.Anchor{&c.Old, &c.New} {
		if a.Chain, err = p.trust(a.Height + 1); err != nil {
			return nil, err
		}
	}
	return verify.BuildConsistency(c)
}
