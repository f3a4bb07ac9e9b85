//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Now is the processor time that the process has used so far.
func Now() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
