// Package detcheck is a go vet analyzer for the replicated floors: it reports constructs in
// weir/stream, weir/ledger and weir/app whose result can differ between two replicas that execute
// the same block. cmd/weirvet is the tool that runs it.
//
// Each kind of finding has a word. A finding that cannot do harm is waived by a comment on the
// line before it, which carries the word and the reason:
//
//	//weir:unordered a sum of integers does not depend on order
//	for _, n := range counts {
//
//	word       what it is about
//	unordered  map iteration, unsorted maps.Keys, Values and All, unstable sorts
//	clock      the wall clock and timers
//	goroutine  go, select and channels
//	random     random numbers and per-process hash seeds
//	env        the environment, the host, the number of CPUs
//	float      float arithmetic that may be fused, functions of the platform's libm
//	pointer    addresses that are printed
//	encoding   protobuf marshalling, whose bytes are not canonical
//	signature  signature checks other than ZIP-215
//
// A waiver with an unknown word, without a reason, or that waives nothing is itself reported.
// Test files are not checked, nor is the engine's bench: they do not run in a replica.
//
// What it must never do: change a verdict by anything but the source of the package at hand. What
// it cannot see: an unstable sort by a partial order with slices.SortFunc, values that come in
// through an interface, the capacity of a slice, unsafe, the width of int. Golden app hashes on
// several platforms and GOMAXPROCS settings show the rest.
package detcheck
