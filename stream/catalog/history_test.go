package catalog

import (
	"fmt"
	"slices"
	"testing"

	"weir/stream/value"
)

func versionedTable(columns int) *Relation {
	t := &Relation{Name: "t", Kind: Table, Owner: "weir", Versioned: true, Key: []int{1, 0}}
	for i := range columns {
		t.Columns = append(t.Columns, Column{
			Name: fmt.Sprint("c", i), Type: value.Of(value.Int4), NotNull: true,
		})
	}
	return t
}

func TestHistoryOfATable(t *testing.T) {
	c := New()
	made, err := c.Create(versionedTable(3))
	if err != nil || len(made) != 2 {
		t.Fatalf("%v %v", made, err)
	}
	h := made[1]
	if h.Kind != History || h.Name != "t_history" || h.Of != made[0].ID || !h.Stored() ||
		h.AppendOnly || c.HistoryOf(made[0]) != h || c.HistoryOf(h) != nil {
		t.Fatalf("%+v", h)
	}
	if want := []int{3, 2, HistValidFrom}; !slices.Equal(h.Key, want) {
		t.Errorf("the key is %v, not %v", h.Key, want)
	}
	if !slices.Equal(h.Frozen, []int{HistValidFrom}) || h.Columns[4].NotNull ||
		!h.Columns[2].NotNull {
		t.Errorf("%+v", h)
	}
	vals := []value.Datum{value.NewInt4(7), value.NewInt4(8), value.NewInt4(9)}
	for _, deleted := range []bool{false, true} {
		v := made[0].VersionOf(vals, 5, deleted)
		if len(v) != len(h.Columns) || v[HistValidFrom].I != 5 || v[HistDeleted].Bool() != deleted ||
			v[2].I != 7 || v[3].I != 8 || v[4].IsNull() != deleted {
			t.Errorf("deleted %v: %v", deleted, v)
		}
	}
	for _, r := range made {
		back, err := DecodeDefinition(AppendDefinition(nil, r))
		if err != nil || back.Versioned != r.Versioned || !slices.Equal(back.Frozen, r.Frozen) {
			t.Errorf("%s: %+v, %v", r.Name, back, err)
		}
	}
}

// TestHistoryGrowsWithItsTable: columns that are added come behind all others, as row.Shape needs.
func TestHistoryGrowsWithItsTable(t *testing.T) {
	c := New()
	made, _ := c.Create(versionedTable(2))
	next := *made[0]
	next.Version = 2
	next.Columns = append(slices.Clone(next.Columns), Column{
		Name: "more", Type: value.Of(value.Text), NotNull: true, Since: 2, Fill: []byte{1},
	})
	changed := c.Alter(&next)
	if len(changed) != 2 || changed[1].ID != made[1].ID || changed[1].Version != 2 {
		t.Fatalf("%v", changed)
	}
	last := changed[1].Columns[len(changed[1].Columns)-1]
	if last.Name != "more" || last.Since != 2 || len(last.Fill) == 0 || last.NotNull {
		t.Errorf("%+v", last)
	}
}

func TestOnlyTablesAreVersioned(t *testing.T) {
	r := versionedTable(2)
	r.Kind = View
	if _, err := DecodeDefinition(AppendDefinition(nil, r)); err == nil {
		t.Error("a view with history was read")
	}
}

// TestColumnsOfATableWithHistory: the history has more columns than the table, and needs room.
func TestColumnsOfATableWithHistory(t *testing.T) {
	const most = MaxColumns - NumHistoryColumns
	for n, state := range map[int]string{most: "", most + 1: "54011"} {
		r := versionedTable(n)
		err := New().CheckNew(r)
		if e, ok := err.(*Error); (state == "") != (err == nil) || ok && e.SQLState != state {
			t.Errorf("%d columns: %v", n, err)
		}
		r.Versioned = false
		if err := New().CheckNew(r); err != nil {
			t.Errorf("%d columns without history: %v", n, err)
		}
	}
}

// TestNameOfAHistory: the name of the history counts against the limit of names.
func TestNameOfAHistory(t *testing.T) {
	long := make([]byte, MaxNameBytes-len(HistorySuffix))
	for i := range long {
		long[i] = 'x'
	}
	for name, state := range map[string]string{string(long): "", string(long) + "x": "42622"} {
		r := versionedTable(2)
		r.Name = name
		err := New().CheckNew(r)
		if e, ok := err.(*Error); (state == "") != (err == nil) || ok && e.SQLState != state {
			t.Errorf("%d bytes: %v", len(name), err)
		}
	}
}
