package parse

import (
	"strings"
	"testing"
)

func TestInline(t *testing.T) {
	for _, c := range []struct {
		text string
		args []string
		want string
	}{
		{"SELECT $1, $2 + $1", []string{"'a'::text", "NULL"}, "SELECT 'a'::text, NULL + 'a'::text"},
		{"SELECT '$1', \"$1\", $1 -- $2", []string{"7"}, "SELECT '$1', \"$1\", 7 -- $2"},
		{"SELECT 1", nil, "SELECT 1"},
	} {
		got, err := Inline(c.text, c.args)
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v", c.text, got, err)
		}
	}
	for _, bad := range []string{"SELECT $2", "SELECT $0", "SELECT $99999999999999999999"} {
		if out, err := Inline(bad, []string{"1"}); err == nil {
			t.Errorf("%q gave %q", bad, out)
		}
	}
	at := MaxTextBytes - len("SELECT ") - 2
	if _, err := Inline("SELECT $1", []string{"'" + strings.Repeat("x", at) + "'"}); err != nil {
		t.Error("at the limit:", err)
	}
	if _, err := Inline("SELECT $1", []string{"'" + strings.Repeat("x", at+1) + "'"}); err == nil {
		t.Error("accepted one byte more than the limit")
	}
}
