// Package demo tells Weir's story on one machine: four validators as processes, 20,000 real
// flight records signed by five producers, a crash in the middle, equal app hashes, and an
// answer that is proven and checked offline.
//
// Everything in it is the real thing: the same executable, the client API, the verifier. It
// cleans up whatever it started, also when it is interrupted, unless asked to keep it.
package demo
