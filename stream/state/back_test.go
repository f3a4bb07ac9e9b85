package state

import (
	"fmt"
	"testing"
)

// TestBack walks a version of several branches backwards from every kind of place.
func TestBack(t *testing.T) {
	var r Runs
	var all []Change
	for i := range 10_000 {
		all = append(all, Change{fmt.Appendf(nil, "%05d", 2*i), []byte{1}})
	}
	r.Apply(all)
	c := r.Version().Cursor()
	if c.Back() {
		t.Error("there is something before the first entry")
	}
	for _, from := range []int{0, 1, 2, 6143, 6144, 6145, 9999, 10_000} {
		c := r.Version().Cursor()
		if from == len(all) {
			c.SeekEnd()
		} else {
			c.Seek(fmt.Appendf(nil, "%05d", max(0, 2*from-1)))
		}
		for i := from - 1; i >= 0; i-- {
			if !c.Back() {
				t.Fatalf("nothing before entry %d", i+1)
			}
			if k, _ := c.Entry(); string(k) != string(all[i].Key) {
				t.Fatalf("entry %s before entry %s", k, all[i+1].Key)
			}
		}
		if c.Back() {
			t.Error("there is something before the first entry")
		}
		c.Seek([]byte("01000"))
		if k, _ := c.Entry(); string(k) != "01000" {
			t.Errorf("a seek after going back finds %s", k)
		}
	}
	empty := Version{}.Cursor()
	if empty.SeekEnd(); empty.Back() {
		t.Error("an empty version has an entry")
	}
}
