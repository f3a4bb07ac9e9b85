package operator

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/row"
	"weir/stream/value"
)

// TestGroupsByHashAndBySort numbers random keys in both ways: the groups are the same and are
// those of the keys' bytes.
func TestGroupsByHashAndBySort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "rows")
		k, d := value.NewVec(value.Of(value.Text), n), value.NewVec(value.Of(value.Numeric), n)
		for range n {
			if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
				k.AppendNull()
			} else {
				k.AppendBytes([]byte(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "k")))
			}
			scale := rapid.IntRange(0, 2).Draw(t, "scale") // 1, 1.0 and 1.00 are one key
			c := int64(rapid.IntRange(0, 1).Draw(t, "n"))
			for range scale {
				c *= 10
			}
			d.AppendDecimal(value.Decimal{Coef: value.Int128FromInt64(c), Scale: uint8(scale)})
		}
		cols := []*value.Vec{k, d}
		var hashed, sorted localTable
		a := hashed.assign(cols, n)
		sorted.of = resize(sorted.of, n)
		sorted.numberBySort(cols, n)
		groups := map[string]int32{}
		pair := map[string]bool{}
		for i := range n {
			key := string(row.AppendKey(nil, cols, i))
			if g, ok := groups[key]; ok && g != a[i] {
				t.Fatalf("key %x is in groups %d and %d", key, g, a[i])
			}
			groups[key] = a[i]
			if string(hashed.key(a[i])) != key {
				t.Fatalf("group %d has key %x, row %d has %x", a[i], hashed.key(a[i]), i, key)
			}
			pair[fmt.Sprint(a[i], sorted.of[i])] = true
		}
		if len(groups) != hashed.len() || len(sorted.first) != hashed.len() ||
			len(pair) != hashed.len() {
			t.Fatalf("%d keys, %d and %d groups", len(groups), hashed.len(), len(sorted.first))
		}
	})
}

// TestCollidingKeysAreSorted gives the table keys that hash alike: it must give up hashing soon.
func TestCollidingKeysAreSorted(t *testing.T) {
	const n = 5000
	var lt localTable
	v := value.NewVec(value.Of(value.Int8), n)
	h := []uint64{0}
	for x := int64(0); v.Len() < n; x++ { // keys whose slots lie close together
		one := value.NewVecInts(value.Of(value.Int8), []int64{x}, nil)
		h[0] = 0
		one.HashInto(h)
		if h[0]&0x3FFF < 64 {
			v.AppendInt(x)
		}
	}
	lt.of = resize(lt.of, n)
	if lt.number([]*value.Vec{v}, n) {
		t.Fatal("colliding keys were all hashed")
	}
	of := lt.assign([]*value.Vec{v}, n)
	for i, g := range of {
		if lt.len() != n || string(lt.key(g)) != string(row.AppendKey(nil, []*value.Vec{v}, i)) {
			t.Fatalf("row %d is in group %d of %d", i, g, lt.len())
		}
	}
}
