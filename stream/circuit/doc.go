// Package circuit joins operators into a graph and steps it in topological order.
package circuit
