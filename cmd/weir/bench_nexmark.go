package main

import (
	"context"
	"fmt"
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
			"  weir bench nexmark --events 1000000,3000000,10000000 --repeat 3 --plot nexmark.svg",
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

// nexmarkRow is one measured query, as --output json prints it.
type nexmarkRow struct {
	Query          string  `json:"query"`
	Events         int     `json:"events"`
	PerSecond      float64 `json:"events_per_second"`
	CPUMicros      float64 `json:"cpu_us_per_event"`
	SinceMicros    float64 `json:"cpu_us_per_event_since_the_row_before"`
	GenerateMicros float64 `json:"generate_cpu_us_per_event_since_the_row_before"`
	TreeMicros     float64 `json:"authenticate_cpu_us_per_event,omitempty"`
	SaveMicros     float64 `json:"checkpoint_cpu_us_per_event,omitempty"`
	Checkpoints    int     `json:"checkpoints,omitempty"`
	AllocsPerEvent float64 `json:"allocations_per_event"`
	BytesPerEvent  float64 `json:"bytes_allocated_per_event"`
	ViewRows       int     `json:"view_rows"`
	StateEntries   int     `json:"state_entries"`
	StateBytes     int     `json:"state_bytes"`
	HeapBytes      uint64  `json:"heap_bytes"`
	StateRoot      string  `json:"state_root,omitempty"`
}

func (sh *shell) benchNexmark(ctx context.Context, f benchNexmarkFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	queries, err := chosenQueries(f.queries)
	if err != nil {
		return err
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(f.memoryMB << 20))
	total := f.events[len(f.events)-1] * len(queries) * f.repeat
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
	return sh.printNexmark(f, results)
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

// nexmarkColumn is a column of the printed table.
type nexmarkColumn struct {
	name string
	cell func(r nexmarkRow) string
}

func nexmarkColumns(f benchNexmarkFlags) []nexmarkColumn {
	us := func(x float64) string { return fmt.Sprintf("%.2f", x) }
	cols := []nexmarkColumn{
		{"query", func(r nexmarkRow) string { return r.Query }},
		{"events", func(r nexmarkRow) string { return fmt.Sprint(r.Events) }},
		{"events/s", func(r nexmarkRow) string { return fmt.Sprintf("%.0f", r.PerSecond) }},
		{"cpu us/event", func(r nexmarkRow) string { return us(r.CPUMicros) }},
	}
	if len(f.events) > 1 {
		cols = append(cols, nexmarkColumn{
			"since", func(r nexmarkRow) string { return us(r.SinceMicros) },
		}, nexmarkColumn{
			"x gen", func(r nexmarkRow) string { return us(r.SinceMicros / r.GenerateMicros) },
		})
	}
	if f.authenticated {
		cols = append(cols, nexmarkColumn{"trees", func(r nexmarkRow) string { return us(r.TreeMicros) }})
	}
	if f.checkpointed {
		cols = append(cols, nexmarkColumn{
			"checkpoints", func(r nexmarkRow) string { return us(r.SaveMicros) },
		})
	}
	cols = append(cols,
		nexmarkColumn{"allocs/event", func(r nexmarkRow) string { return us(r.AllocsPerEvent) }},
		nexmarkColumn{"B/event", func(r nexmarkRow) string {
			return fmt.Sprintf("%.0f", r.BytesPerEvent)
		}},
		nexmarkColumn{"view rows", func(r nexmarkRow) string { return fmt.Sprint(r.ViewRows) }},
		nexmarkColumn{"state entries", func(r nexmarkRow) string { return fmt.Sprint(r.StateEntries) }},
		nexmarkColumn{"state MB", func(r nexmarkRow) string {
			return fmt.Sprintf("%.1f", float64(r.StateBytes)/1e6)
		}},
		nexmarkColumn{"heap MB", func(r nexmarkRow) string {
			return fmt.Sprintf("%.0f", float64(r.HeapBytes)/1e6)
		}},
	)
	if f.authenticated || f.checkpointed {
		cols = append(cols, nexmarkColumn{
			"state root", func(r nexmarkRow) string { return r.StateRoot[:16] },
		})
	}
	return cols
}

func (sh *shell) printNexmark(f benchNexmarkFlags, results []nexmark.Result) error {
	rows := make([]nexmarkRow, len(results))
	for i, r := range results {
		rows[i] = nexmarkRow{
			Query: r.Query, Events: r.Events, PerSecond: r.PerSecond(), CPUMicros: r.CPUMicros(),
			SinceMicros: r.SinceMicros(), GenerateMicros: r.GenerateMicros(),
			TreeMicros: r.AuthenticateMicros(),
			SaveMicros: r.CheckpointMicros(), Checkpoints: r.Checkpoints,
			AllocsPerEvent: r.AllocsPerEvent, BytesPerEvent: r.BytesPerEvent,
			ViewRows: r.ViewRows, StateEntries: r.StateEntries, StateBytes: r.StateBytes,
			HeapBytes: r.HeapBytes, StateRoot: r.StateRoot,
		}
	}
	return sh.print(rows, func() {
		cols := nexmarkColumns(f)
		header, right := make([]string, len(cols)), make([]bool, len(cols))
		table := make([][]string, len(rows))
		for i, c := range cols {
			header[i], right[i] = c.name, i > 0
			for k, r := range rows {
				table[k] = append(table[k], c.cell(r))
			}
		}
		term.Table(sh.out, header, table, right)
	})
}
