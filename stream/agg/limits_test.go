package agg

import (
	"strings"
	"testing"

	"weir/stream/value"
)

// TestResultLimits makes results of as many bytes as are allowed, and of one more; equal rows count
// as often as they are there.
func TestResultLimits(t *testing.T) {
	text := value.Of(value.Text)
	column := func(n int) *value.Vec {
		return value.FromDatums(text, value.NewText(strings.Repeat("x", n)), value.NewText("end"))
	}
	empty := value.FromDatums(text, value.NullDatum, value.NewText(""))
	one := func(fold Fold, cols []*value.Vec, weights ...int64) *value.Error {
		_, err := fold(Call{Type: text}, cols, weights)
		return err
	}
	const elem = 1 + 1 // of "" in an array: NULL bits and length
	for _, c := range []struct {
		name string
		make func(more int) *value.Error
	}{
		{"string_agg", func(more int) *value.Error {
			return one(stringAgg, []*value.Vec{column(MaxResult - 3 + more), empty}, 1, 1)
		}},
		{"string_agg of equal rows", func(more int) *value.Error {
			return one(stringAgg, []*value.Vec{column(1), empty}, int64(MaxResult+more))
		}},
		{"array_agg of equal rows", func(more int) *value.Error {
			return one(arrayAgg, []*value.Vec{column(0)}, int64(MaxResult/elem+more))
		}},
		{"jsonb_agg", func(more int) *value.Error { // [" "] around it
			return one(jsonbAgg, []*value.Vec{column(MaxResult - 4 + more)}, 1)
		}},
		{"jsonb_object_agg", func(more int) *value.Error { // {"": " "}
			v := column(MaxResult - 8 + more)
			return one(jsonbObjectAgg, []*value.Vec{value.FromDatums(text, value.NewText("")), v}, 1)
		}},
	} {
		if err := c.make(0); err != nil {
			t.Errorf("%s at the limit: %v", c.name, err)
		}
		if err := c.make(1); err != ErrResultTooLarge {
			t.Errorf("%s beyond the limit: %v", c.name, err)
		}
	}
	if err := one(stringAgg, []*value.Vec{column(0), empty}, 1<<62); err != nil {
		t.Error(err) // nothing, very often
	}
}
