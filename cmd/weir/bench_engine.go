package main

import (
	"context"

	"weir/stream/streamtest/enginebench"
	"weir/testnet/bench"
)

// benchEngine measures the engine alone over the demo's views, and says where the time went.
func benchEngine(_ context.Context, events int) ([]bench.Figure, error) {
	var out []bench.Figure
	add := func(name string, v float64, unit string) {
		out = append(out, bench.Figure{Name: name, Value: v, Unit: unit})
	}
	for _, r := range enginebench.Run(events) {
		add(r.Name, 1e9/r.NsPerEvent, "events/s")
		add(r.Name+": processor time", r.CPUNsPerEvent/1e3, "us/event")
		add(r.Name+": allocations", r.AllocsPerEvent, "/event")
		for _, s := range r.Stages {
			add(r.Name+": "+s.Name, s.NsPerEvent, "ns/event")
		}
	}
	return out, nil
}
