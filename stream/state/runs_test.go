package state

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRunsAgainstMap drives Runs with random sorted batches, bounds and discards beside a map.
func TestRunsAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Runs
		cur, accepted := map[string]string{}, map[string]string{}
		space := rapid.SampledFrom([]int{10, 400, 5000, branches}).Draw(t, "space")
		if space == branches {
			fill(&r, cur, accepted)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				r.Discard()
				cur = maps.Clone(accepted)
			case 1:
				r.Accept()
				accepted = maps.Clone(cur)
			case 2:
				bound := fmt.Sprintf("%05d", rapid.IntRange(0, space).Draw(t, "bound"))
				want := 0
				for k := range cur {
					if k < bound {
						delete(cur, k)
						want++
					}
				}
				if got := r.FreeBelow([]byte(bound)); got != want {
					t.Fatalf("FreeBelow(%s) = %d, want %d", bound, got, want)
				}
			case 3, 4, 5:
				update(t, &r, cur, space)
			default:
				r.Apply(draw(t, cur, space))
			}
			same(t, r.Version(), cur, space)
			same(t, r.Accepted(), accepted, space)
		}
		r.Accept()
		reload(t, &r)
	})
}

// branches is a number of keys that needs several branches.
const branches = 30_000

// fill writes and accepts every second key.
func fill(r *Runs, cur, accepted map[string]string) {
	var all []Change
	for i := 0; i < branches; i += 2 {
		k := fmt.Sprintf("%05d", i)
		all = append(all, Change{Key: []byte(k), Value: []byte("x")})
		cur[k], accepted[k] = "x", "x"
	}
	r.Apply(all)
	r.Accept()
}

func draw(t *rapid.T, cur map[string]string, space int) []Change {
	set := map[string][]byte{}
	for range rapid.IntRange(1, 300).Draw(t, "writes") {
		k := fmt.Sprintf("%05d", rapid.IntRange(0, space).Draw(t, "k"))
		if rapid.IntRange(0, 2).Draw(t, "del") == 0 {
			set[k] = nil
			delete(cur, k)
			continue
		}
		v := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "v"))
		set[k], cur[k] = []byte(v), v
	}
	var out []Change
	for _, k := range slices.Sorted(maps.Keys(set)) {
		out = append(out, Change{Key: []byte(k), Value: set[k]})
	}
	return out
}

// update writes through Update, which also says what was there and can leave it.
func update(t *rapid.T, r *Runs, cur map[string]string, space int) {
	was, left := maps.Clone(cur), rapid.SampledFrom([]int{1, 3, 50}).Draw(t, "left")
	batch := draw(t, cur, space)
	keys := make([][]byte, len(batch))
	for i, c := range batch {
		keys[i] = c.Key
		if i%left != 0 { // a few are visited and left as they are
			continue
		}
		if old, ok := was[string(c.Key)]; ok {
			cur[string(c.Key)] = old
		} else {
			delete(cur, string(c.Key))
		}
	}
	next := 0
	r.Update(keys, func(i int, old []byte) ([]byte, bool) {
		want, ok := was[string(keys[i])]
		if i != next || ok != (old != nil) || string(old) != want {
			t.Fatalf("visit %d of key %s: %q, want %d, %q", i, keys[i], old, next, want)
		}
		next++
		return batch[i].Value, i%left != 0
	})
	if next != len(keys) {
		t.Fatalf("%d of %d keys were visited", next, len(keys))
	}
}

// shape checks the sizes of branches and of what they hold.
func shape(t *rapid.T, v Version) {
	for _, br := range v.branches {
		entries, size := 0, 0
		for _, l := range br.links {
			if l.len() != int(l.entries) || len(l.data) != int(l.bytes) || l.len() > chunkMax {
				t.Fatalf("a link says %d entries, %d bytes; %d, %d", l.entries, l.bytes, l.len(),
					len(l.data))
			}
			entries, size = entries+l.len(), size+len(l.data)
		}
		if n := len(br.links); n == 0 || n > branchMax || br.entries != entries || br.bytes != size {
			t.Fatalf("a branch of %d chunks with %d entries, says %d", n, entries, br.entries)
		}
	}
	if most := v.entries/chunkMin/branchMin + 3; len(v.branches) > most {
		t.Fatalf("%d branches for %d entries", len(v.branches), v.entries)
	}
}

