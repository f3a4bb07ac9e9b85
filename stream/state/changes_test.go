package state

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// TestChangesAgainstMap applies what Changes says to a map of the version before: it must give
// the later version, name each key once in ascending order, and only keys that differ.
func TestChangesAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Runs
		cur := map[string]string{}
		space := rapid.SampledFrom([]int{3, 400, 5000}).Draw(t, "space")
		before, was := r.Accepted(), map[string]string{}
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				r.Discard()
				cur = content(r.Accepted())
			case 1:
				bound := fmt.Sprintf("%05d", rapid.IntRange(0, space).Draw(t, "bound"))
				r.FreeBelow([]byte(bound))
				maps.DeleteFunc(cur, func(k, _ string) bool { return k < bound })
			case 2:
				reload(t, &r)
			default:
				r.Apply(draw(t, cur, space))
			}
			if rapid.Bool().Draw(t, "accept") {
				r.Accept()
			}
			sameAfterChanges(t, before, r.Accepted(), was)
			if rapid.IntRange(0, 2).Draw(t, "save") == 0 {
				before, was = r.Accepted(), content(r.Accepted())
			}
		}
	})
}

func content(v Version) map[string]string {
	out := map[string]string{}
	v.Each(func(k, val []byte) { out[string(k)] = string(val) })
	return out
}

func sameAfterChanges(t *rapid.T, before, now Version, was map[string]string) {
	got := maps.Clone(was)
	var last []byte
	now.Changes(before, func(key, value []byte) {
		if last != nil && bytes.Compare(last, key) >= 0 {
			t.Fatalf("%q after %q", key, last)
		}
		last = append([]byte{}, key...)
		old, ok := was[string(key)]
		if value == nil && !ok || value != nil && ok && old == string(value) {
			t.Fatalf("%q is reported and did not change", key)
		}
		if value == nil {
			delete(got, string(key))
		} else {
			got[string(key)] = string(value)
		}
	})
	if !maps.Equal(got, content(now)) {
		t.Fatalf("the changes give %d entries, the version has %d", len(got), now.Len())
	}
}

// TestChangesEmptyKeyAndValue: an empty value is not a deletion, an empty key not the end.
func TestChangesEmptyKeyAndValue(t *testing.T) {
	var r Runs
	r.Apply([]Change{{Key: []byte{}, Value: []byte{}}})
	r.Accept()
	n := 0
	r.Accepted().Changes(Version{}, func(key, value []byte) {
		if n++; key == nil || value == nil || len(key)+len(value) > 0 {
			t.Fatalf("%v %v", key, value)
		}
	})
	if n != 1 {
		t.Fatalf("%d changes", n)
	}
	full := r.Accepted()
	n = 0
	Version{}.Changes(full, func(key, value []byte) {
		if n++; key == nil || value != nil {
			t.Fatalf("%v %v", key, value)
		}
	})
	if n != 1 {
		t.Fatalf("%d changes back", n)
	}
}

// TestChangesSkipsSharedChunks: after one write into many entries only its chunk is read.
func TestChangesSkipsSharedChunks(t *testing.T) {
	r := million()
	before := r.Accepted()
	r.Apply([]Change{{Key: fmt.Appendf(nil, "key-%010d", 500_000), Value: []byte("new")}})
	r.Accept()
	now := r.Accepted()
	shared := map[*chunk]bool{}
	for at := (place{}); before.at(at) != nil; at = before.next(at) {
		shared[before.at(at)] = true
	}
	fresh := 0
	for at := (place{}); now.at(at) != nil; at = now.next(at) {
		if !shared[now.at(at)] {
			fresh++
		}
	}
	if fresh > 2 {
		t.Fatalf("%d chunks are new", fresh)
	}
	if n := testing.AllocsPerRun(3, func() { now.Changes(before, func(_, _ []byte) {}) }); n > 0 {
		t.Fatalf("%v allocations", n)
	}
}

func million() *Runs {
	var r Runs
	var all []Change
	for i := range 1_000_000 {
		all = append(all, Change{fmt.Appendf(nil, "key-%010d", i), []byte("0123456789abcdef")})
	}
	r.Apply(all)
	r.Accept()
	return &r
}

// BenchmarkChanges finds 10,000 changed entries among a million.
func BenchmarkChanges(b *testing.B) {
	r := million()
	before := r.Accepted()
	for _, gap := range []int{1, 100} {
		var batch []Change
		for i := range 10_000 {
			batch = append(batch, Change{fmt.Appendf(nil, "key-%010d", i*gap), []byte("new")})
		}
		r.Apply(batch)
		b.Run(fmt.Sprintf("gap=%d", gap), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				r.Version().Changes(before, func(_, _ []byte) { n++ })
				if n != len(batch) {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(batch)), "us/change")
		})
		r.Discard()
	}
}
