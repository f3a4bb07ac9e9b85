package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app/lane"
	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/catalog"
)

// FinalizeBlock executes a decided block: it judges every transaction in order, steps the engine,
// and returns the new app hash. It is a pure function of the committed state and the request;
// nothing is published before Commit.
func (a *App) FinalizeBlock(_ context.Context, r *abci.RequestFinalizeBlock) (
	res *abci.ResponseFinalizeBlock, err error,
) {
	defer Recover(&err) // a store that fails stops this node, and only it
	a.running.Lock()
	defer a.running.Unlock()
	invariant.Check(a.exec != nil, "a block came before InitChain")
	last := a.ledger().Height()
	if last > 0 && uint64(r.Height) != last+1 {
		return nil, fmt.Errorf("block %d came where block %d was expected", r.Height, last+1)
	}
	b := newBlock(a.exec, a.ledger(), r.Height, r.Time.UnixMicro())
	b.wants = a.cfg.Wants
	if last == 0 {
		if err := a.install(b); err != nil {
			return nil, err
		}
	}
	b.tick()
	b.retain()
	for i, raw := range r.Txs {
		b.results = append(b.results, a.deliverRaw(b, raw, i))
	}
	b.finish()
	a.pending = b
	return &abci.ResponseFinalizeBlock{
		TxResults: abciResults(b.results), AppHash: append([]byte(nil), b.appHash[:]...),
	}, nil
}

// deliverRaw decodes and verifies a transaction before it is judged. What does not decode, or is
// not signed, has no author: it leaves no trace at all.
func (a *App) deliverRaw(b *block, raw []byte, index int) TxResult {
	t, err := a.verifier(b.x.params).Open(raw)
	if err != nil {
		rej := tx.AsReject(err)
		invariant.Check(rej != nil, "decoding a transaction failed with %v", err)
		return TxResult{Hash: sha256.Sum256(raw), Rejected: rej}
	}
	return b.deliver(t, index)
}

// finish ends the block: the last segment is stepped, every overlay goes to the ledger, a
// checkpoint is put under the app hash if one is due, and the dirty pages are hashed once.
func (b *block) finish() {
	b.flush()
	b.settle()
	b.backfill()
	if len(b.results) > 0 {
		_, err := lane.Sweep(b.lanes, uint64(b.height), lane.SweepEntries)
		invariant.Check(err == nil, "expired records cannot be forgotten: %v", err)
	}
	for _, id := range sortedKeys(b.tables) {
		b.applyRows(id, b.tables[id].net())
	}
	b.fillIndexes()
	b.saveProducers()
	b.saveSegments()
	b.saveStatuses()
	if next := b.x.cat.NextID(); next != catalog.FirstUserID {
		b.meta.set(metaNextID, binary.BigEndian.AppendUint32(nil, next))
	}
	b.writeSystem()
	b.x.work.payload += uint64(b.payload)
	if b.changed {
		b.x.work.blocks++
	}
	checkpoint := b.x.work.due(b.x.params) || b.overdue()
	if checkpoint {
		b.moveErasures()
	}
	b.apply(systemUnit(kindKept), b.kept.net())
	if checkpoint {
		b.ledger.Checkpoint(uint64(b.height), OperatorStates(b.x.engine))
		b.x.work = checkpointWork{}
	}
	b.appHash = b.ledger.Root()
}

// writeSystem hands the system units to the ledger, but for that of segments, which a checkpoint
// changes.
func (b *block) writeSystem() {
	overlays := b.system()
	for _, kind := range systemKinds {
		if kind != kindKept {
			b.apply(systemUnit(kind), (*overlays[kind]).net())
		}
	}
}

// abciResults keeps of each result what is agreed: the code. The message is in the log field,
// which is not hashed; there is no data and no gas.
func abciResults(results []TxResult) []*abci.ExecTxResult {
	out := make([]*abci.ExecTxResult, len(results))
	for i, r := range results {
		out[i] = &abci.ExecTxResult{}
		if r.Rejected != nil {
			out[i].Code, out[i].Log = r.Rejected.Code, r.Rejected.Error()
		}
	}
	return out
}