func same(t *rapid.T, v Version, want map[string]string, space int) {
	shape(t, v)
	keys := slices.Sorted(maps.Keys(want))
	n, size := 0, 0
	v.Scan(nil, nil, func(k, val []byte) bool {
		if n >= len(keys) || string(k) != keys[n] || string(val) != want[keys[n]] {
			t.Fatalf("entry %d is %s=%s", n, k, val)
		}
		n++
		size += len(k) + len(val)
		return true
	})
	if n != len(keys) || v.Len() != n || v.bytes != size {
		t.Fatalf("%d entries, Len %d, %d bytes; want %d, %d", n, v.Len(), v.bytes, len(keys), size)
	}
	var probe [][]byte
	for i := 0; i < space; i += max(1, space/50) {
		probe = append(probe, fmt.Appendf(nil, "%05d", i))
	}
	v.ProbeSorted(probe, func(i int, val []byte) {
		if w, ok := want[string(probe[i])]; ok != (val != nil) || string(val) != w {
			t.Fatalf("probe %s gave %q, want %q", probe[i], val, w)
		}
	})
	lo := fmt.Sprintf("%05d", space/3)
	at, _ := slices.BinarySearch(keys, lo)
	v.Scan([]byte(lo), nil, func(k, _ []byte) bool {
		if at >= len(keys) || string(k) != keys[at] {
			t.Fatalf("scan from %s starts at %s", lo, k)
		}
		return false
	})
}

func reload(t *rapid.T, r *Runs) {
	var keys, vals [][]byte
	r.Save(func(k, v []byte) {
		keys, vals = append(keys, bytes.Clone(k)), append(vals, bytes.Clone(v))
	})
	var z Runs
	i := -1
	err := z.Load(func() ([]byte, []byte, bool) {
		if i++; i >= len(keys) {
			return nil, nil, false
		}
		return keys[i], append([]byte{}, vals[i]...), true
	})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := z.Size()
	if m, _ := r.Size(); n != m {
		t.Fatalf("%d entries after Load, want %d", n, m)
	}
}

// TestLoadRefusesDisorder checks that Load takes only strictly ascending keys.
func TestLoadRefusesDisorder(t *testing.T) {
	for _, keys := range [][]string{{"b", "a"}, {"a", "a"}} {
		i := -1
		var r Runs
		err := r.Load(func() ([]byte, []byte, bool) {
			if i++; i >= len(keys) {
				return nil, nil, false
			}
			return []byte(keys[i]), []byte{1}, true
		})
		if err == nil {
			t.Errorf("%v was loaded", keys)
		}
	}
}

// BenchmarkApply writes 1,000 entries into a million: spread evenly, or next to each other.
func BenchmarkApply(b *testing.B) {
	var r Runs
	var all []Change
	for i := range 1_000_000 {
		all = append(all, Change{fmt.Appendf(nil, "key-%010d", i), []byte("0123456789abcdef")})
	}
	r.Apply(all)
	for _, gap := range []int{1, 1000} {
		b.Run(fmt.Sprintf("gap=%d", gap), func(b *testing.B) {
			batch := make([]Change, 1000)
			for i := range batch {
				batch[i] = all[i*gap]
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Apply(batch)
				r.Accept()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/entry")
		})
	}
}

// TestPrevious compares the entry before a cursor with the one that a scan gives.
func TestPrevious(t *testing.T) {
	var r Runs
	var changes []Change
	for i := range 500 {
		changes = append(changes, Change{Key: fmt.Appendf(nil, "%05d", 2*i), Value: []byte{1}})
	}
	r.Apply(changes)
	cur := r.Version().Cursor()
	for i := range 1002 {
		cur.Seek(fmt.Appendf(nil, "%05d", i))
		want := fmt.Sprintf("%05d", min((i-1)/2*2, 998))
		if i == 0 {
			want = ""
		}
		if key, _ := cur.Previous(); string(key) != want {
			t.Fatalf("before %d lies %q, want %q", i, key, want)
		}
	}
	var empty Version
	cur = empty.Cursor()
	if key, _ := cur.Previous(); key != nil {
		t.Fatalf("before nothing lies %q", key)
	}
}
