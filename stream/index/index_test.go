package index_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/catalog"
	"weir/stream/index"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// table is (id int4 primary key, n int4, t text, d numeric).
func table() *catalog.Relation {
	return &catalog.Relation{
		ID: 1024, Name: "t", Kind: catalog.Table, Version: 1, Key: []int{0},
		Columns: []catalog.Column{
			{Name: "id", Type: value.Of(value.Int4)},
			{Name: "n", Type: value.Of(value.Int4)},
			{Name: "t", Type: value.Of(value.Text)},
			{Name: "d", Type: value.Of(value.Float8)},
		},
	}
}

func drawIndex(t *rapid.T) *catalog.Index {
	x := &catalog.Index{ID: 1025, Name: "x", Of: 1024}
	for range rapid.IntRange(1, 3).Draw(t, "columns") {
		x.Columns = append(x.Columns, catalog.IndexColumn{
			Column: rapid.IntRange(0, 3).Draw(t, "column"),
			Desc:   rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first"),
		})
	}
	return x
}

// long is text that is cut, at places around where it is.
func long(t *rapid.T) string {
	s := strings.Repeat("l", index.MaxColumnBytes-rapid.IntRange(-3, 12).Draw(t, "length"))
	return s + rapid.SampledFrom([]string{"", "a", "b", "\x01"}).Draw(t, "end")
}

func drawValue(t *rapid.T, column int) value.Datum {
	if rapid.IntRange(0, 4).Draw(t, "null") == 0 && column > 0 {
		return value.NullDatum
	}
	switch column {
	case 2:
		if rapid.IntRange(0, 3).Draw(t, "long") == 0 {
			return value.NewText(long(t))
		}
		return value.NewText(rapid.SampledFrom([]string{"", "a", "a\x01", "a\xC3\xBF", "b"}).Draw(t, "t"))
	case 3:
		f := rapid.SampledFrom([]float64{-1.5, 0, 2, 1e300}).Draw(t, "f")
		return value.Datum{Kind: value.Float8, F: f}
	}
	return value.Datum{Kind: value.Int4, I: rapid.Int64Range(-3, 3).Draw(t, "i")}
}

func drawRow(t *rapid.T) []value.Datum {
	out := make([]value.Datum, 4)
	for i := range out {
		out[i] = drawValue(t, i)
	}
	return out
}

func keyOf(vals []value.Datum) []byte { return row.AppendKeyDatums(nil, vals[:1]) }

// compare orders two values as a column of an index does.
func compare(c catalog.IndexColumn, a, b value.Datum) int {
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull() || b.IsNull():
		if a.IsNull() == c.NullsFirst {
			return -1
		}
		return 1
	case c.Desc:
		return value.Compare(b, a)
	}
	return value.Compare(a, b)
}

// length is that of the columns in a key that is not cut.
func length(x *catalog.Index, vals []value.Datum) (n int) {
	for _, c := range x.Columns {
		n += len(row.AppendKeyDatum(nil, vals[c.Column]))
	}
	return n
}

// TestOrder: keys sort as the values do, then as the rows' own keys; of what is cut, equal
// beginnings come in any order of the rest, and different rows have different keys.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, a, b := drawIndex(t), drawRow(t), drawRow(t)
		ka := index.AppendKeyDatums(nil, x, a, keyOf(a))
		kb := index.AppendKeyDatums(nil, x, b, keyOf(b))
		if n := len(ka); n > 1+index.MaxColumnBytes+row.MaxKey {
			t.Fatalf("a key of %d bytes", n)
		}
		got, want := bytes.Compare(ka, kb), 0
		for _, c := range x.Columns {
			if want = compare(c, a[c.Column], b[c.Column]); want != 0 {
				break
			}
		}
		if want == 0 {
			want = bytes.Compare(keyOf(a), keyOf(b))
		}
		cut := length(x, a) > index.MaxColumnBytes && length(x, b) > index.MaxColumnBytes &&
			bytes.Equal(ka[:1+index.MaxColumnBytes], kb[:1+index.MaxColumnBytes])
		if cut {
			want = bytes.Compare(keyOf(a), keyOf(b))
		}
		if got != want {
			t.Fatalf("%v and %v by %+v: %d, want %d", a, b, x.Columns, got, want)
		}
	})
}

