package catalog

import (
	"bytes"
	"testing"

	"weir/stream/value"
)

func sample() *Function {
	return &Function{
		Name: "f", Owner: "weir", SQL: "CREATE FUNCTION f(...)", Strict: true, Functions: 1,
		Args:   []Argument{{"a", value.Of(value.Int4)}, {"", value.Of(value.Text)}},
		Result: value.Of(value.Int8), Body: []byte{1, 2},
	}
}

func TestFunctions(t *testing.T) {
	c := New()
	c.CreateFunction(sample())
	if err := c.CheckNewFunction(sample(), false); err == nil || err.(*Error).SQLState != "42723" {
		t.Errorf("a second one: %v", err)
	}
	later := c.Clone()
	again := sample()
	later.CreateFunction(again)
	if again.ID != FirstUserID || c.FunctionByID(again.ID) == again || later.NextID() != again.ID+1 {
		t.Error("a replacement has the id of what it replaces, and clones do not see it")
	}
	later.DropFunction(again.ID)
	if len(later.Functions("f")) != 0 || len(c.Functions("f")) != 1 {
		t.Error("dropped where it should not be")
	}
	many := sample()
	many.Name = "g"
	for len(many.Args) < MaxFunctionArgs {
		many.Args = append(many.Args, Argument{})
	}
	if err := c.CheckNewFunction(many, false); err != nil {
		t.Errorf("%d arguments: %v", MaxFunctionArgs, err)
	}
	many.Args = append(many.Args, Argument{})
	if err := c.CheckNewFunction(many, false); err == nil || err.(*Error).SQLState != "54023" {
		t.Errorf("%d arguments: %v", MaxFunctionArgs+1, err)
	}
}

func FuzzFunction(f *testing.F) {
	f.Add(AppendFunction(nil, sample()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeFunction(b); err == nil && !bytes.Equal(AppendFunction(nil, r), b) {
			t.Fatal("another encoding of the same function was accepted")
		}
	})
}
