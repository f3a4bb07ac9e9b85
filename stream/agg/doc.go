// Package agg has the aggregate functions, all correct under retraction.
package agg