// TestBounds: every row that fits the points and edges has a key within the bounds, and no other
// unless a key is cut.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndex(t)
		n := rapid.IntRange(0, len(x.Columns)).Draw(t, "points")
		var points [][]byte
		var at []value.Datum
		for _, c := range x.Columns[:n] {
			d := drawValue(t, c.Column)
			at = append(at, d)
			points = append(points, row.AppendKeyDatum(nil, d))
		}
		var from, to *index.Edge
		var low, high value.Datum
		if n < len(x.Columns) {
			edge := func(name string) (*index.Edge, value.Datum) {
				d := drawValue(t, x.Columns[n].Column)
				if d.IsNull() {
					return nil, d
				}
				past := rapid.Bool().Draw(t, name)
				return &index.Edge{Part: row.AppendKeyDatum(nil, d), Past: past}, d
			}
			from, low = edge("from")
			to, high = edge("to")
		}
		lo, hi := index.Bounds(x, points, from, to)
		if bytes.Compare(lo, hi) > 0 || lo[0] != row.KeyTag || hi[0] > row.KeyTag+1 {
			t.Fatalf("bounds %x to %x", lo, hi)
		}
		for range 10 {
			r := drawRow(t)
			fits := true
			for i, d := range at {
				fits = fits && compare(x.Columns[i], d, r[x.Columns[i].Column]) == 0
			}
			if from != nil || to != nil {
				v := r[x.Columns[n].Column]
				fits = fits && !v.IsNull() && above(from, low, v) && !above(to, high, v) ||
					fits && !v.IsNull() && above(from, low, v) && to == nil
			}
			k := index.AppendKeyDatums(nil, x, r, keyOf(r))
			inside := bytes.Compare(lo, k) <= 0 && bytes.Compare(k, hi) < 0
			short := max(len(lo), len(hi), len(k)) < index.MaxColumnBytes
			if fits && !inside || short && inside != fits {
				t.Fatalf("row %v fits=%t, key %x inside=%t of %x to %x", r, fits, k, inside, lo, hi)
			}
		}
	})
}

// above reports whether v lies above an edge at d; every value lies above none.
func above(e *index.Edge, d, v value.Datum) bool {
	if e == nil {
		return true
	}
	c := value.Compare(v, d)
	return c > 0 || c == 0 && !e.Past
}

// TestMoves: an index that follows the net changes of its relation is what it would be if it were
// made anew, also while it is being filled.
func TestMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def, x := table(), drawIndex(t)
		decode, err := index.Decoder(def)
		if err != nil {
			t.Fatal(err)
		}
		var rows, entries state.Runs
		var read []byte // how far it is filled; nil: wholly
		filling := rapid.Bool().Draw(t, "filling")
		if filling {
			read = []byte{}
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			net := drawNet(t, rows.Version())
			moved := index.NewMoves(def, decode, net, rows.Version()).Of(x, read)
			rows.Apply(net)
			entries.Apply(ascending(t, moved))
			if filling && rapid.Bool().Draw(t, "fill") {
				var next []state.Change
				rows.Version().Scan(append(bytes.Clone(read), 0), nil, func(key, entry []byte) bool {
					next = append(next, state.Change{Key: bytes.Clone(key), Value: bytes.Clone(entry)})
					return len(next) < 2
				})
				entries.Apply(ascending(t, index.Fill(def, x, decode, next)))
				if len(next) > 0 {
					read = next[len(next)-1].Key
				}
			}
			check(t, x, rows.Version(), entries.Version(), read)
		}
	})
}

// drawNet draws net changes: none writes what is there.
func drawNet(t *rapid.T, rows state.Reader) []state.Change {
	byKey := map[string]state.Change{}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		r := drawRow(t)
		c := state.Change{Key: keyOf(r)}
		if rapid.IntRange(0, 3).Draw(t, "delete") > 0 {
			c.Value = row.AppendEntryDatums(nil, 1, r)
		}
		rows.ProbeSorted([][]byte{c.Key}, func(_ int, old []byte) {
			if !bytes.Equal(old, c.Value) {
				byKey[string(c.Key)] = c
			}
		})
	}
	var out []state.Change
	for _, c := range byKey {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b state.Change) int { return bytes.Compare(a.Key, b.Key) })
	return out
}

func ascending(t *rapid.T, list []state.Change) []state.Change {
	for i := 1; i < len(list); i++ {
		if bytes.Compare(list[i-1].Key, list[i].Key) >= 0 {
			t.Fatalf("keys %x and %x do not ascend", list[i-1].Key, list[i].Key)
		}
	}
	return list
}

func check(t *rapid.T, x *catalog.Index, rows, entries state.Reader, read []byte) {
	want := map[string]string{}
	rows.Scan(nil, nil, func(key, entry []byte) bool {
		if read != nil && bytes.Compare(key, read) > 0 {
			return true
		}
		types, _, _ := table().Growth()
		_, vals, err := row.DecodeEntry(types, entry)
		if err != nil {
			t.Fatal(err)
		}
		want[string(index.AppendKeyDatums(nil, x, vals, key))] = string(entry)
		return true
	})
	n := 0
	entries.Scan(nil, nil, func(key, entry []byte) bool {
		n++
		if w, ok := want[string(key)]; !ok || w != string(entry) {
			t.Fatalf("entry %x = %x, want %x", key, entry, w)
		}
		return true
	})
	if n != len(want) {
		t.Fatalf("%d entries, want %d", n, len(want))
	}
}
