package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/testnet/nexmark"
)

// benchNexmarkFlags are the flags of weir bench nexmark.
type benchNexmarkFlags struct {
	engine     bool
	checkpoint bool
	events     []int
	queries    []string
	seed       uint64
	plot       string
}

func (sh *shell) benchNexmarkCommand() *cobra.Command {
	var f benchNexmarkFlags
	cmd := &cobra.Command{
		Use:   "nexmark",
		Short: "Keep the views of the Nexmark benchmark up to date on one core",
		Long: "Generates persons, auctions and bids and steps each query of Nexmark through them, one\n" +
			"at a time, on one goroutine, without consensus or disk. Generating is not measured.",
		Example: "  weir bench nexmark --engine\n" +
			"  weir bench nexmark --engine --query q5,q7 --events 1000000,10000000 --plot nexmark.svg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return sh.benchNexmark(cmd.Context(), f) },
	}
	cmd.Flags().BoolVar(&f.engine, "engine", true, "measure the engine alone")
	cmd.Flags().BoolVar(&f.checkpoint, "checkpoint", false,
		"encode all operator state at the end and say how long that took")
	cmd.Flags().IntSliceVar(&f.events, "events", []int{1_000_000}, "events per query; several: each")
	cmd.Flags().StringSliceVar(&f.queries, "query", nil, "queries to run, such as q0,q5; default all")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of the generated load")
	cmd.Flags().StringVar(&f.plot, "plot", "",
		"draw events/s against events into this file (.svg, .png)")
	return cmd
}

// nexmarkRow is one measured query, as --output json prints it.
type nexmarkRow struct {
	Query          string  `json:"query"`
	Events         int     `json:"events"`
	PerSecond      float64 `json:"events_per_second"`
	CPUMicros      float64 `json:"cpu_us_per_event"`
	AllocsPerEvent float64 `json:"allocations_per_event"`
	BytesPerEvent  float64 `json:"bytes_allocated_per_event"`
	ViewRows       int     `json:"view_rows"`
	StateEntries   int     `json:"state_entries"`
	StateBytes     int     `json:"state_bytes"`
	Checkpoint     float64 `json:"checkpoint_seconds,omitempty"`
}

func (sh *shell) benchNexmark(ctx context.Context, f benchNexmarkFlags) error {
	if !f.engine {
		return usagef("only --engine is measured by this command; see also: weir bench network")
	}
	for _, n := range f.events {
		if n < 1 {
			return usagef("--events is at least 1")
		}
	}
	queries, err := chosenQueries(f.queries)
	if err != nil {
		return err
	}
	total := 0
	for _, n := range f.events {
		total += n * len(queries)
	}
	progress := term.NewProgress(os.Stderr, "events", uint64(total))
	results, err := runNexmark(ctx, f, queries, progress)
	progress.Finish()
	if err != nil {
		return err
	}
	if f.plot != "" {
		if err := nexmark.Plot(results, f.plot); err != nil {
			return err
		}
	}
	return sh.printNexmark(results)
}

// chosenQueries finds queries by name; none means all.
func chosenQueries(names []string) ([]nexmark.Query, error) {
	all := nexmark.Queries()
	if len(names) == 0 {
		return all, nil
	}
	var out []nexmark.Query
	for _, n := range names {
		i := slices.IndexFunc(all, func(q nexmark.Query) bool { return q.Name == strings.TrimSpace(n) })
		if i < 0 {
			return nil, usagef("no query %q: there are q0 to q%d", n, nexmark.NumQueries-1)
		}
		out = append(out, all[i])
	}
	return out, nil
}

func runNexmark(ctx context.Context, f benchNexmarkFlags, queries []nexmark.Query,
	progress *term.Progress,
) (out []nexmark.Result, err error) {
	for _, q := range queries {
		for _, n := range f.events {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			progress.Note(q.Name)
			last := 0
			r, err := nexmark.Bench(q, nexmark.Options{
				Config: nexmark.Config{Seed: f.seed}, Events: n, Checkpoint: f.checkpoint,
				Progress: func(done int) {
					progress.Add(uint64(done - last))
					last = done
				},
			})
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

func (sh *shell) printNexmark(results []nexmark.Result) error {
	rows := make([]nexmarkRow, len(results))
	for i, r := range results {
		rows[i] = nexmarkRow{
			Query: r.Query, Events: r.Events, PerSecond: r.PerSecond(),
			CPUMicros:      r.CPUMicros(),
			AllocsPerEvent: r.AllocsPerEvent, BytesPerEvent: r.BytesPerEvent,
			ViewRows: r.ViewRows, StateEntries: r.StateEntries, StateBytes: r.StateBytes,
			Checkpoint: r.CheckpointSeconds,
		}
	}
	return sh.print(rows, func() {
		header := []string{
			"query", "events", "events/s", "cpu us/event", "allocs/event", "B/event", "view rows",
			"state entries", "state MB",
		}
		table := make([][]string, len(rows))
		right := make([]bool, len(header))
		for i := range right {
			right[i] = i > 0
		}
		for i, r := range rows {
			table[i] = []string{
				r.Query, fmt.Sprint(r.Events), fmt.Sprintf("%.0f", r.PerSecond),
				fmt.Sprintf("%.2f", r.CPUMicros),
				fmt.Sprintf("%.2f", r.AllocsPerEvent), fmt.Sprintf("%.0f", r.BytesPerEvent),
				fmt.Sprint(r.ViewRows), fmt.Sprint(r.StateEntries),
				fmt.Sprintf("%.1f", float64(r.StateBytes)/1e6),
			}
			if r.Checkpoint > 0 {
				table[i] = append(table[i], fmt.Sprintf("%.2f s", r.Checkpoint))
			}
		}
		if len(rows) > 0 && rows[0].Checkpoint > 0 {
			header, right = append(header, "checkpoint"), append(right, true)
		}
		term.Table(sh.out, header, table, right)
	})
}
