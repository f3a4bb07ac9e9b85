package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/catalog"
	"weir/stream/value"
)

func indexed(t *testing.T) *catalog.Catalog {
	t.Helper()
	c := catalog.New()
	for _, name := range []string{"t", "u"} {
		_, err := c.Create(&catalog.Relation{
			Name: name, Kind: catalog.Table, Key: []int{0}, Columns: []catalog.Column{
				{Name: "a", Type: value.Of(value.Int4)}, {Name: "b", Type: value.Of(value.Text)},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func indexOf(c *catalog.Catalog, relation, name string, columns int) *catalog.Index {
	x := &catalog.Index{Name: name, Of: c.Lookup(relation).ID}
	for i := range columns {
		x.Columns = append(x.Columns, catalog.IndexColumn{Column: i % 2})
	}
	return x
}

func refused(t *testing.T, err error, state string) {
	t.Helper()
	if e, ok := errors.AsType[*catalog.Error](err); !ok || e.SQLState != state {
		t.Errorf("%v, want %s", err, state)
	}
}

func TestIndexLimits(t *testing.T) {
	c := indexed(t)
	if err := c.CheckNewIndex(indexOf(c, "t", "wide", catalog.MaxIndexColumns)); err != nil {
		t.Error(err)
	}
	refused(t, c.CheckNewIndex(indexOf(c, "t", "wide", catalog.MaxIndexColumns+1)), "54011")
	for i := range catalog.MaxIndexes {
		if err := c.CreateIndex(indexOf(c, "t", fmt.Sprint("i", i), 1)); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, c.CreateIndex(indexOf(c, "t", "more", 1)), "54000")
	if err := c.CreateIndex(indexOf(c, "u", "more", 1)); err != nil {
		t.Error(err)
	}
	c.DropIndex(c.LookupIndex("i3").ID)
	if err := c.CreateIndex(indexOf(c, "t", "again", 1)); err != nil {
		t.Error(err)
	}
}

func TestIndexNames(t *testing.T) {
	c := indexed(t)
	if err := c.CreateIndex(indexOf(c, "t", "i", 2)); err != nil {
		t.Fatal(err)
	}
	refused(t, c.CheckNewIndex(indexOf(c, "t", "u", 1)), "42P07")
	refused(t, c.CheckNewIndex(indexOf(c, "u", "i", 1)), "42P07")
	refused(t, c.CheckNewIndex(indexOf(c, "u", "pg_i", 1)), "42939")
	refused(t, c.CheckNew(&catalog.Relation{Name: "i", Kind: catalog.Table}), "42P07")
	before := c.Clone()
	id := c.LookupIndex("i").ID
	if _, err := c.Drop(c.Lookup("t").ID); err != nil {
		t.Fatal(err)
	}
	if c.IndexByID(id) != nil || len(c.Indexes(0)) != 0 || before.IndexByID(id) == nil {
		t.Error("an index outlived its table, or a clone shares them")
	}
}

// TestIndexLoad refuses indexes that no statement could have made.
func TestIndexLoad(t *testing.T) {
	c := indexed(t)
	x := indexOf(c, "t", "i", 2)
	if err := c.CreateIndex(x); err != nil {
		t.Fatal(err)
	}
	got, err := catalog.Load(c.All(), nil, c.Indexes(0), c.NextID())
	if err != nil || got.LookupIndex("i") != x {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(x *catalog.Index){
		"relation": func(x *catalog.Index) { x.Of = 7 },
		"column":   func(x *catalog.Index) { x.Columns[0].Column = 2 },
		"name":     func(x *catalog.Index) { x.Name = "u" },
		"id":       func(x *catalog.Index) { x.ID = c.NextID() },
	} {
		bad := *x
		bad.Columns = append([]catalog.IndexColumn(nil), x.Columns...)
		edit(&bad)
		if _, err := catalog.Load(c.All(), nil, []*catalog.Index{&bad}, c.NextID()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestIndexCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := &catalog.Index{
			ID: rapid.Uint32().Draw(t, "id"), Of: rapid.Uint32().Draw(t, "of"),
			Name: rapid.String().Draw(t, "name"), SQL: rapid.String().Draw(t, "sql"),
		}
		for range rapid.IntRange(1, catalog.MaxIndexColumns).Draw(t, "columns") {
			x.Columns = append(x.Columns, catalog.IndexColumn{
				Column: rapid.IntRange(0, catalog.MaxColumns-1).Draw(t, "column"),
				Desc:   rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls"),
			})
		}
		b := catalog.AppendIndex(nil, x)
		got, err := catalog.DecodeIndex(b)
		if err != nil || !bytes.Equal(catalog.AppendIndex(nil, got), b) {
			t.Fatalf("%x: %v", b, err)
		}
		for n := range b {
			if _, err := catalog.DecodeIndex(b[:n]); err == nil {
				t.Fatalf("%d of %d bytes decode", n, len(b))
			}
		}
		if _, err := catalog.DecodeIndex(append(b, 0)); err == nil {
			t.Fatal("a byte too many decodes")
		}
	})
}

func FuzzDecodeIndex(f *testing.F) {
	f.Add(catalog.AppendIndex(nil, &catalog.Index{
		ID: 1030, Of: 1024, Name: "i", SQL: "CREATE INDEX i ON t (a)",
		Columns: []catalog.IndexColumn{{Column: 1, Desc: true}},
	}))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := catalog.DecodeIndex(b)
		if err == nil && !bytes.Equal(catalog.AppendIndex(nil, x), b) {
			t.Fatalf("%x decodes to something else", b)
		}
	})
}
