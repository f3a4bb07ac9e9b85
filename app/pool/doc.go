// Package pool is the ordered, bounded transaction pool.
package pool
