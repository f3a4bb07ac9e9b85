package pool

import (
	"slices"
	"sync"

	"weir/app/lane"
	"weir/app/tx"
	"weir/internal/invariant"
)

// Limits bound one node's pool. They are not agreed state.
type Limits struct {
	Transactions int // in the pool
	Bytes        int // in the pool

	WaitingPerLane      int // batches that wait for a gap to fill
	WaitingBytesPerLane int
	WaitingPerSigner    int // bytes, so that one signer cannot take all room
	WaitingBytes        int // of all lanes
}

// DefaultLimits returns the limits of a new node.
func DefaultLimits() Limits {
	return Limits{
		Transactions: 5000, Bytes: 64 << 20,
		WaitingPerLane: 16, WaitingBytesPerLane: 4 << 20,
		WaitingPerSigner: 16 << 20, WaitingBytes: 64 << 20,
	}
}

// unlimited is the block that a pool is: no limit of a block applies to it.
func unlimited(lim tx.Limits) BlockLimits {
	const most = 1 << 62
	return BlockLimits{Bytes: most, Work: most, Transactions: 1 << 31, Tx: lim}
}

// Pool is the pool of one node. Safe for concurrent use.
type Pool struct {
	limits Limits
	txLim  tx.Limits

	mu        sync.Mutex
	committed lane.Reader
	height    uint64 // of the block that comes next
	order     []*tx.Tx
	held      map[[tx.HashSize]byte]bool // hashes of order
	bytes     int
	pending   *Block // committed state and order
	waiting   waiting
}

// New makes an empty pool over committed state, a snapshot that does not change; height is that
// of the block that comes next.
func New(lim Limits, txLim tx.Limits, committed lane.Reader, height uint64) *Pool {
	p := &Pool{limits: lim, txLim: txLim, waiting: newWaiting(lim)}
	p.rebuild(committed, height)
	return p
}

// Check takes t into the pool if it is next in all its lanes. A resend comes back as an outcome
// with Resend, and is not taken; so the caller answers it with its receipt. A *tx.Reject says
// why it is not taken, with SEQ_GAP for one whose predecessors are missing. A transaction that
// the pool holds is taken again without effect. The caller has verified t and its rights.
func (p *Pool) Check(t *tx.Tx) (lane.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[t.Hash] {
		return lane.Outcome{}, nil
	}
	o, err := p.judge(t)
	if err != nil || o.Resend {
		return o, err
	}
	if len(p.order) >= p.limits.Transactions || p.bytes+len(t.Raw) > p.limits.Bytes {
		return o, tx.Rejectf(tx.CodePoolFull, "the pool holds %d transactions of %d bytes",
			len(p.order), p.bytes)
	}
	if err := p.pending.Add(t); err != nil {
		return o, err
	}
	p.order = append(p.order, t)
	p.held[t.Hash] = true
	p.bytes += len(t.Raw)
	return o, nil
}

// judge tells resends and rejections by committed state from what only the pool can judge.
func (p *Pool) judge(t *tx.Tx) (lane.Outcome, error) {
	o, err := lane.JudgeBody(p.committed, t, p.height, p.txLim)
	if rej := tx.AsReject(err); rej != nil &&
		(rej.Code == tx.CodeSeqGap || rej.Code == tx.CodePreviousMismatch) {
		return lane.Outcome{}, nil // the pool may hold what comes before
	}
	return o, err
}

// Holds says whether the pool holds the transaction with this hash: the answer to a recheck
// after Advance.
func (p *Pool) Holds(hash [tx.HashSize]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[hash]
}

// Len returns the number and the bytes of the transactions in the pool.
func (p *Pool) Len() (transactions, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.order), p.bytes
}

// Content returns the transactions in the order of arrival, in which every lane is in sequence.
func (p *Pool) Content() []*tx.Tx {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.order)
}

// Remove takes out a transaction that the caller could not pass on, and all that need it.
func (p *Pool) Remove(hash [tx.HashSize]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.held[hash] {
		return nil
	}
	p.order = slices.DeleteFunc(p.order, func(t *tx.Tx) bool { return t.Hash == hash })
	return p.readd()
}

// Advance moves the pool onto new committed state, and drops what has applied, expired or lost
// its predecessor. height is that of the block that comes next.
func (p *Pool) Advance(committed lane.Reader, height uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	invariant.Check(height >= p.height, "pool: height went back from %d to %d", p.height, height)
	p.committed, p.height = committed, height
	p.waiting.expire(height)
	return p.readd()
}

// readd judges the whole content again, in order.
func (p *Pool) readd() error {
	order := p.order
	p.rebuild(p.committed, p.height)
	for _, t := range order {
		err := p.pending.Add(t)
		if err == nil {
			p.order = append(p.order, t)
			p.held[t.Hash] = true
			p.bytes += len(t.Raw)
		} else if tx.AsReject(err) == nil {
			return err
		}
	}
	return nil
}

func (p *Pool) rebuild(committed lane.Reader, height uint64) {
	p.committed, p.height = committed, height
	p.order, p.bytes = nil, 0
	p.held = map[[tx.HashSize]byte]bool{}
	p.pending = NewBlock(committed, height, unlimited(p.txLim))
}

// Offer is for the node of entry. ready means that t may be passed on, to be taken by Check; a
// gapped t waits instead, to come back from Released. A resend is neither. A *tx.Reject says
// why t is refused.
func (p *Pool) Offer(t *tx.Tx) (o lane.Outcome, ready bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err = p.judge(t)
	if err != nil || o.Resend {
		return o, false, err
	}
	_, err = p.pending.follow(t)
	rej := tx.AsReject(err)
	switch {
	case err == nil:
		return o, true, nil
	case rej == nil || rej.Code != tx.CodeSeqGap:
		return o, p.held[t.Hash], ignoreIf(p.held[t.Hash], err)
	}
	return o, false, p.waiting.add(t)
}

func ignoreIf(held bool, err error) error {
	if held {
		return nil
	}
	return err
}

// Released takes out of the waiting room what is next in its lanes now, in order of arrival
// within each lane, and drops what can never be next any more. The caller passes each on.
func (p *Pool) Released() ([]*tx.Tx, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting.order) == 0 {
		return nil, nil
	}
	trial := p.pending.fork()
	var out []*tx.Tx
	for {
		n := len(out)
		for _, t := range slices.Clone(p.waiting.order) {
			err := trial.Add(t)
			rej := tx.AsReject(err)
			switch {
			case err == nil:
				out = append(out, t)
			case rej == nil:
				return out, err
			case rej.Code == tx.CodeSeqGap:
				continue
			}
			p.waiting.remove(t)
		}
		if len(out) == n {
			return out, nil
		}
	}
}

// Waiting returns the number and the bytes of the transactions that wait.
func (p *Pool) Waiting() (transactions, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting.order), p.waiting.bytes
}
