package pool

import (
	"fmt"
	"maps"

	"weir/app/lane"
	"weir/app/tx"
)

// BlockLimits are the agreed limits of a block.
type BlockLimits struct {
	Bytes        uint64 // sum of the transactions' bytes
	Work         uint64 // sum of Work
	Transactions uint32
	Tx           tx.Limits
}

// Work is what a transaction counts against a block's work: its rows, and one per operation.
func Work(t *tx.Tx) uint64 {
	n := uint64(len(t.Payloads))
	for i := range t.Batches {
		n += uint64(t.Batches[i].Rows)
	}
	return n
}

type nonceOf struct {
	signer [tx.KeySize]byte
	nonce  uint64
}

// Block is a block being put together or judged: committed state and the transactions so far,
// each assumed to apply.
type Block struct {
	committed lane.Reader
	height    uint64
	limits    BlockLimits
	heads     map[tx.Lane]lane.Head
	bodies    map[[tx.HashSize]byte]bool
	nonces    map[nonceOf]bool
	bytes     uint64
	work      uint64
	count     uint32
}

// NewBlock starts the block of the given height over committed state.
func NewBlock(committed lane.Reader, height uint64, lim BlockLimits) *Block {
	return &Block{
		committed: committed, height: height, limits: lim,
		heads:  map[tx.Lane]lane.Head{},
		bodies: map[[tx.HashSize]byte]bool{},
		nonces: map[nonceOf]bool{},
	}
}

// Add adds t, or returns a *tx.Reject and leaves the block as it was: t is over a limit,
// expired, repeated or not next in its lanes. Any other error is trouble of this node.
func (b *Block) Add(t *tx.Tx) error {
	if err := b.fits(t); err != nil {
		return err
	}
	if err := t.CheckHeight(b.height, b.limits.Tx); err != nil {
		return err
	}
	heads, err := b.follow(t)
	if err != nil {
		return err
	}
	if err := b.fresh(t); err != nil {
		return err
	}
	for i := range t.Batches {
		b.heads[t.Batches[i].Lane] = heads[i].After(&t.Batches[i])
	}
	b.bodies[t.Body] = true
	if t.Laneless {
		b.nonces[nonceOf{t.Signer(), t.Header.GetNonce()}] = true
	}
	b.bytes += uint64(len(t.Raw))
	b.work += Work(t)
	b.count++
	return nil
}

func (b *Block) fits(t *tx.Tx) error {
	switch {
	case b.bytes+uint64(len(t.Raw)) > b.limits.Bytes:
		return tx.Rejectf(tx.CodeBlockTooLarge, "the block has more than %d bytes", b.limits.Bytes)
	case b.work+Work(t) > b.limits.Work:
		return tx.Rejectf(tx.CodeBlockWork, "the block has more work than %d", b.limits.Work)
	case b.count >= b.limits.Transactions:
		return tx.Rejectf(tx.CodeTooManyTransactions,
			"the block has more than %d transactions", b.limits.Transactions)
	}
	return nil
}

// follow returns the heads that the batches of t follow, in their order.
func (b *Block) follow(t *tx.Tx) ([]lane.Head, error) {
	heads := make([]lane.Head, len(t.Batches))
	for i := range t.Batches {
		batch := &t.Batches[i]
		h, known := b.heads[batch.Lane]
		if !known {
			var err error
			if h, err = lane.Load(b.committed, batch.Lane); err != nil {
				return nil, err
			}
			b.heads[batch.Lane] = h
		}
		if rej := h.Follows(batch); rej != nil {
			return nil, rej
		}
		heads[i] = h
	}
	return heads, nil
}

// fresh refuses what has been before: in this block or in committed state.
func (b *Block) fresh(t *tx.Tx) error {
	if b.bodies[t.Body] {
		return tx.Rejectf(tx.CodeNonceUsed, "the body is in the block already")
	}
	if err := lane.CheckRemembered(b.committed, t); err != nil {
		return err
	}
	if !t.Laneless {
		return nil
	}
	if b.nonces[nonceOf{t.Signer(), t.Header.GetNonce()}] {
		return tx.Rejectf(tx.CodeNonceUsed, "the nonce is in the block already")
	}
	v, err := lane.JudgeNonce(b.committed, t, b.height)
	if err == nil && v.Resend {
		err = tx.Rejectf(tx.CodeNonceUsed, "the body applied in block %d", v.Receipt.Height)
	}
	return err
}

// Open decodes and verifies raw bytes, as tx.Verifier does.
type Open func(raw []byte) (*tx.Tx, error)

// Select returns the candidates that make a block, in their order: those that cannot be opened,
// are expired, repeated, not next in their lanes or do not fit are left out, and so are the ones
// that need them. cost is what a transaction of n bytes takes of maxCost, consensus' own limit on
// the encoded block; nil for none. An error is trouble of this node.
func Select(open Open, b *Block, candidates [][]byte, maxCost int64,
	cost func(n int) int64,
) ([][]byte, error) {
	var chosen [][]byte
	var used int64
	for _, raw := range candidates {
		if cost != nil && used+cost(len(raw)) > maxCost {
			continue
		}
		t, err := open(raw)
		if err == nil {
			err = b.Add(t)
		}
		switch {
		case err == nil:
		case tx.AsReject(err) != nil:
			continue
		default:
			return nil, err
		}
		if cost != nil {
			used += cost(len(raw))
		}
		chosen = append(chosen, raw)
	}
	return chosen, nil
}

// CheckProposal returns a *tx.Reject if the block must be refused: over a limit, or with a
// transaction that is undecodable, mis-signed, expired, repeated or not next in its lanes. Any
// other error is trouble of this node.
func CheckProposal(open Open, b *Block, txs [][]byte) error {
	for i, raw := range txs {
		t, err := open(raw)
		if err == nil {
			err = b.Add(t)
		}
		if rej := tx.AsReject(err); rej != nil {
			named := *rej
			named.Message = fmt.Sprintf("transaction %d of the block: %s", i, rej.Message)
			return &named
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fork returns a copy that can be added to without changing b.
func (b *Block) fork() *Block {
	c := *b
	c.heads, c.bodies, c.nonces = maps.Clone(b.heads), maps.Clone(b.bodies), maps.Clone(b.nonces)
	return &c
}
