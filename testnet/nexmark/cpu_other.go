//go:build !unix

package nexmark

import "time"

// cpuTime is unknown here.
func cpuTime() time.Duration { return 0 }
