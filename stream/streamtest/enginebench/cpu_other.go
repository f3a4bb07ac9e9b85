//go:build !unix

package enginebench

import "time"

// cpuTime is unknown here.
func cpuTime() time.Duration { return 0 }
