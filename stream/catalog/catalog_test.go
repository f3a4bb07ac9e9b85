package catalog

import (
	"bytes"
	"testing"

	"weir/stream/value"
)

func streamS() *Relation {
	return &Relation{
		Name: "s", Kind: Stream, Owner: "weir", AppendOnly: true,
		Columns:    []Column{{Name: "ts", Type: value.Type{Kind: value.Timestamp}, NotNull: true}},
		Watermarks: []Watermark{{DelayMicros: 300_000_000}},
		Retention:  Retention{Micros: 86_400_000_000, Bytes: 1 << 40},
	}
}

func TestCreateDrop(t *testing.T) {
	c := New()
	rels, err := c.Create(streamS())
	if err != nil || len(rels) != 3 || rels[0].ID != FirstUserID || rels[2].Name != "s_late" {
		t.Fatalf("%v %v", rels, err)
	}
	v := &Relation{Name: "v", Kind: View, Inputs: []uint32{rels[2].ID}}
	if _, err := c.Create(v); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Drop(FirstUserID); err.(*Error).SQLState != "2BP01" {
		t.Fatal(err)
	}
	if deps := c.Dependents(FirstUserID); len(deps) != 1 || deps[0] != v {
		t.Fatal(deps)
	}
	if _, err := c.Drop(v.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Drop(FirstUserID); err != nil || c.Lookup("s_rejected") != nil {
		t.Fatal(err)
	}
	if again, _ := c.Create(streamS()); again[0].ID != FirstUserID+5 {
		t.Fatalf("id %d was used again", again[0].ID)
	}
}

func TestLeaves(t *testing.T) {
	c := New()
	rels, _ := c.Create(streamS())
	for _, r := range rels {
		b := AppendDefinition(nil, r)
		back, err := DecodeDefinition(b)
		if err != nil || !bytes.Equal(AppendDefinition(nil, back), b) {
			t.Fatal(err)
		}
		if back.Retention != r.Retention {
			t.Errorf("retention of %s: %+v", r.Name, back.Retention)
		}
	}
}

func TestWatermarksOfAView(t *testing.T) {
	ts := Column{Name: "ts", Type: value.Type{Kind: value.Timestamp}}
	for _, c := range []struct {
		frozen []int
		ok     bool
	}{{nil, true}, {[]int{1}, true}, {[]int{0, 1}, true}, {[]int{1, 0}, false}, {[]int{2}, false}} {
		v := &Relation{Name: "v", Kind: View, Columns: []Column{ts, ts}, Frozen: c.frozen}
		if _, err := DecodeDefinition(AppendDefinition(nil, v)); (err == nil) != c.ok {
			t.Errorf("columns %v: %v", c.frozen, err)
		}
	}
}

func FuzzDefinition(f *testing.F) {
	f.Add(AppendDefinition(nil, streamS()))
	f.Add(AppendDefinition(nil, versionedTable(2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeDefinition(b); err == nil && !bytes.Equal(AppendDefinition(nil, r), b) {
			t.Fatal("another encoding of the same definition was accepted")
		}
	})
}

func FuzzStatus(f *testing.F) {
	f.Add(AppendStatus(nil, &Status{State: Live}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeStatus(b); err == nil && !bytes.Equal(AppendStatus(nil, s), b) {
			t.Fatal("another encoding of the same status was accepted")
		}
	})
}
