// Package compile turns a plan into a circuit.
package compile
