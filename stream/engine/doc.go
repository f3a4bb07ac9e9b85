// Package engine keeps every view up to date, step by step.
package engine
