package value_test

import (
	"testing"

	"weir/stream/value"
)

// FuzzJSONMember: the scan finds what the tree has.
func FuzzJSONMember(f *testing.F) {
	f.Add(`{"a": 1, "bb": {"a": [1, "}"]}, "\"": null}`, "bb")
	f.Add(`{"a\n": "x\\"}`, "a\n")
	f.Fuzz(func(t *testing.T, s, key string) {
		text, err := value.ParseJSON(s)
		if err != nil {
			return
		}
		want, ok := value.ReadJSON(text).Member(key)
		got := value.JSONMember([]byte(text), []byte(key))
		if ok != (got != nil) || ok && string(got) != string(want.AppendText(nil)) {
			t.Fatalf("%s of %s: %s, %v", key, text, got, ok)
		}
	})
}
