package node

import (
	"context"
	"fmt"
	"sync"

	"weir/app"
	"weir/app/tx"
)

// chain is what a submitter needs of CometBFT.
type chain interface {
	SubmitTx(ctx context.Context, raw []byte) (code uint32, log string, err error)
}

// submitter takes transactions into the network and tells their fate.
type submitter struct {
	app   *app.App
	hub   *hub
	chain chain

	release chan struct{} // has one token when waiting batches may have become next
	ended   sync.WaitGroup
}

// submit hands a transaction to the network and returns what the block that decides it did. A
// rejection at the door comes back as a result too. When ctx ends first, the outcome is unknown.
func (s *submitter) submit(ctx context.Context, raw []byte) (app.TxResult, error) {
	offered, err := s.app.Offer(raw)
	if rej := tx.AsReject(err); rej != nil {
		return app.TxResult{Hash: offered.Hash, Rejected: rej}, nil
	}
	if err != nil {
		return app.TxResult{}, err
	}
	if offered.Resend != nil {
		return *offered.Resend, nil
	}
	fate, forget := s.hub.expect(offered.Hash)
	defer forget()
	if !offered.Waiting {
		rej, err := s.pass(ctx, raw)
		if err != nil {
			return app.TxResult{}, err
		}
		if rej != nil {
			return app.TxResult{Hash: offered.Hash, Rejected: rej}, nil
		}
		s.wake()
	}
	select {
	case r := <-fate:
		return r, nil
	case <-ctx.Done():
		return app.TxResult{}, ctx.Err()
	}
}

// pass puts a transaction into CometBFT's pool. One that the pool holds already is fine: its fate
// is being waited for.
func (s *submitter) pass(ctx context.Context, raw []byte) (*tx.Reject, error) {
	code, log, err := s.chain.SubmitTx(ctx, raw)
	if err != nil {
		if isInPool(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("the pool: %w", err)
	}
	if code != 0 {
		info, _ := tx.Info(code)
		return &tx.Reject{Code: code, SQLState: info.SQLState, Message: log}, nil
	}
	return nil, nil
}

// wake asks for a look at the batches that wait for their predecessors.
func (s *submitter) wake() {
	select {
	case s.release <- struct{}{}:
	default:
	}
}

// run passes on what has waited for its predecessors, until ctx ends.
func (s *submitter) run(ctx context.Context) {
	for {
		select {
		case <-s.release:
		case <-ctx.Done():
			return
		}
		txs, err := s.app.Released()
		for _, raw := range txs {
			if err != nil {
				break
			}
			_, err = s.pass(ctx, raw)
		}
		if len(txs) > 0 {
			s.wake() // the next ones may be next now
		}
	}
}
