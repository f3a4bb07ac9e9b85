package main

import (
	"fmt"
	"slices"

	"weir/internal/term"
	"weir/testnet/nexmark"
)

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

func nexmarkRows(results []nexmark.Result) []nexmarkRow {
	rows := make([]nexmarkRow, len(results))
	for i, r := range results {
		rows[i] = nexmarkRow{
			Query: r.Query, Events: r.Events, PerSecond: r.PerSecond(), CPUMicros: r.CPUMicros(),
			SinceMicros: r.SinceMicros(), GenerateMicros: r.GenerateMicros(),
			TreeMicros: r.AuthenticateMicros(), SaveMicros: r.CheckpointMicros(),
			Checkpoints: r.Checkpoints, AllocsPerEvent: r.AllocsPerEvent,
			BytesPerEvent: r.BytesPerEvent, ViewRows: r.ViewRows, StateEntries: r.StateEntries,
			StateBytes: r.StateBytes, HeapBytes: r.HeapBytes, StateRoot: r.StateRoot,
		}
	}
	return rows
}

// nexmarkColumn is a column of the printed table.
type nexmarkColumn struct {
	name string
	cell func(r nexmarkRow) string
	// shown says whether a row has something in it; nil: always.
	shown func(r nexmarkRow) bool
}

func nexmarkColumns() []nexmarkColumn {
	us := func(x float64) string { return fmt.Sprintf("%.2f", x) }
	mb := func(x float64) string { return fmt.Sprintf("%.1f", x/1e6) }
	split := func(r nexmarkRow) bool { return r.SinceMicros != r.CPUMicros }
	trees := func(r nexmarkRow) bool { return r.TreeMicros > 0 }
	saved := func(r nexmarkRow) bool { return r.Checkpoints > 0 }
	root := func(r nexmarkRow) bool { return r.StateRoot != "" }
	return []nexmarkColumn{
		{"query", func(r nexmarkRow) string { return r.Query }, nil},
		{"events", func(r nexmarkRow) string { return fmt.Sprint(r.Events) }, nil},
		{"events/s", func(r nexmarkRow) string { return fmt.Sprintf("%.0f", r.PerSecond) }, nil},
		{"cpu us/event", func(r nexmarkRow) string { return us(r.CPUMicros) }, nil},
		{"since", func(r nexmarkRow) string { return us(r.SinceMicros) }, split},
		{"x gen", func(r nexmarkRow) string {
			return us(r.SinceMicros / max(r.GenerateMicros, 1e-3))
		}, nil},
		{"trees", func(r nexmarkRow) string { return us(r.TreeMicros) }, trees},
		{"checkpoints", func(r nexmarkRow) string { return us(r.SaveMicros) }, saved},
		{"allocs/event", func(r nexmarkRow) string { return us(r.AllocsPerEvent) }, nil},
		{"B/event", func(r nexmarkRow) string { return fmt.Sprintf("%.0f", r.BytesPerEvent) }, nil},
		{"view rows", func(r nexmarkRow) string { return fmt.Sprint(r.ViewRows) }, nil},
		{"state entries", func(r nexmarkRow) string { return fmt.Sprint(r.StateEntries) }, nil},
		{"state MB", func(r nexmarkRow) string { return mb(float64(r.StateBytes)) }, nil},
		{"heap MB", func(r nexmarkRow) string { return mb(float64(r.HeapBytes)) }, nil},
		{"state root", func(r nexmarkRow) string {
			return r.StateRoot[:min(16, len(r.StateRoot))]
		}, root},
	}
}

func (sh *shell) printNexmark(rows []nexmarkRow) error {
	return sh.print(rows, func() {
		var header []string
		var right []bool
		table := make([][]string, len(rows))
		for _, c := range nexmarkColumns() {
			if c.shown != nil && !slices.ContainsFunc(rows, c.shown) {
				continue
			}
			right = append(right, len(header) > 0)
			header = append(header, c.name)
			for k, r := range rows {
				table[k] = append(table[k], c.cell(r))
			}
		}
		term.Table(sh.out, header, table, right)
	})
}
