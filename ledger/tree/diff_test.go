package tree

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestDiff compares two trees with a common past with what their entries say.
func TestDiff(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(from *Tree, name string) *Tree {
			for range rapid.IntRange(0, 4).Draw(rt, name) {
				var batch []Change
				at := rapid.IntRange(0, 3000).Draw(rt, "at")
				step := rapid.IntRange(1, 9).Draw(rt, "step")
				value := rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "value")
				for i := range rapid.IntRange(1, 300).Draw(rt, "n") {
					c := Change{Key: fmt.Appendf(nil, "\x10k%05d", at+i*step)}
					if value != "" {
						c.Value = []byte(value)
					}
					batch = append(batch, c)
				}
				from = mustApply(rt, from, batch)
				from.Root()
			}
			return from
		}
		base := draw(New(), "base")
		base.Root()
		a, b := draw(base, "a"), draw(base, "b")
		want := map[string][2]string{}
		for i, tr := range []*Tree{a, b} {
			tr.Scan(nil, nil, func(k, v []byte) bool {
				e := want[string(k)]
				e[i] = string(v)
				want[string(k)] = e
				return true
			})
		}
		for k, e := range want {
			if e[0] == e[1] {
				delete(want, k)
			}
		}
		var last []byte
		Diff(a, b, func(k, v, w []byte) bool {
			if bytes.Compare(last, k) >= 0 || want[string(k)] != [2]string{string(v), string(w)} {
				rt.Fatalf("key %q: %q and %q", k, v, w)
			}
			last = bytes.Clone(k)
			delete(want, string(k))
			return true
		})
		if len(want) > 0 {
			rt.Fatalf("not found: %v", want)
		}
	})
}
