// Package proto holds the wire formats.
package proto
