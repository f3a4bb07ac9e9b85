package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

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

// maxPayload is the longest payload that fits a transaction of 512 KiB beside its header.
const maxPayload = 480 << 10

// WriterConfig says whose lane a Writer owns.
type WriterConfig struct {
	Key      *Key
	Role     string
	Writer   string // the producer's name within the role
	Relation string
	InFlight int // 0 means DefaultInFlight; at most MaxInFlight
	// Patience is how long a batch that nobody decides is sent again; 0 means DefaultPatience.
	Patience time.Duration
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
	taken  uint64            // batches so far; numbers them from 1
	places chan struct{}     // one per batch under way
	ctx    context.Context   // ends when a batch has failed for good
	fail   context.CancelCauseFunc
	wg     sync.WaitGroup

	told    sync.Mutex      // one call of Acknowledged at a time
	mu      sync.Mutex      // of what follows
	sending map[uint64]bool // the numbers of the batches under way
	done    chan struct{}   // closed and replaced when one is done
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
	if cfg.Patience > 0 {
		signer.SetPatience(cfg.Patience)
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
		places: make(chan struct{}, cfg.InFlight), sending: map[uint64]bool{}, done: make(chan struct{}),
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
// one row. Rows that do not fit one transaction are sent as several. It returns once the batch
// is under way; waiting for a place is the back-pressure. The vectors may be reused at once. An
// error is final for the writer.
func (w *Writer) Write(cols []*value.Vec) error {
	rows := cols[0].Len()
	if rows == 0 {
		return nil
	}
	payload := row.EncodePayload(cols, rows)
	if len(payload) <= maxPayload || rows == 1 {
		return w.take(payload, uint32(rows), false)
	}
	for _, part := range [][2]int{{0, rows / 2}, {rows / 2, rows}} {
		half := make([]*value.Vec, len(cols))
		for i, c := range cols {
			half[i] = c.Slice(part[0], part[1])
		}
		if err := w.Write(half); err != nil {
			return err
		}
	}
	return nil
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
	w.taken++
	number := w.taken
	w.begin(number)
	w.wg.Go(func() {
		receipt, err := w.send(number, spec)
		if err != nil {
			w.fail(fmt.Errorf("rows %d to %d of writer %s: %w", spec.FirstSeq,
				spec.FirstSeq+uint64(rows)-1, w.config.Writer, err))
		} else {
			w.acknowledge(receipt, int(rows))
		}
		w.end(number)
		<-w.places
	})
	return nil
}

// send submits one batch until the network has decided it. The same bytes go again after a lost
// connection or when there is no room. Where the network will not judge those bytes any more
// (they ran out, or were refused because an earlier batch was missing) the rows are signed
// anew: they are matched by (lane, first_seq, count, hash) whatever the signature, so they
// cannot apply twice.
func (w *Writer) send(number uint64, spec tx.Spec) (*api.Receipt, error) {
	pause, end := newBackoff(), time.Now().Add(w.signer.patience)
	var raw []byte // nil when it has to be signed
	for left := maxSignings; left > 0; {
		if raw == nil {
			var err error
			if raw, err = w.signer.sign(tx.AppendOp(spec), spec.Payload); err != nil {
				return nil, refusal(err)
			}
		}
		first, turn := w.turn(number)
		receipt, err := w.signer.client.Submit(w.ctx, raw)
		switch {
		case err == nil:
			w.signer.heard(receipt.Height)
			return receipt, nil
		case w.ctx.Err() != nil:
			return nil, context.Cause(w.ctx)
		case !first && outOfTurn(err):
			raw, err = nil, w.await(turn)
		case !first && codeOf(err) == tx.CodeWaitingFull:
			err = w.await(turn)
		case transient(err) && time.Now().After(end):
			err = undecided(w.signer.patience, err)
		case transient(err):
			err = pause.wait(w.ctx)
		case spent(err):
			raw, left = nil, left-1
			if err = pause.wait(w.ctx); err == nil {
				err = w.signer.refresh(w.ctx)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("refused under %d signatures", maxSignings)
}

// turn reports whether no batch under way comes before this one, and returns what is closed when
// the next batch under way is done.
func (w *Writer) turn(number uint64) (first bool, done <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for other := range w.sending {
		if other < number {
			return false, w.done
		}
	}
	return true, w.done
}

// await waits for the end of another batch.
func (w *Writer) await(done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
}

// begin notes that a batch is under way.
func (w *Writer) begin(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sending[number] = true
}

// end notes that a batch is done with, and wakes those that wait for it.
func (w *Writer) end(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sending, number)
	close(w.done)
	w.done = make(chan struct{})
}

// acknowledge tells the owner of the writer about a committed batch.
func (w *Writer) acknowledge(r *api.Receipt, rows int) {
	if w.config.Acknowledged == nil {
		return
	}
	w.told.Lock()
	defer w.told.Unlock()
	w.config.Acknowledged(r, rows)
}
