// Package consensus wires CometBFT nodes: homes, profiles, stores, start and stop.
//
// It is the only importer of CometBFT's node, p2p, config, privval and store packages. It knows
// nothing of transactions' meaning. Its stores pass every synced write through to one pebble
// per store, because acknowledgement without an application fsync rests on that.
//
//	config.toml, genesis.json -> Start -> CometBFT node -> abci.Application
//	                               |-> stores (pebble through cosmos-db)
//	                               `-> Failed(): the reason why the process has to exit
//
// Invariant: a consensus failure closes Failed(). CometBFT itself would go on serving after it.
package consensus
