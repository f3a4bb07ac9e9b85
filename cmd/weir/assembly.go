package main

import (
	"context"

	"weir/testnet"
	"weir/testnet/bench"
)

// assembly is what the commands need from the floors that put a node together.
type assembly struct {
	// homes makes the home of every node of a network: configuration, validator and node keys,
	// and one genesis.json, byte for byte the same in all, with the given application state.
	homes testnet.HomesFunc
	// run runs the node of a home until ctx ends, and returns nil then, or why it could not.
	run func(ctx context.Context, home string) error
	// verify checks an evidence file offline.
	verify verifyFunc
	// benchEngine measures the engine alone, over that many events per query.
	benchEngine func(ctx context.Context, events int) ([]bench.Figure, error)
}

// assemble returns the parts that this binary is built from.
func assemble() assembly {
	return assembly{
		homes:       makeHomes,
		run:         runNode,
		verify:      verifyEvidence,
		benchEngine: benchEngine,
	}
}
