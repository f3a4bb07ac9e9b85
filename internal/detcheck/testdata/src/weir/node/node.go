// Package node is not on a replicated floor, so anything goes.
package node

import "time"

func now(m map[string]int) time.Time {
	for range m {
	}
	return time.Now()
}
