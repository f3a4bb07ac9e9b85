// Package bench measures a running network from outside, as its users see it.
//
//	idle        blocks per second while nobody writes
//	latency     from submit to receipt, one small batch at a time: p50, p99
//	throughput  events per second acknowledged, several writers with batches in flight
//
// It makes a stream of its own in the network. Its figures are of this machine at this moment:
// compare them only within one run, or with care.
package bench
