// Package access says which rows of stored relations a plan needs: for every scan, a range of
// keys that holds every row that can pass the filters above it. The prover proves these ranges
// and the verifier, which computes them itself, takes nothing else for complete.
//
//	Filter k1 = 5 AND k2 >= 7        Lo = 10 | 5 | 7
//	  Scan, key (k1, k2)      ──►    Hi = the first key after all of 10 | 5
//
// A range is narrowed only by conjuncts that no failing expression precedes, so that a row
// outside it could not have raised an error either: evaluating a plan over the ranges gives the
// same rows and errors as over the whole relations.
//
// It is pure and keeps nothing. Invariant: 10 <= Lo <= Hi <= 11 as byte strings.
package access
