package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"weir/app/tx"
	"weir/client/api"
	"weir/stream/row"
	"weir/stream/value"
)

// DefaultInFlight is how many batches of a lane are under way at once. A node keeps up to 16
// that overtook an earlier one, so more would only be sent twice.
const DefaultInFlight = 8

// MaxInFlight is the most that a node's buffer of early batches can hold beside the one that
// all wait for.
const MaxInFlight = 16

// WriterConfig says whose lane a Writer owns.
type WriterConfig struct {
	Key      *Key
	Role     string
	Writer   string // the producer's name within the role
	Relation string
	InFlight int // 0 means DefaultInFlight; at most MaxInFlight
	// Acknowledged, if set, is called for every batch once its block is committed, with its
	// number of rows. Calls do not overlap but may come out of order.
	Acknowledged func(r *api.Receipt, rows int)
}

// Writer appends signed batches to one lane, each exactly once. Only one goroutine may call it,
// and only one Writer may own a lane at a time.
//
//	Write -> [ number, encode, sign ] -> in flight, at most n -> receipts
//	              ^ blocks when n are under way
type Writer struct {
	signer *Signer
	config WriterConfig
	schema *Schema
	seq    uint64            // of the last row that was taken
	last   [tx.HashSize]byte // payload hash of the last batch that was taken
	places chan struct{}     // one per batch under way
	ctx    context.Context   // ends when a batch has failed for good
	fail   context.CancelCauseFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	oldest map[uint64]bool // first_seq of each batch under way
}

// NewWriter finds the relation and the lane's state, and returns a writer that goes on where the
// lane stands. ctx bounds the writer's whole life.
func (c *Client) NewWriter(ctx context.Context, cfg WriterConfig) (*Writer, error) {
	if cfg.InFlight == 0 {
		cfg.InFlight = DefaultInFlight
	}
	if cfg.InFlight < 1 || cfg.InFlight > MaxInFlight {
		return nil, fmt.Errorf("%d batches in flight is not 1 to %d", cfg.InFlight, MaxInFlight)
	}
	signer, err := c.NewSigner(ctx, cfg.Key, cfg.Role)
	if err != nil {
		return nil, err
	}
	rel, err := c.Relation(ctx, cfg.Relation)
	if err != nil {
		return nil, err
	}
	schema, err := NewSchema(rel)
	if err != nil {
		return nil, err
	}
	lane, err := c.Lane(ctx, api.LaneID{
		Role: cfg.Role, Writer: cfg.Writer, Relation: cfg.Relation,
	})
	if err != nil {
		return nil, err
	}
	w := &Writer{
		signer: signer, config: cfg, schema: schema, seq: lane.LastSeq,
		places: make(chan struct{}, cfg.InFlight), oldest: map[uint64]bool{},
	}
	copy(w.last[:], lane.LastPayloadHash)
	w.ctx, w.fail = context.WithCancelCause(ctx)
	return w, nil
}

// Schema returns the relation's columns.
func (w *Writer) Schema() *Schema { return w.schema }

// LastSeq returns the number of the last row that is in or under way; rows count from 1.
func (w *Writer) LastSeq() uint64 { return w.seq }

// Write takes one batch: one vector per column of the schema, all of the same length of at least
// one row. It returns once the batch is under way; waiting for a place is the back-pressure. The
// vectors may be reused at once. An error is final for the writer.
func (w *Writer) Write(cols []*value.Vec) error {
	rows := cols[0].Len()
	if rows == 0 {
		return nil
	}
	return w.take(row.EncodePayload(cols), uint32(rows), false)
}

// WriteClose says that this producer sends no more: windows need not wait for it any longer.
func (w *Writer) WriteClose() error { return w.take(nil, 0, true) }

// Flush waits until everything that was taken is committed, or returns why it is not.
func (w *Writer) Flush() error {
	w.wg.Wait()
	return context.Cause(w.ctx)
}

// Close waits like Flush and ends the writer.
func (w *Writer) Close() error {
	err := w.Flush()
	w.fail(errors.New("the writer is closed"))
	return err
}

// take numbers a batch and sends it in the background when there is a place for it.
func (w *Writer) take(payload []byte, rows uint32, end bool) error {
	select {
	case w.places <- struct{}{}:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	spec := tx.Spec{
		Relation: w.schema.Relation.ID, SchemaVersion: w.schema.Relation.Version,
		Writer: w.config.Writer, FirstSeq: w.seq + 1, Rows: rows,
		Previous: w.last, Payload: payload, Close: end,
	}
	w.seq += uint64(rows)
	w.last = sha256.Sum256(payload)
	w.underway(spec.FirstSeq, true)
	w.wg.Go(func() {
		receipt, err := w.send(spec)
		w.underway(spec.FirstSeq, false)
		if err != nil {
			w.fail(fmt.Errorf("rows %d to %d of writer %s: %w", spec.FirstSeq,
				spec.FirstSeq+uint64(rows)-1, w.config.Writer, err))
		} else {
			w.acknowledge(receipt, int(rows))
		}
		<-w.places
	})
	return nil
}

// send signs and submits one batch until the network has decided it.
func (w *Writer) send(spec tx.Spec) (*api.Receipt, error) {
	pause := newBackoff()
	for range maxSignings {
		first := w.isOldest(spec.FirstSeq)
		raw, err := w.signer.sign(tx.AppendOp(spec), spec.Payload)
		if err != nil {
			return nil, refusal(err)
		}
		receipt, err := w.settle(raw, pause)
		switch {
		case err == nil:
			w.signer.heard(receipt.Height)
			return receipt, nil
		case !spent(err):
			return nil, err
		case codeOf(err) == tx.CodeSeqGap && first:
			return nil, err // nothing of ours is missing before it: the lane is another's too
		}
		// The rows are matched by (lane, first_seq, count, hash) whatever the signature, so a
		// fresh one cannot apply them twice.
		if err := pause.wait(w.ctx); err != nil {
			return nil, err
		}
		if err := w.signer.refresh(w.ctx); err != nil && !transient(errors.Join(
			ErrOutcomeUnknown, err)) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("refused under %d signatures", maxSignings)
}

// settle submits the same bytes until there is a decision about them.
func (w *Writer) settle(raw []byte, pause *backoff) (*api.Receipt, error) {
	for {
		r, err := w.signer.client.Submit(w.ctx, raw)
		if err == nil || !transient(err) || w.ctx.Err() != nil {
			return r, err
		}
		if err := pause.wait(w.ctx); err != nil {
			return nil, err
		}
	}
}

// acknowledge tells the owner of the writer about a committed batch.
func (w *Writer) acknowledge(r *api.Receipt, rows int) {
	if w.config.Acknowledged == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.config.Acknowledged(r, rows)
}

// underway notes that a batch is sent, or done with.
func (w *Writer) underway(firstSeq uint64, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if on {
		w.oldest[firstSeq] = true
	} else {
		delete(w.oldest, firstSeq)
	}
}

// isOldest reports whether no batch under way comes before this one.
func (w *Writer) isOldest(firstSeq uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for other := range w.oldest {
		if other < firstSeq {
			return false
		}
	}
	return true
}
