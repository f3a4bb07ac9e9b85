package app

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/state"
)

// sortedMap is the base of an overlay in tests: a plain sorted list.
type sortedMap []state.Change

func (m sortedMap) ProbeSorted(keys [][]byte, visit func(int, []byte)) {
	for i, k := range keys {
		at, ok := slices.BinarySearchFunc(m, k, func(c state.Change, k []byte) int {
			return bytes.Compare(c.Key, k)
		})
		if ok {
			visit(i, m[at].Value)
		} else {
			visit(i, nil)
		}
	}
}

func (m sortedMap) Scan(lo, hi []byte, visit func(k, v []byte) bool) {
	for _, c := range m {
		if bytes.Compare(c.Key, lo) >= 0 && (hi == nil || bytes.Compare(c.Key, hi) < 0) {
			if !visit(c.Key, c.Value) {
				return
			}
		}
	}
}

func fromMap(m map[string]string) (out sortedMap) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, state.Change{Key: []byte(k), Value: []byte(m[k])})
	}
	return out
}

// TestOverlayAgainstMap drives an overlay and a plain map with the same writes and undos.
func TestOverlayAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		val := rapid.SampledFrom([]string{"1", "2", "3"})
		base := rapid.MapOf(key, val).Draw(t, "base")
		o, want := newOverlay(fromMap(base)), maps.Clone(base)
		for step := range rapid.IntRange(0, 8).Draw(t, "steps") {
			saved, mark := maps.Clone(want), o.mark()
			for range rapid.IntRange(0, 4).Draw(t, fmt.Sprint("writes", step)) {
				k := key.Draw(t, "key")
				if rapid.Bool().Draw(t, "delete") {
					o.set([]byte(k), nil)
					delete(want, k)
				} else {
					v := val.Draw(t, "value")
					o.set([]byte(k), []byte(v))
					want[k] = v
				}
			}
			if rapid.Bool().Draw(t, "undo") {
				o.undo(mark)
				want = saved
			}
		}
		checkOverlay(t, o, base, want)
	})
}

func checkOverlay(t *rapid.T, o *overlay, base, want map[string]string) {
	lo, hi := []byte("b"), []byte("e")
	var got, wanted []string
	o.Scan(lo, hi, func(k, v []byte) bool { got = append(got, string(k)+string(v)); return true })
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if k >= "b" && k < "e" {
			wanted = append(wanted, k+want[k])
		}
	}
	if !slices.Equal(got, wanted) {
		t.Fatalf("scan %v, want %v", got, wanted)
	}
	after := maps.Clone(base)
	for _, c := range o.net() {
		if c.Value == nil {
			if _, ok := after[string(c.Key)]; !ok {
				t.Fatalf("net deletes %q, which base does not hold", c.Key)
			}
			delete(after, string(c.Key))
		} else {
			if after[string(c.Key)] == string(c.Value) {
				t.Fatalf("net writes %q again", c.Key)
			}
			after[string(c.Key)] = string(c.Value)
		}
	}
	if !maps.Equal(after, want) {
		t.Fatalf("net gives %v, want %v", after, want)
	}
}
