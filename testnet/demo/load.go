package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/internal/term"
	"weir/testnet/flights"
)

// The shares of the records at which the victim crashes and comes back.
const (
	killAt    = flights.Rows * 3 / 10
	restartAt = flights.Rows * 6 / 10
)

// loadFlights lets the five producers send their airports' records at once, and crashes a
// validator while they do.
func (d *story) loadFlights(ctx context.Context) error {
	files, _, err := flights.Deal(producers)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	bar := term.NewProgress(d.Out, "rows", flights.Rows)
	start := time.Now()
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			if err := d.produce(ctx, p, files[p], bar); err != nil {
				cancel(fmt.Errorf("producer %s: %w", writer(p), err))
			}
		})
	}
	loaded := make(chan struct{})
	go func() {
		wg.Wait()
		close(loaded)
	}()
	fault := d.crash(ctx, bar, loaded)
	<-loaded
	took := time.Since(start)
	bar.Finish()
	if err := errors.Join(fault, context.Cause(ctx)); err != nil {
		return err
	}
	d.say("   %d rows signed, ordered, applied and acknowledged: %.0f rows/s\n", flights.Rows,
		flights.Rows/took.Seconds())
	return nil
}

// produce sends one producer's file. Producers prefer different validators, and go to the next
// when theirs is gone.
func (d *story) produce(ctx context.Context, p int, file []byte, bar *term.Progress) error {
	urls := d.net.URLs()
	home := p % len(urls)
	c, err := client.New(slices.Concat(urls[home:], urls[:home])...)
	if err != nil {
		return err
	}
	defer c.Close()
	w, err := c.NewWriter(ctx, client.WriterConfig{
		Key: d.keys[p], Role: producerRole, Writer: writer(p), Relation: "flights",
		Acknowledged: func(_ *api.Receipt, rows int) { bar.Add(uint64(rows)) },
	})
	if err != nil {
		return err
	}
	defer w.Close()
	src, err := client.NewCSV(bytes.NewReader(file), w.Schema())
	if err != nil {
		return err
	}
	_, err = client.Load(ctx, w, src, client.LoadConfig{BatchRows: batchRows, CloseLane: true})
	return err
}

// crash kills the victim and restarts it as the load proceeds. If the load is over before, it
// does both at once.
func (d *story) crash(ctx context.Context, bar *term.Progress, loaded <-chan struct{}) error {
	await := func(rows uint64) {
		for bar.Done() < rows {
			select {
			case <-loaded:
				return
			case <-ctx.Done():
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	await(killAt)
	if ctx.Err() != nil {
		return nil // told elsewhere
	}
	if err := d.net.Kill(victim); err != nil {
		return err
	}
	bar.Note(fmt.Sprintf("validator %d killed (SIGKILL)", victim))
	await(restartAt)
	if ctx.Err() != nil {
		return nil
	}
	if err := d.net.Start(victim, !d.Keep); err != nil {
		return err
	}
	bar.Note(fmt.Sprintf("validator %d started again", victim))
	return nil
}
