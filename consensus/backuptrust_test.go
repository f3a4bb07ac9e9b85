package consensus

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// testChanges moves the changes of the validator set, whose blocks are gone, from the home of a
// stopped node to another one.
func testChanges(t *testing.T, home string) {
	t.Helper()
	c, err := ExportChanges(home)
	if err != nil || c.From != 1 || c.To < 9 || len(c.List) != 2 || c.List[0].Height != 5 {
		t.Fatalf("%+v, %v", c, err)
	}
	other := t.TempDir()
	err = os.CopyFS(filepath.Join(other, "config"), os.DirFS(filepath.Join(home, "config")))
	if err != nil {
		t.Fatal(err)
	}
	// What another home knows, what it gets, and what it knows then: from, to, changes.
	part := func(from, to int64) *Changes {
		p := &Changes{From: from, To: to}
		for _, one := range c.List {
			if one.Height > from && one.Height <= to {
				p.List = append(p.List, one)
			}
			if d, err := decodeTransition(one.Bytes); err == nil && one.Height <= to {
				p.Set = d.First.ValidatorsHash
			} else if err == nil && p.Set == nil {
				p.Set = d.Before.ValidatorsHash
			}
		}
		return p
	}
	for i, x := range []struct {
		has, gets    [2]int64
		from, to     int64
		transitions  int
		setIsTheLast bool
	}{
		{[2]int64{0, 0}, [2]int64{1, c.To}, 1, c.To, 2, true},
		{[2]int64{1, 6}, [2]int64{6, c.To}, 1, c.To, 2, true},
		{[2]int64{4, c.To}, [2]int64{1, 6}, 1, c.To, 2, true},
		{[2]int64{1, c.To}, [2]int64{2, 3}, 1, c.To, 2, true},
		{[2]int64{1, 6}, [2]int64{7, c.To}, 7, c.To, 1, true}, // is block 7 the first of a set?
		{[2]int64{8, c.To}, [2]int64{1, 6}, 1, 6, 1, false},
	} {
		if err := os.RemoveAll(filepath.Join(other, "data")); err != nil {
			t.Fatal(err)
		}
		for _, span := range [][2]int64{x.has, x.gets} {
			if err := ImportChanges(other, "data", part(span[0], span[1])); err != nil {
				t.Fatalf("case %d: %v", i, err)
			}
		}
		s, err := OpenStores(other)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.trust.changes()
		if err != nil || got.From != x.from || got.To != x.to || len(got.List) != x.transitions ||
			bytes.Equal(got.Set, c.Set) != x.setIsTheLast {
			t.Errorf("case %d: from %d to %d, %d transitions, %v", i, got.From, got.To,
				len(got.List), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	testChangesRefused(t, other, c)
}

// testChangesRefused imports changes with one thing wrong.
func testChangesRefused(t *testing.T, home string, c *Changes) {
	t.Helper()
	changed := func(f func(c *Changes)) *Changes {
		n := *c
		n.List = append([]Change(nil), c.List...)
		for i := range n.List {
			n.List[i].Bytes = bytes.Clone(n.List[i].Bytes)
		}
		f(&n)
		return &n
	}
	for i, f := range []func(c *Changes){
		func(c *Changes) { c.List[0].Height++ },
		func(c *Changes) { c.List[0], c.List[1] = c.List[1], c.List[0] },
		func(c *Changes) { c.List = c.List[:1] },
		func(c *Changes) { c.Set = c.Set[1:] },
		func(c *Changes) { c.To = c.List[1].Height - 1 },
		func(c *Changes) { c.From = c.List[0].Height },
		func(c *Changes) { c.From = 0 },
		func(c *Changes) { c.To = 0 },
	} {
		if err := ImportChanges(home, "data", changed(f)); err == nil {
			t.Errorf("change %d is taken", i)
		}
	}
	for _, i := range []int{0, 1} {
		for at := 0; at < len(c.List[i].Bytes); at += 7 {
			bad := changed(func(c *Changes) { c.List[i].Bytes[at] ^= 1 })
			if err := bad.verify("t"); err == nil {
				same, err1 := decodeTransition(bad.List[i].Bytes)
				want, err2 := decodeTransition(c.List[i].Bytes)
				if err1 != nil || err2 != nil || !bytes.Equal(same.First.Hash(), want.First.Hash()) ||
					!bytes.Equal(same.Before.Hash(), want.Before.Hash()) {
					t.Errorf("transition %d with a bit of byte %d flipped is taken", i, at)
				}
			}
		}
	}
}
