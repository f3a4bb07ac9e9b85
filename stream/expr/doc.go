// Package expr has typed scalar expressions and their evaluation.
package expr
