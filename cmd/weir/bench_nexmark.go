package main

import (
	"context"
	"encoding/json"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/testnet/nexmark"
)

// benchNexmarkFlags are the flags of weir bench nexmark.
type benchNexmarkFlags struct {
	engine           bool
	checkpointed     bool
	checkpointEvents int
	authenticated    bool
	events           []int
	segment          int
	queries          []string
	seed             uint64
	repeat           int
	memoryMB         int64
	plot             string
	from             []string
}

func (sh *shell) benchNexmarkCommand() *cobra.Command {
	var f benchNexmarkFlags
	cmd := &cobra.Command{
		Use:   "nexmark",
		Short: "Keep the views of the Nexmark benchmark up to date on one core",
		Long: "Generates persons, auctions and bids and steps each query of Nexmark (q0 to q22)\n" +
			"through them, one at a time, on one goroutine, without consensus. Events are generated\n" +
			"step by step, which is not measured, and not kept. Rows and state are in memory, unless\n" +
			"--authenticated and --checkpointed put a ledger on disk under them.\n\n" +
			"Processor time per event is the steadier figure: events/s also counts what other\n" +
			"processes take. \"since\" is processor time per event since the number of events before,\n" +
			"\"x gen\" the same in units of what generating an event cost meanwhile, which other\n" +
			"processes slow down alike.",
		Example: "  weir bench nexmark --engine\n" +
			"  weir bench nexmark --query q4,q5 --authenticated --checkpointed --output json\n" +
			"  weir bench nexmark --events 1000000,3000000,10000000 --repeat 3 --plot nexmark.svg\n" +
			"  weir bench nexmark --from monday.json,tuesday.json --plot nexmark.svg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return sh.benchNexmark(cmd.Context(), f) },
	}
	cmd.Flags().BoolVar(&f.engine, "engine", true, "measure without consensus")
	cmd.Flags().BoolVar(&f.checkpointed, "checkpointed", false,
		"save all operator state to disk at checkpoints")
	cmd.Flags().IntVar(&f.checkpointEvents, "checkpoint-events", nexmark.DefaultCheckpoint,
		"events between two checkpoints")
	cmd.Flags().BoolVar(&f.authenticated, "authenticated", false,
		"keep the view's rows in a Merkle tree, hashed at each step")
	cmd.Flags().IntSliceVar(&f.events, "events", []int{1_000_000},
		"events per query; several, ascending: figures at each")
	cmd.Flags().IntVar(&f.segment, "step", nexmark.DefaultSegment, "events in a step")
	cmd.Flags().StringSliceVar(&f.queries, "query", nil, "queries to run, such as q0,q5; default all")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of the generated load")
	cmd.Flags().IntVar(&f.repeat, "repeat", 1, "runs of each query, of which the median is taken")
	cmd.Flags().Int64Var(&f.memoryMB, "memory", 8192,
		"MB above which garbage is collected as often as it takes")
	cmd.Flags().StringVar(&f.plot, "plot", "",
		"draw the cost per event against events into this file (.svg, .png)")
	cmd.Flags().StringSliceVar(&f.from, "from", nil,
		"measure nothing: show what earlier runs printed with --output json")
	return cmd
}

func (f benchNexmarkFlags) check() error {
	switch {
	case !f.engine:
		return usagef("only --engine is measured by this command; see also: weir bench network")
	case len(f.events) == 0 || f.events[0] < 1:
		return usagef("--events is at least 1")
	case !slices.IsSorted(f.events):
		return usagef("several --events ascend")
	case f.checkpointEvents < 1:
		return usagef("--checkpoint-events is at least 1")
	case f.segment < 1:
		return usagef("--step is at least 1")
	case f.repeat < 1:
		return usagef("--repeat is at least 1")
	case f.memoryMB < 1:
		return usagef("--memory is at least 1")
	}
	return nil
}

func (sh *shell) benchNexmark(ctx context.Context, f benchNexmarkFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	rows, err := nexmarkEarlier(f.from)
	if err != nil {
		return err
	}
	if len(f.from) == 0 {
		if rows, err = nexmarkMeasured(ctx, f); err != nil {
			return err
		}
	}
	if f.plot != "" {
		points := make([]nexmark.Point, len(rows))
		for i, r := range rows {
			points[i] = nexmark.Point{Query: r.Query, Events: r.Events, SinceMicros: r.SinceMicros}
		}
		if err := nexmark.Plot(points, f.plot); err != nil {
			return err
		}
	}
	return sh.printNexmark(rows)
}

// nexmarkEarlier reads what earlier runs printed.
func nexmarkEarlier(files []string) (rows []nexmarkRow, err error) {
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var part []nexmarkRow
		if err := json.Unmarshal(b, &part); err != nil {
			return nil, usagef("%s is not what weir bench nexmark --output json prints: %v", name, err)
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

func nexmarkMeasured(ctx context.Context, f benchNexmarkFlags) ([]nexmarkRow, error) {
	queries, err := chosenQueries(f.queries)
	if err != nil {
		return nil, err
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(f.memoryMB << 20))
	total := f.events[len(f.events)-1] * len(queries) * f.repeat
	progress := term.NewProgress(os.Stderr, "events", uint64(total))
	results, err := runNexmark(ctx, f, queries, progress)
	progress.Finish()
	if err != nil {
		return nil, err
	}
	return nexmarkRows(results), nil
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
		progress.Note(q.Name)
		var runs [][]nexmark.Result
		for range f.repeat {
			last := 0
			run, err := nexmark.Bench(q, nexmark.Options{
				Config: nexmark.Config{Seed: f.seed}, Events: f.events, SegmentEvents: f.segment,
				Checkpointed: f.checkpointed, CheckpointEvents: f.checkpointEvents,
				Authenticated: f.authenticated,
				Progress: func(done int) error {
					progress.Add(uint64(done - last))
					last = done
					return ctx.Err()
				},
			})
			if err != nil {
				return nil, err
			}
			runs = append(runs, run)
		}
		median, err := nexmark.Median(runs)
		if err != nil {
			return nil, err
		}
		out = append(out, median...)
	}
	return out, nil
}
