package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app/auth"
	"weir/app/lane"
	"weir/app/pool"
	"weir/app/tx"
)

// CheckTx is the door of the pool: framing, limits, signature, rights, and the lanes' next
// sequences, counting what the pool holds already. A resend of what has applied is answered by
// the node of entry and not gossiped. Nothing agreed depends on it.
func (a *App) CheckTx(_ context.Context, r *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	p, s := a.pool.Load(), a.Snapshot()
	if p == nil {
		return refusedTx(tx.Rejectf(tx.CodePoolFull, "the network has no block yet")), nil
	}
	t, err := a.verifier(s.params).Open(r.Tx)
	if err == nil && r.Type == abci.CheckTxType_Recheck {
		if p.Holds(t.Hash) {
			return &abci.ResponseCheckTx{}, nil
		}
		err = tx.Rejectf(tx.CodeAlreadyRejected, "the transaction has left the pool")
	}
	if err == nil {
		_, err = auth.CheckBody(s.reader(kindAuth), t)
	}
	var o lane.Outcome
	if err == nil {
		o, err = p.Check(t)
	}
	if err == nil && o.Resend {
		err = tx.Rejectf(tx.CodeNonceUsed, "the body applied in block %d", o.Height)
	}
	if err == nil {
		return &abci.ResponseCheckTx{}, nil
	}
	if rej := tx.AsReject(err); rej != nil {
		return refusedTx(rej), nil
	}
	return nil, err
}

func refusedTx(rej *tx.Reject) *abci.ResponseCheckTx {
	return &abci.ResponseCheckTx{Code: rej.Code, Log: rej.Error()}
}

// Offered is what becomes of a transaction at its node of entry.
type Offered struct {
	Hash    [32]byte
	Resend  *TxResult // it applied before: its original receipt
	Waiting bool      // its predecessors are missing: Released gives it back
}

// Offer judges a transaction at its node of entry, before it goes to CometBFT's pool. A *tx.Reject
// says why it is refused; any other error is trouble of this node.
func (a *App) Offer(raw []byte) (Offered, error) {
	p, s := a.pool.Load(), a.Snapshot()
	if p == nil {
		return Offered{}, tx.Rejectf(tx.CodePoolFull, "the network has no block yet")
	}
	t, err := a.verifier(s.params).Open(raw)
	if err != nil {
		return Offered{}, err
	}
	if _, err := auth.CheckBody(s.reader(kindAuth), t); err != nil {
		return Offered{}, err
	}
	out := Offered{Hash: t.Hash}
	o, ready, err := p.Offer(t)
	if err != nil {
		return out, err
	}
	if o.Resend {
		out.Resend = &TxResult{Hash: t.Hash, Ops: resent(t, &o)}
	}
	out.Waiting = !ready && !o.Resend
	return out, nil
}

// Released returns transactions that waited for their predecessors and may go on now.
func (a *App) Released() ([][]byte, error) {
	p := a.pool.Load()
	if p == nil {
		return nil, nil
	}
	txs, err := p.Released()
	out := make([][]byte, len(txs))
	for i, t := range txs {
		out[i] = t.Raw
	}
	return out, err
}

// verifier returns the one that applies the agreed limits, and remembers what it has verified.
func (a *App) verifier(params auth.Parameters) *tx.Verifier {
	if v := a.seen.Load(); v != nil && v.Limits() == params.TxLimits() {
		return v
	}
	v := tx.NewVerifier(a.cfg.Domain, params.TxLimits(), tx.DefaultCacheLimits())
	a.seen.Store(v)
	return v
}

// advancePool moves the pool onto newly committed state. What the block refused leaves it.
func (a *App) advancePool(s *Snapshot, results []TxResult) error {
	next := uint64(s.Height()) + 1
	if p := a.pool.Load(); p != nil {
		for i := range results {
			if results[i].Rejected == nil {
				continue
			}
			if err := p.Remove(results[i].Hash); err != nil {
				return err
			}
		}
		return p.Advance(s.reader(kindLanes), next)
	}
	a.pool.Store(pool.New(pool.DefaultLimits(), s.params.TxLimits(), s.reader(kindLanes), next))
	return nil
}

// reader reads a system unit key by key.
func (s *Snapshot) reader(kind byte) *overlay {
	return newOverlay(s.Version.Reader(systemUnit(kind)))
}
