package tree

import (
	"errors"
	"testing"
)

// TestLimits tries every rule of a batch at its limit and one beyond.
func TestLimits(t *testing.T) {
	key := func(n int) []byte { k := make([]byte, n); k[0] = 0x10; return k }
	one := []byte{1}
	for _, c := range []struct {
		name  string
		batch []Change
		ok    bool
	}{
		{"longest key", []Change{{key(KeyMax), one}}, true},
		{"key too long", []Change{{key(KeyMax + 1), one}}, false},
		{"longest value", []Change{{key(1), make([]byte, ValueMax)}}, true},
		{"value too long", []Change{{key(1), make([]byte, ValueMax+1)}}, false},
		{"empty value", []Change{{key(1), []byte{}}}, false},
		{"empty key", []Change{{nil, one}}, false},
		{"low sentinel", []Change{{[]byte{0}, one}}, false},
		{"high sentinel", []Change{{[]byte{0xFF}, nil}}, false},
		{"repeated", []Change{{key(1), one}, {key(1), one}}, false},
		{"unsorted", []Change{{key(2), one}, {key(1), one}}, false},
	} {
		old := New()
		next, err := old.Apply(c.batch)
		if (err == nil) != c.ok || err != nil && (!errors.Is(err, ErrBatch) || next != old) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
