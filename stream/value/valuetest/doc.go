// Package valuetest draws random types, values and columns for property tests, with the edges
// (NULL, extremes, equal values of different representation) far more often than chance.
package valuetest
