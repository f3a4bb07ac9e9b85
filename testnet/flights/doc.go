// Package flights holds 20,000 real flight records for the demo and for tests, inside the
// binary. README.md says where they come from and what the columns mean.
//
// Lines stand in the order in which the events became known, so their event times are out of
// order as they are in life. Dealing them out to producers by airport keeps each producer's
// lines in that order.
package flights
