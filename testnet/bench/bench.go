package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/stream/value"
)

// Figure is one measured number.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Config says what to measure with.
type Config struct {
	Nodes   []string // base URLs
	Key     *client.Key
	Role    string        // needs CREATE; the key must be allowed any writer
	Phase   time.Duration // how long each of the four phases lasts
	Writers int           // concurrent lanes in the throughput phase
	Batch   int           // rows in a batch of the throughput phase
}

// The bounds of a configuration.
const (
	MinPhase   = 100 * time.Millisecond
	MaxPhase   = time.Hour
	MaxWriters = 64
)

// Check refuses what cannot be measured.
func (c *Config) Check() error {
	switch {
	case c.Phase < MinPhase || c.Phase > MaxPhase:
		return fmt.Errorf("a phase of %v is not one of %v to %v", c.Phase, MinPhase, MaxPhase)
	case c.Writers < 1 || c.Writers > MaxWriters:
		return fmt.Errorf("%d writers is not 1 to %d", c.Writers, MaxWriters)
	case c.Batch < 1 || c.Batch > client.MaxBatchRows:
		return fmt.Errorf("%d rows in a batch is not 1 to %d", c.Batch, client.MaxBatchRows)
	}
	return nil
}

// Network measures a network.
func Network(ctx context.Context, cfg Config) ([]Figure, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	c, err := client.New(cfg.Nodes...)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	stream := fmt.Sprintf("bench_%d", time.Now().UnixMilli())
	signer, err := c.NewSigner(ctx, cfg.Key, cfg.Role)
	if err != nil {
		return nil, err
	}
	for _, sql := range declare(stream) {
		if _, err := signer.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	var figures []Figure
	for _, p := range []struct {
		run    func(context.Context, *client.Client, Config, string) ([]Figure, error)
		stream string
	}{
		{idle, stream},
		{latency, stream},
		{throughput, stream},
		{throughput, stream + viewed},
	} {
		f, err := p.run(ctx, c, cfg, p.stream)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f...)
	}
	for _, v := range views { // a suspended view would cost nothing
		_, err := c.Query(ctx, "SELECT count(*) FROM "+stream+viewed+"_"+v)
		if err != nil {
			return nil, fmt.Errorf("after the load: %w", err)
		}
	}
	return figures, nil
}

// views are the names of the views that declare makes.
var views = []string{"totals", "most", "hours"}

// viewed ends the name of the stream that three views read.
const viewed = "_viewed"

// declare is the DDL of a benchmark: two equal streams, one of which three views read: totals
// per place, the greatest amount per place, and counts per place and hour on window close.
func declare(stream string) []string {
	columns := " (id bigint, place text, amount int, at timestamp, " +
		"WATERMARK FOR at AS at - INTERVAL '1 minute')"
	v := stream + viewed
	view := func(name, query string) string {
		return fmt.Sprintf("CREATE MATERIALIZED VIEW %s_%s AS %s", v, name, query)
	}
	return []string{
		"CREATE STREAM " + stream + columns,
		"CREATE STREAM " + v + columns,
		view("totals", "SELECT place, count(*) AS n, sum(amount) AS total FROM "+v+
			" GROUP BY place"),
		view("most", "SELECT place, max(amount) AS most FROM "+v+" GROUP BY place"),
		view("hours", "SELECT window_start, window_end, place, count(*) AS n, "+
			"avg(amount) AS mean FROM TUMBLE("+v+", at, INTERVAL '1 hour') "+
			"GROUP BY window_start, window_end, place EMIT ON WINDOW CLOSE"),
	}
}

// idle counts the blocks of a phase without load.
func idle(ctx context.Context, c *client.Client, cfg Config, _ string) ([]Figure, error) {
	before, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(cfg.Phase):
	}
	after, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	rate := float64(after.Height-before.Height) / time.Since(start).Seconds()
	return []Figure{{"idle blocks", rate, "blocks/s"}}, nil
}

// latency commits one-row batches one after the other.
func latency(ctx context.Context, c *client.Client, cfg Config, stream string) ([]Figure, error) {
	w, err := c.NewWriter(ctx, client.WriterConfig{
		Key: cfg.Key, Role: cfg.Role, Writer: "bench-latency", Relation: stream, InFlight: 1,
	})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	var took []time.Duration
	for end := time.Now().Add(cfg.Phase); time.Now().Before(end); {
		start := time.Now()
		if err := w.Write(rows(w.Schema(), len(took), 1)); err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return []Figure{
		{"commit latency p50", ms(quantile(took, 0.50)), "ms"},
		{"commit latency p99", ms(quantile(took, 0.99)), "ms"},
	}, nil
}

// throughput sends as much as the network takes.
func throughput(
	ctx context.Context, _ *client.Client, cfg Config, stream string,
) ([]Figure, error) {
	var mu sync.Mutex
	var acknowledged int
	var first error
	var wg sync.WaitGroup
	start := time.Now()
	for i := range cfg.Writers {
		wg.Go(func() {
			err := flood(ctx, cfg, stream, i, start.Add(cfg.Phase), func(_ *api.Receipt, n int) {
				mu.Lock()
				defer mu.Unlock()
				acknowledged += n
			})
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = err
			}
		})
	}
	wg.Wait()
	rate := float64(acknowledged) / time.Since(start).Seconds()
	name := "throughput"
	if strings.HasSuffix(stream, viewed) {
		name = "throughput, three views live"
	}
	return []Figure{{name, rate, "events/s"}}, first
}

// flood is one writer of the throughput phase. Writers prefer different nodes.
func flood(
	ctx context.Context, cfg Config, stream string, i int, end time.Time,
	told func(*api.Receipt, int),
) error {
	home := i % len(cfg.Nodes)
	c, err := client.New(slices.Concat(cfg.Nodes[home:], cfg.Nodes[:home])...)
	if err != nil {
		return err
	}
	defer c.Close()
	w, err := c.NewWriter(ctx, client.WriterConfig{
		Key: cfg.Key, Role: cfg.Role, Writer: fmt.Sprintf("bench-%d", i), Relation: stream,
		Acknowledged: told,
	})
	if err != nil {
		return err
	}
	defer w.Close()
	for n := 0; time.Now().Before(end); n += cfg.Batch {
		if err := w.Write(rows(w.Schema(), n, cfg.Batch)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// places is how many places events come from; firstTime is the event time of the first one, and
// each is a tenth of a second after the one before.
const (
	places    = 200
	firstTime = 1_700_000_000_000_000
	pace      = 100_000
)

// rows makes n rows from number first on.
func rows(s *client.Schema, first, n int) []*value.Vec {
	cols := s.NewColumns(n)
	for i := range n {
		k := first + i
		cols[0].AppendInt(int64(k))
		cols[1].AppendBytes(fmt.Appendf(nil, "place %d", k*7919%places))
		cols[2].AppendInt(int64(k * 31 % 1000))
		cols[3].AppendInt(firstTime + int64(k)*pace)
	}
	return cols
}

// quantile returns the q-quantile of sorted durations by the nearest-rank method, 0 of none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(q*float64(len(sorted))+0.9999999) - 1
	return sorted[max(0, min(rank, len(sorted)-1))]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
