package pages

import (
	"fmt"
	"syscall"
	"testing"
)

// cpuMicros is the processor time of this process: other work on the machine is not in it.
func cpuMicros() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec)*1e6 + float64(u.Utime.Usec+u.Stime.Usec)
}

// arena keeps pages in memory as a store's write batch does, and forgets what it put between
// rounds.
type arena struct {
	pages [][]byte
	base  int
	bytes int
}

func (a *arena) Fetch(at Loc) ([]byte, error) { return a.pages[at.Seq], nil }

func (a *arena) Put(b []byte) Loc {
	if n := len(a.pages); n < cap(a.pages) {
		a.pages = a.pages[:n+1]
		a.pages[n] = append(a.pages[n][:0], b...)
	} else {
		a.pages = append(a.pages, append([]byte(nil), b...))
	}
	a.bytes += len(b)
	return Loc{Seq: uint32(len(a.pages) - 1)}
}

func (a *arena) Orphan(Loc) {}

// BenchmarkPacked changes entries among a million of 32 bytes: all of a range, or one in every
// few, which touches as many pages as it can.
func BenchmarkPacked(b *testing.B) {
	var all []Change
	for i := range 1_000_000 {
		all = append(all, Change{fmt.Appendf(nil, "group-%08d", i), []byte("count and a sum")})
	}
	k := &arena{}
	s := mustPack(b, EmptyState(), all, k)
	k.base = len(k.pages)
	for _, c := range []struct{ n, gap int }{
		{1_000_000, 1},
		{100_000, 1},
		{250_000, 4},
		{100_000, 10},
		{10_000, 100},
	} {
		b.Run(fmt.Sprintf("changes=%d/gap=%d", c.n, c.gap), func(b *testing.B) {
			changes := make([]Change, c.n)
			for i := range changes {
				changes[i] = Change{all[i*c.gap].Key, []byte("other and a sum")}
			}
			b.ReportAllocs()
			k.bytes = 0
			cpu := cpuMicros()
			for b.Loop() {
				k.pages = k.pages[:k.base]
				mustPack(b, s, changes, k)
			}
			total := float64(b.N * c.n)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/total, "us/change")
			b.ReportMetric((cpuMicros()-cpu)/total, "cpu-us/change")
			b.ReportMetric(float64(k.bytes)/total, "B/change")
			b.ReportMetric(total/b.Elapsed().Seconds(), "changes/s")
		})
	}
}
