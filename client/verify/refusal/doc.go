// Package refusal is the one kind of error that verification returns: the evidence does not
// show what it claims. Every refusal has a stable code, for programs, and one clear sentence,
// for people. It never stands for trouble of the machine that verifies.
package refusal
