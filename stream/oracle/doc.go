// Package oracle evaluates plans naively, row by row; tests and verifiers use it.
package oracle
